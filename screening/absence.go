package screening

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// What networks, exchanges and adapters show where there is no number: words, and digits that stand for a word or for nothing.

// absence is why there is no number.
type absence struct {
	presentation  Presentation
	international bool
}

// absences knows the words that networks and adapters put in place of a number or a name, as letters gives them. P and O are the marks of an
// analogue line's caller ID ("private" and "out of area", Bellcore GR-30-CORE); the others were collected from manuals of adapters and
// telephones, among them those of BT's Caller Display, in the languages of western Europe.
func absences(word string) (why absence, known bool) {
	switch word {
	case "p", "anonymous", "anonymouscaller", "private", "privatecaller", "privatenumber", "restricted", "withheld",
		"callerwithheld", "numberwithheld", "withheldnumber", "callerwithheldnumber", "hidden", "hiddennumber",
		"idwithheld", "calleridwithheld", "callerrestricted", "blocked", "blockedcaller", "blockednumber", "callerblocked", "numberblocked",
		"anonyme", "appelanonyme", "masqué", "masque", "numéromasqué", "numeromasque", "appelmasqué", "appelmasque", "privé", "numéroprivé", "numeroprive", "secret",
		"anonym", "anonymeranruf", "unterdrückt", "unterdrueckt", "rufnummerunterdrückt", "rufnummerunterdrueckt", "nummerunterdrückt", "privat",
		"anónimo", "anonimo", "privado", "númeroprivado", "numeroprivado", "oculto", "númerooculto", "numerooculto", "restringido", "anônimo", "confidencial",
		"numeroanonimo", "privato", "numeroprivato", "nascosto", "numeronascosto", "riservato", "numeroriservato",
		"anoniem", "afgeschermd", "nummerafgeschermd", "privénummer", "privenummer", "geheim", "zastrzeżony", "numerzastrzeżony", "prywatny", "numerprywatny",
		"dold", "doltnummer", "skjult", "skjultnummer", "hemligtnummer", "hemmeligtnummer", "hemmelignummer":
		return absence{presentation: Withheld}, true
	case "o", "outofarea", "unavailable", "notavailable", "numberunavailable", "numbernotavailable", "callerunavailable",
		"unknown", "unknowncaller", "unknownname", "unknownnumber", "nonumber", "nocallerid",
		"inconnu", "numéroinconnu", "numeroinconnu", "indisponible", "nondisponible", "numéroindisponible", "horszone",
		"unbekannt", "unbekannterteilnehmer", "unbekannternummer", "unbekanntenummer", "nichtverfügbar", "nichtverfuegbar",
		"desconocido", "númerodesconocido", "numerodesconocido", "nodisponible", "desconhecido", "indisponível", "indisponivel",
		"sconosciuto", "numerosconosciuto", "nondisponibile", "onbekend", "onbekendnummer", "nietbeschikbaar",
		"nieznany", "numernieznany", "niedostępny", "okänt", "okäntnummer", "ukendt", "ukjent", "ukendtnummer", "ukjentnummer":
		return absence{presentation: Unavailable}, true
	case "international", "internationa", "intnational", "internationalcall", "overseas", "overseascall":
		return absence{presentation: Unavailable, international: true}, true
	default:
		return absence{}, false
	}
}

