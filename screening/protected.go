package screening

import (
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// protected is a number that is never blocked, and whose it is, in words that fit after "the number of".
type protected struct {
	number Number
	whose  string
}

// britain holds the numbers, besides 999 and 112, that are never turned away on a line in the United Kingdom. Anybody can fake a number, and one that
// is never turned away is worth faking, so the list is limited to help where life and limb are in danger. Left out on purpose are 119, which people
// ring to book vaccinations and which rings nobody; and 159, the way to one's own bank, of which Stop Scams UK says "159 will never call you":
// whoever shows it is a fraudster.
var britain = []protected{
	{"101", "the police"},                              // gov.uk/contact-police; Ofcom, National Telephone Numbering Plan
	{"111", "the NHS"},                                 // nhs.uk/nhs-services/urgent-and-emergency-care-services; Ofcom 2009
	{"105", "the electricity network"},                 // Ofcom 2015, "A three-digit number for the national power cut ... service"
	{"116000", "the missing children helpline"},        // Ofcom, register of 116 numbers: Missing People
	{"116111", "Childline"},                            // Ofcom, register of 116 numbers: NSPCC
	{"116123", "the Samaritans"},                       // Ofcom, register of 116 numbers: Samaritans
	{"+448001111", "Childline"},                        // nspcc.org.uk, 0800 1111
	{"+44800111999", "the gas emergency service"},      // hse.gov.uk/gas, 0800 111 999: England, Scotland and Wales
	{"+44800002001", "the gas emergency service"},      // nidirect.gov.uk, 0800 002 001: Northern Ireland
	{"+443459881188", "Floodline, the flood warnings"}, // gov.uk/sign-up-for-flood-warnings, 0345 988 1188: a machine rings
	{"+448082000247", "the domestic abuse helpline"},   // gov.uk/guidance/domestic-abuse-how-to-get-help: England
	{"+448000271234", "the domestic abuse helpline"},   // the same page: Scotland
	{"+448088010800", "the domestic abuse helpline"},   // the same page: Wales, Live Fear Free
	{"+448088021414", "the domestic abuse helpline"},   // the same page: Northern Ireland
}

// europe holds the numbers of social value that are the same in every country of the European Economic Area: Commission
// Decision 2007/116/EC with its amendments 2007/698/EC and 2009/884/EC.
var europe = []protected{
	{"116000", "the missing children hotline"},
	{"116006", "the helpline for victims of crime"},
	{"116111", "the child helpline"},
	{"116117", "the doctor on call"},
	{"116123", "the emotional support helpline"},
}

// northAmerica: FCC 20-100 (United States) and CRTC 2022-234 (Canada).
var northAmerica = []protected{
	{"988", "the suicide crisis helpline"},
}

// protectedIn are the region's numbers that are never blocked, besides its emergency numbers.
func protectedIn(region string) []protected {
	switch region {
	case "GB":
		return britain
	case "US", "CA":
		return northAmerica
	case "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
		"LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK":
		return europe
	default:
		return nil
	}
}

// NeverBlocked says whether n is never turned away on a line of the region, and whose number it is ("the police").
func NeverBlocked(n Number, region string) (whose string, ok bool) {
	for _, one := range protectedIn(region) {
		if one.number == n {
			return one.whose, true
		}
	}
	if n != "" && len(n) <= maxShort && slices.Contains(EmergencyNumbers(region), string(n)) {
		return "the emergency services", true
	}
	return "", false
}

// NoContact says why a number that is never blocked can't be a contact's: shown is the number as people write it, whose is NeverBlocked's.
func NoContact(shown, whose string) string {
	return shown + " is " + whose + ". Anyone can fake that number, so it can't be a contact's: its callers are always announced first"
}

// Needs says whether the household must not lose a number, whatever any list says: one that is never blocked, its own, its carer's, or an alarm
// centre's.
func (h Household) Needs(n Number) bool {
	_, never := NeverBlocked(n, h.Region)
	return never || n != "" && (n == h.Number || n == h.CarerNumber || slices.Contains(h.Telecare, n))
}

// emergencyAnywhere are the emergency numbers of many countries, besides 112.
var emergencyAnywhere = []string{"000", "911", "999"}

// EmergencyNumbers are the numbers that are emergency calls when they are dialled on a line of the region, sorted: those in the phone-number
// library's data; 112 everywhere, because ITU-T E.161.1 wants it to work beside a country's own; and in Britain 18000, which reaches 999 from a
// textphone (Ofcom, General Condition C5; relayuk.bt.com). For a region that the library does not know, they are the world's most common.
func EmergencyNumbers(region string) []string {
	numbers := append(libraryEmergencyNumbers(region), "112")
	switch {
	case region == "GB":
		numbers = append(numbers, "18000")
	case ValidRegion(region) != nil:
		numbers = append(numbers, emergencyAnywhere...)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// libraryEmergencyNumbers lists the region's emergency numbers. The library has them as a regular expression such as "112|999", and no function
// that lists them.
func libraryEmergencyNumbers(region string) []string {
	data, err := phonenumbers.ShortNumberMetadataCollection()
	if err != nil {
		return nil
	}
	for _, country := range data.GetMetadata() {
		if country.GetId() != region {
			continue
		}
		pattern, err := syntax.Parse(country.GetEmergency().GetNationalNumberPattern(), syntax.Perl)
		if err != nil {
			return nil
		}
		numbers := matches(pattern.Simplify())
		// If the library knows none, the pattern is the word NA.
		return slices.DeleteFunc(numbers, func(number string) bool { return strings.Trim(number, "0123456789") != "" })
	}
	return nil
}

// matches lists everything that a regular expression matches. It must not have operators that match without end.
func matches(pattern *syntax.Regexp) []string {
	switch pattern.Op {
	case syntax.OpLiteral:
		return []string{string(pattern.Rune)}
	case syntax.OpCharClass:
		var all []string
		for i := 0; i < len(pattern.Rune); i += 2 {
			for r := pattern.Rune[i]; r <= pattern.Rune[i+1]; r++ {
				all = append(all, string(r))
			}
		}
		return all
	case syntax.OpCapture:
		return matches(pattern.Sub[0])
	case syntax.OpQuest:
		return append(matches(pattern.Sub[0]), "")
	case syntax.OpAlternate:
		var all []string
		for _, sub := range pattern.Sub {
			all = append(all, matches(sub)...)
		}
		return all
	case syntax.OpConcat:
		all := []string{""}
		for _, sub := range pattern.Sub {
			var longer []string
			for _, begin := range all {
				for _, end := range matches(sub) {
					longer = append(longer, begin+end)
				}
			}
			all = longer
		}
		return all
	default: // OpEmptyMatch: the empty alternative of (?:[1-3]|)
		return []string{""}
	}
}
