package screening

import (
	"errors"
	"fmt"
	"strings"
)

var (
	errNoArea    = errors.New("has neither its area code with the first 0 nor a plus sign; write it in full")
	errTwoPlaces = errors.New("may be a national number without its first 0, or an international one without its plus sign; write it in full")
)

// Unmarked says why digits that stand in a file without a plus sign, and without the 0 before area codes, are nobody's number for certain; nil if they are. zeros says that the
// file has kept the zeros of other numbers: then these lack more than a zero. "23125666" is a number of Berlin as it is dialled there, and would be read as one of Dortmund.
func (r *NumberReader) Unmarked(raw string, zeros bool) error {
	if raw == "" || raw[0] == '+' || raw[0] == '0' || trunkPrefix(r.region) != "0" {
		return nil
	}
	digits, err := dialled(raw)
	if err != nil || strings.HasPrefix(digits, "+") || strings.HasPrefix(digits, "0") {
		return nil
	}
	n, err := r.Parse(raw)
	if err != nil || !strings.HasPrefix(string(n), "+") || n.Digits() == digits {
		return nil
	}
	if _, exact := CanHave(n.Digits(), 0); zeros && !exact && strings.HasPrefix(n.Digits(), r.home.code) {
		return fmt.Errorf("%s %w", quoted(raw), errNoArea)
	}
	if !strings.HasPrefix(digits, r.home.code) {
		return nil
	}
	if abroad, err := readDigits("+"+digits, r.region); err == nil && abroad.number != n && abroad.valid() {
		return fmt.Errorf("%s %w", quoted(raw), errTwoPlaces)
	}
	return nil
}

// Marked says whether a text shows by itself that it is a telephone number, and not the number of an order or a time: it begins with a plus sign, with 00, or with
// the digit that is dialled before area codes (0 in most countries), or has the region's own country code before a whole number. Where nothing is dialled before area codes
// (the United States, Spain), it has to be in a range that is in use.
func (r *NumberReader) Marked(raw string) bool {
	n, err := r.Parse(raw)
	if err != nil {
		return false
	}
	digits, err := dialled(raw)
	if err != nil {
		return false
	}
	switch {
	case strings.HasPrefix(digits, "+"), digits == n.Digits() && len(digits) > maxShort && strings.HasPrefix(digits, r.home.code):
		return true
	case len(digits) <= maxShort, strings.HasPrefix(digits, "000"):
		return false
	case strings.HasPrefix(digits, "00"), trunkPrefix(r.region) == "0":
		return strings.HasPrefix(digits, "0")
	}
	found, err := read(raw, r.region)
	return err == nil && found.valid()
}
