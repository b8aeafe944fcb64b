package screening

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// writtenDigits matches what may be a written number, or several after one another: groups of digits, with what people and telephones put between them.
var writtenDigits = regexp.MustCompile(`[0-9]+(?:[-\s()./+]{1,3}[0-9]+)*`)

// longestWritten is how many groups of digits a number has at most: one for each digit, as "0 2 0 7 9 …" has.
const longestWritten = maxDigits + len("00")

// Mentions says whether a text has the number in it, written in any way that people of the region, Ringfence or its data have for it. A short number, such as
// 101, is nobody's, and could be any count: no text mentions one.
func (n Number) Mentions(text, region string) bool {
	if !strings.HasPrefix(string(n), "+") {
		return false
	}
	national := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, n.National(region))
	forms := []string{n.Digits(), "00" + n.Digits(), national}
	for _, run := range writtenDigits.FindAllString(text, -1) {
		groups := strings.FieldsFunc(run, func(r rune) bool { return !unicode.IsDigit(r) })
		for i := range groups {
			for j := i + 1; j <= min(i+longestWritten, len(groups)); j++ {
				if slices.Contains(forms, strings.Join(groups[i:j], "")) {
					return true
				}
			}
		}
	}
	return false
}
