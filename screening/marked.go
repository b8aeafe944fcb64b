package screening

import "strings"

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
