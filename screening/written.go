package screening

import (
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
)

// What is written can be read as a number, but may well stand for others. Whoever reads it as that number has somebody else's.
var (
	errOpen    = errors.New("could be the beginning of several numbers; write one number in full")
	errSeveral = errors.New("could be more than one number; write one number, with its area code")
	errRange   = errors.New("could be a range of numbers; write one number, without a dash before its last digits")
	errMark    = errors.New(`could stand for several numbers; write one number in full, with "ext." before an extension`)
)

// writing is a number as somebody has written it, taken apart.
type writing struct {
	text   string // without a scheme, a host, parameters and an extension
	digits string // as one would dial them: any plus sign, and digits
	marked bool   // an extension was cut off that began with a mark, such as x or #, which others write for any digit
}

// takeApart reduces what is written to what one would dial.
func takeApart(raw string) (writing, error) {
	if len(raw) > maxRaw {
		return writing{}, errTooLong
	}
	w := writing{text: subscriber(raw)}
	if strings.ContainsFunc(w.text, func(r rune) bool { return r == '#' || r == ',' || unicode.IsLetter(r) }) {
		w.cutExtension()
	}
	var digits strings.Builder
	for _, r := range w.text {
		switch {
		case '0' <= r && r <= '9':
			digits.WriteRune(r)
		case (r == '+' || r == '＋') && digits.Len() == 0:
			digits.WriteByte('+')
		case unicode.IsDigit(r): // of another script, such as Arabic
			digit := phonenumbers.NormalizeDigitsOnly(string(r))
			if len(digit) != 1 {
				return writing{}, errForeign
			}
			digits.WriteString(digit)
		case !isSeparator(r):
			return writing{}, errForeign
		}
	}
	w.digits = digits.String()
	if w.digits == "" {
		return writing{}, errEmpty
	}
	if strings.HasPrefix(w.digits, "+0") { // no country code begins with 0, but some adapters put a plus sign before every number
		w.digits = w.digits[len("+"):]
	}
	return w, nil
}

// dialled is what one would dial of what is written, whether or not it could stand for other numbers too.
func dialled(raw string) (string, error) {
	w, err := takeApart(raw)
	return w.digits, err
}

// directDial is how Germans and Austrians write an extension that can be dialled from outside: it belongs to the number, in place of the 0 that is
// the switchboard's.
var directDial = regexp.MustCompile(`(?i)^([^\pL#]*?[0-9])(?:[ ]?-[ ]?0)?[ ,/-]*(?:durchwahl|dw|klappe|kl)[.:]?[ -]*([0-9]{1,6})$`)

func (w *writing) cutExtension() {
	if parts := directDial.FindStringSubmatch(w.text); parts != nil {
		w.text = parts[1] + " " + parts[2]
		return
	}
	before, extension := phonenumbers.MaybeSeparateExtensionFromPhone(w.text)
	if extension == "" {
		return
	}
	word := 0
	for _, r := range w.text[len(before):] {
		if unicode.IsLetter(r) {
			word++
		}
	}
	w.marked = word < len("ext") && !strings.Contains(w.text[len(before):], ",,") // a telephone waits at commas
	w.text = before
}

// oneNumber says why what is written may stand for other numbers than the one that it is read as; nil if it does not. What people put between digits
// means nothing as long as it is the only way to read them: "030/23450" is a number, because 030 is none, but "030 2345/0" is two, and "030 23450-99"
// a hundred of them as likely as one. In countries whose numbers all have one length nearly everything is clear.
func (w writing) oneNumber(found reading, region string) error {
	if !w.marked && strings.Trim(w.text, "+0123456789 ") == "" && !strings.Contains(w.text, " 0") {
		return nil
	}
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(w.text, unicode.IsSpace))
	switch open := strings.ContainsRune("./", last) || isDash(last); {
	case strings.Contains(strings.Join(strings.Fields(w.text), ""), ".."):
		return errOpen
	case open && longerThan(found):
		return errOpen
	case w.marked && longerThan(found):
		return errMark
	}
	return w.apart(found.country, region)
}