// letters is text in lower case with everything but letters removed; "" if it has a digit or is too long to be one of the absences.
func letters(text string) string {
	const longest = 40
	if len(text) > longest || strings.ContainsFunc(text, unicode.IsDigit) {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// insteadOf is why there is no number, as the digits or the name say that stand in its place.
func insteadOf(id Identity, region string) absence {
	if digits, err := dialled(id.Number); err == nil {
		if why, is := standIn(digits, region); is && why.presentation != "" {
			return why
		}
	}
	if why, known := absences(letters(id.Name)); known {
		return why
	}
	return absence{presentation: Unavailable}
}

// keypadWords are the words that services put in place of a number as the keys of a telephone spell them, because they want digits there (Twilio:
// help.twilio.com, "Why am I getting calls from these strange numbers?"; the others in the same way).
var keypadWords = map[string]absence{
	"266696687":   {presentation: Withheld},    // ANONYMOUS
	"7378742833":  {presentation: Withheld},    // RESTRICTED
	"2562533":     {presentation: Withheld},    // BLOCKED
	"94844353":    {presentation: Withheld},    // WITHHELD
	"7748483":     {presentation: Withheld},    // PRIVATE
	"8656696":     {presentation: Unavailable}, // UNKNOWN
	"86282452253": {presentation: Unavailable}, // UNAVAILABLE
	"688632732":   {presentation: Unavailable}, // OUT OF AREA
}

// keyRows are digits in the order of a keypad, which exchanges are set up with by whoever has to write something.
var keyRows = []string{"12345", "123456", "1234567", "12345678", "123456789", "1234567890", "12345678901", "0123456789", "9876543210", "987654321", "0987654321"}

// leastRepeated is from how many equal digits on they stand for no number. Extensions of exchanges have up to three.
const leastRepeated = 4

// standIn says whether digits, as dialled gives them, only stand in a number's place: zeros, a repeated digit, a row of keys or a word of the
// keypad, in any form in which a number can be written. why has no presentation where the digits say none. A short number is for the caller to
// find out first. A number that the numbering plan has (03333 333333 is one in Britain) stays one, where it is written as people write it; but for what
// nobodys knows.
func standIn(digits, region string) (why absence, is bool) {
	if !endsAsStandIn(digits) {
		return absence{}, false
	}
	for _, form := range bareForms(digits, region) {
		if why, is = meansNothing(form); is {
			return why, nobodys(form) || !isNumberAsWritten(digits, region)
		}
	}
	return absence{}, false
}

// NobodysNumber says why nobody can have a number, though an earlier version may have taken it for one: its digits only stand in a number's place.
// The error is ParseNumber's; nil if somebody can.
func NobodysNumber(n Number, region string) error {
	if _, is := standIn(string(n), region); !is || isShort(string(n), region) {
		return nil
	}
	return explain(n.National(region), errStandIn)
}

// meansNothing is standIn for digits without any prefix.
func meansNothing(digits string) (why absence, is bool) {
	if why, is = keypadWords[digits]; is {
		return why, true
	}
	repeated := len(digits) >= leastRepeated && strings.Count(digits, digits[:1]) == len(digits)
	return absence{}, repeated || isZeros(digits) || slices.Contains(keyRows, digits)
}

// nobodys says whether digits without any prefix are no number in any region: zeros, ones, and the whole row of keys. A few plans have room for them
// (01234 567890 would be in Bedford, 01 23 45 67 89 in Paris, 12 345 67 89 in Kraków), but nobody was found who is really reached there, and exchanges,
// forms and scammers show them everywhere. Whoever had such a number would be treated like a caller without one.
func nobodys(digits string) bool {
	ones := len(digits) >= leastRepeated && strings.Trim(digits, "1") == ""
	return ones || isZeros(digits) || digits == "123456789" || digits == "1234567890" || digits == "0123456789"
}

func isZeros(digits string) bool { return digits != "" && strings.Trim(digits, "0") == "" }

// tails are the last digits of all that meansNothing knows.
var tails = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for _, row := range slices.AppendSeq(slices.Clone(keyRows), maps.Keys(keypadWords)) {
		all[row[len(row)-leastRepeated:]] = true
	}
	for _, digit := range "0123456789" {
		all[strings.Repeat(string(digit), leastRepeated)] = true
	}
	return all
})

// endsAsStandIn is false for nearly all numbers, and quick.
func endsAsStandIn(digits string) bool {
	if n := len(digits); n > leastRepeated {
		return tails()[digits[n-leastRepeated:]]
	}
	_, is := meansNothing(strings.TrimPrefix(digits, "+"))
	return is
}

// bareForms are digits as they are, and without each of the prefixes that they may have.
func bareForms(digits, region string) []string {
	bare, plus := strings.CutPrefix(digits, "+")
	forms := []string{bare}
	var international []string // that begin with a country code, as it seems
	if plus || strings.HasPrefix(bare, strconv.Itoa(phonenumbers.GetCountryCodeForRegion(region))) {
		international = append(international, bare)
	}
	if rest, cut := strings.CutPrefix(bare, "00"); cut {
		international = append(international, rest)
	}
	if rest, cut := cutInternationalPrefix(bare, region); cut {
		international = append(international, rest)
	}
	for _, one := range international {
		forms = append(forms, one)
		if _, area, err := cutCountryCode(one); err == nil {
			forms = append(forms, area, strings.TrimLeft(area, "0"))
		}
	}
	return append(forms, strings.TrimPrefix(bare, trunkPrefix(region)), strings.TrimLeft(bare, "0"))
}

// isNumberAsWritten says whether digits are a valid number, and written as one: with a prefix, or as the region's people write it. Where 0 goes
// before an area code, only mobile numbers are written without.
func isNumberAsWritten(digits, region string) bool {
	found, err := readWithLibrary(digits, region)
	if err != nil || !found.valid() {
		return false
	}
	if _, bare := meansNothing(digits); !bare { // it has a prefix
		return true
	}
	marked := trunkPrefix(region) != "0" || digits[0] == '0' || found.kind == phonenumbers.MOBILE
	return marked && found.country == phonenumbers.GetCountryCodeForRegion(region)
}
