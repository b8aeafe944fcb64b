package screening

import (
	"errors"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// Caller is what Identify makes of an Identity: clean, and with what the number says about the caller.
type Caller struct {
	Number        Number // "" unless Presentation is Allowed and the number could be understood
	Name          string // display name: printable, one line, at most 64 runes
	Presentation  Presentation
	International bool // the number belongs to a different country than the line
	PremiumRate   bool
	Internal      bool // one of the router's own phones, or its door bell (Line.Router)
	Impossible    bool // a number was shown that cannot exist
	Doubtful      bool // the number is possible but not valid, or the network's own check of it failed
	Forged        bool // the network's attestation failed
	SpamName      bool // in place of a name the network shows that it takes the call for spam
	Attestation   Attestation
}

// Identify cleans what the network says of a caller and finds out what the number says about them, on a line of the given region (one that
// ValidRegion accepts). It takes anything and never fails:
//
//   - a caller whose network says that the number is to be hidden is Withheld, whatever else came along;
//   - if there is a word instead of a number, or digits that stand for none (see standIn), the caller is Withheld or Unavailable as the word or
//     the name says. An unknown word, or nothing at all, is Unavailable: text without a digit does not claim to be a number;
//   - digits that make no possible number are Impossible;
//   - a number that is possible but not valid is taken as it is, and is Doubtful.
func Identify(id Identity, region string) Caller {
	caller := Caller{Name: displayName(id.Name), Presentation: Allowed, Forged: id.Forged, Attestation: id.Attestation}
	caller.SpamName = IsSpamName(caller.Name)
	if why, none := noNumber(id); none {
		caller.Presentation = why.presentation
		caller.International = why.international
		return caller
	}
	found, err := read(id.Number, region)
	if errors.Is(err, errStandIn) {
		why := insteadOf(id, region)
		caller.Presentation, caller.International = why.presentation, why.international
		return caller
	}
	if err != nil {
		caller.Impossible = true
		return caller
	}
	caller.Number = found.number
	if found.country == 0 {
		return caller
	}
	caller.International = isInternational(found, region)
	caller.PremiumRate = found.kind == phonenumbers.PREMIUM_RATE
	// "User-provided, verified and failed" (ITU-T Q.931 section 4.5.10): the exchange has checked the number, and it is not the caller's.
	caller.Doubtful = !found.valid() || presentation(id) == "allowed_failed_screen"
	return caller
}

// noNumber says whether the network shows no number, and why.
func noNumber(id Identity) (why absence, none bool) {
	shown := presentation(id)
	if strings.HasPrefix(shown, "prohib") {
		return absence{presentation: Withheld}, true
	}
	written := subscriber(id.Number)
	if strings.ContainsFunc(written, unicode.IsDigit) && shown != "unavailable" {
		return absence{}, false
	}
	for _, text := range []string{written, id.Name} {
		if why, known := absences(letters(text)); known {
			return why, true
		}
	}
	return absence{presentation: Unavailable}, true
}

// presentation is Asterisk's word for the presentation, in one spelling. The values are listed in its documentation of CALLERID.
func presentation(id Identity) string {
	return strings.ToLower(strings.TrimSpace(id.Presentation))
}

// displayName is the caller's name. A word for a missing number is no name, and neither is text without a letter: many adapters repeat the number
// there, and a caller could put another number there to be taken for somebody else.
func displayName(name string) string {
	if _, missing := absences(letters(name)); missing {
		return ""
	}
	name = CleanLine(name, maxText)
	if !strings.ContainsFunc(name, unicode.IsLetter) {
		return ""
	}
	return name
}

// isInternational says whether a number belongs to a different country than the line. The country code shows that, except for +1 and +7, which
// several countries share. Guernsey, Jersey and the Isle of Man share Britain's code and its dialling, so they are not abroad to each other;
// and a freephone number belongs to the whole of North America.
func isInternational(found reading, region string) bool {
	own := phonenumbers.GetCountryCodeForRegion(region)
	if found.country != own {
		return own != 0
	}
	if own != 1 && own != 7 {
		return false
	}
	switch found.kind {
	case phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return state(found.region) != state(region)
	default:
		return false
	}
}

// state is the state that a region belongs to: the United States for its territories, to which calls are dialled and charged as within it.
func state(region string) string {
	switch region {
	case "AS", "GU", "MP", "PR", "VI":
		return "US"
	default:
		return region
	}
}