// group is a run of digits, and what stands before it.
type group struct{ before, digits string }

func (w writing) groups() (all []group) {
	var g group
	for _, r := range w.text {
		if unicode.IsDigit(r) {
			g.digits += phonenumbers.NormalizeDigitsOnly(string(r))
			continue
		}
		if g.digits != "" {
			all, g = append(all, g), group{}
		}
		g.before += string(r)
	}
	if g.digits != "" {
		all = append(all, g)
	}
	return all
}

// apart says why groups of digits may not belong together, which are read as a number of a country; 0 if they are no whole number.
func (w writing) apart(country int, region string) error {
	all := w.groups()
	left := ""
	if strings.HasPrefix(w.digits, "+") {
		left = "+"
	}
	upTo := []string{left} // the digits of so many groups
	for _, g := range all {
		left += g.digits
		upTo = append(upTo, left)
	}
	for at := 1; at < len(all); at++ {
		right := strings.TrimPrefix(left, upTo[at])
		another := all[at].digits[0] == '0' && len(right) >= minAnother && isComplete(right, region)
		if len(all) == 2 && strings.Contains(all[at].before, "/") && len(right) == len(all[0].digits) && all[0].digits[0] == '0' && right[0] == '0' {
			return errSeveral // two beginnings, such as 0845/0870
		}
		if (another || strings.Contains(all[at].before, "/")) && isComplete(upTo[at], region) {
			return errSeveral
		}
	}
	end := len(all) - 1
	if end < 1 || !strings.ContainsFunc(all[end].before, isDash) || !isComplete(upTo[end], region) {
		return nil
	}
	before, _ := readDigits(upTo[end], region) // which is one, as it is complete
	from, to := all[end-1].digits, all[end].digits
	base := end > 1 && len(all[end-2].digits) != len(from) && isComplete(upTo[end-1], region)
	switch {
	case end == 1 && before.country == 0 && isShort(to, region), // such as 110-112
		country != 0 && before.country != country && before.country != 0, // as a number of another country without its plus sign
		toNines(from, to), base && mayRange(from, to):
		return errRange
	}
	return nil
}

// minAnother is how many digits a second number has at least. Its first is a 0.
const minAnother = 6

func isDash(r rune) bool { return unicode.Is(unicode.Dash, r) }

// toNines is true for all the numbers behind a base, such as 23450-99.
func toNines(from, to string) bool {
	return strings.HasSuffix(from, "0") && strings.Trim(to, "9") == ""
}

// mayRange is true for some numbers behind a base, such as 10-19 and 0-49.
func mayRange(from, to string) bool {
	return len(from) == len(to) && from < to || strings.Trim(from, "0") == "" && len(from) < len(to)
}

// isComplete says whether digits are a number to which nothing needs to be added.
func isComplete(digits, region string) bool {
	found, err := readDigits(digits, region)
	return err == nil && (found.valid() || found.country == 0 || !longerThan(found))
}

// longerThan says whether numbers of the same country can have one or two digits more. (Switzerland has a few with three more, of voicemail.)
func longerThan(found reading) bool {
	_, exact := CanHave(found.number.Digits(), 0)
	return found.country == 0 || !exact
}

// CanHave says whether a number that begins with these digits, a country code first, can have so many more; 0 is for whether it is whole as it is.
// exact is true if no number that begins like that has one or two digits more still.
func CanHave(digits string, more int) (can, exact bool) {
	code, area, err := cutCountryCode(digits)
	if err != nil || more > maxDigits {
		return false, false
	}
	p := planOfCode(code)
	if p == nil {
		return false, false
	}
	length := len(area) + more
	return p.possible>>length&1 == 1, p.possible>>(length+1)&0b11 == 0
}
