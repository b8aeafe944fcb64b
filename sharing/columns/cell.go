package columns

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"ringfence/screening"
)

// shape is what a cell looks like.
type shape int

const (
	empty     shape = iota
	wording         // anything else
	marked          // a telephone number that shows itself: with +, 00, or the 0 before area codes
	bare            // digits that could be a telephone number, or anything else
	shortened       // a long number that a spreadsheet has shortened: 4.4E+11
	moment          // a date, a time, or seconds since 1970
	decimal         // 51.5074
	digits          // digits that are no telephone number
	shapes          // how many there are
)

var (
	shortenedNumber = regexp.MustCompile(`^\+?\d([.,]\d*)?[Ee]\+?\d{1,2}$`)
	dated           = regexp.MustCompile(`^(\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](\d{2}|\d{4}))(\D.*)?$`)
	clocked         = regexp.MustCompile(`^\d{1,4}(:\d{1,2}){1,2}(\D.*)?$`)
	decimals        = regexp.MustCompile(`^[+-]?\d{1,3}[.,]\d+$`)
	floating        = regexp.MustCompile(`^\+?\d{7,15}\.0+$`)
)

// Shortened says whether a number was shortened by a spreadsheet, which keeps five or six of its digits: 4.42079E+11.
func Shortened(cell string) bool { return shortenedNumber.MatchString(strings.TrimSpace(cell)) }

// WhyShortened says what to do about such a number, after the number itself.
const WhyShortened = "lost its digits in a spreadsheet: set its column to text there, and export it once more"

// Cell is a cell without what protects it from spreadsheets: the apostrophe in front, ="…" around it, and the ".0" that programs put behind whole numbers.
func Cell(cell string) string {
	cell = strings.TrimSpace(cell)
	if inner, found := strings.CutPrefix(cell, `="`); found && strings.HasSuffix(inner, `"`) {
		cell = strings.TrimSpace(strings.TrimSuffix(inner, `"`))
	}
	cell = strings.TrimSpace(strings.TrimPrefix(cell, "'"))
	if floating.MatchString(cell) {
		cell, _, _ = strings.Cut(cell, ".")
	}
	return cell
}

// hidden are words for a caller without a number.
var hidden = []string{"anonymous", "withheld", "private", "unknown", "unavailable", "restricted", "blocked", "none", "null", "n/a", "-", "anonym", "unbekannt", "inconnu", "anonyme", "privé", "masqué",
	"anónimo", "desconocido", "anonimo", "sconosciuto", "anoniem", "onbekend", "out of area"}

// shapeOf says what a cell, as Cell returns it, looks like, and which number it is, if it is one.
func shapeOf(cell string, numbers *screening.NumberReader) (shape, screening.Number) {
	if cell == "" {
		return empty, ""
	}
	amount, letters := 0, 0
	for _, r := range cell {
		switch {
		case unicode.IsDigit(r):
			amount++
		case unicode.IsLetter(r):
			letters++
		}
	}
	switch {
	case amount == 0 && slices.Contains(hidden, strings.ToLower(cell)):
		return empty, ""
	case amount == 0:
		return wording, ""
	case Shortened(cell):
		return shortened, ""
	case dated.MatchString(cell), clocked.MatchString(cell), isMoment(cell):
		return moment, ""
	case decimals.MatchString(cell):
		return decimal, ""
	}
	begins := strings.IndexAny(cell, "+0(_^") == 0
	if n, err := numbers.Parse(strings.TrimSuffix(cell, "*")); err == nil && (letters == 0 || begins || letters < amount) {
		if numbers.Marked(cell) || begins && strings.HasSuffix(cell, "*") {
			return marked, n
		}
		return bare, n
	}
	switch {
	case begins && amount >= 6 && !strings.HasPrefix(cell, "000"): // with a remark, a wildcard, or a digit too many
		return marked, ""
	case letters == 0:
		return digits, ""
	default:
		return wording, ""
	}
}

// isMoment says whether digits are certainly a point in time: a day without anything between, or milliseconds since 1970. Seconds can be telephone numbers, too.
func isMoment(cell string) bool {
	switch len(cell) {
	case len("20060102"):
		at, err := time.Parse("20060102", cell)
		return err == nil && at.Year() >= 1900 && at.Year() < 2100
	case len("20060102150405"):
		_, err := time.Parse("20060102150405", cell)
		return err == nil
	case len("1764320000000"):
		ms, err := strconv.ParseInt(cell, 10, 64)
		return err == nil && isEpoch(ms/1000)
	}
	return false
}

// isEpoch says whether a number would be seconds since 1970 in the years 2001 to 2031. Later ones would be the telephone numbers of London without their 0.
func isEpoch(seconds int64) bool { return seconds >= 1e9 && seconds < 1.95e9 }
