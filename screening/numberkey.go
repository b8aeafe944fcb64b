package screening

import (
	"strconv"
	"strings"
)

// BeginningKeys is what is added to the digits of a beginning for its key: more than any whole number's.
const BeginningKeys int64 = 10_000_000_000_000_000

// Beginning is the first digits, with the country code, of what stands for all numbers that begin with them, as a contact may have: "44175363" for
// "+44175363*".
func (n Number) Beginning() (digits string, is bool) {
	international, is := strings.CutSuffix(string(n), "*")
	digits, plus := strings.CutPrefix(international, "+")
	if !is || !plus || digits == "" || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	return digits, true
}

// Key is the number as an integer, for a table's primary key. An E.164 number's key is its digits. A short number may begin with zeros (000 in
// Australia) or look like another country's number, so its key is negative, with a 1 before its digits: 999 is -1999. A router's own phone has a 2
// there: **610 is -2610. The key of "", and of a Number that this package has not made, is 0. NumberFromKey is the inverse.
func (n Number) Key() int64 {
	if beginning, is := n.Beginning(); is {
		key, err := strconv.ParseInt(beginning, 10, 64)
		if err != nil || len(beginning) > maxDigits || key <= 0 {
			return 0
		}
		return BeginningKeys + key
	}
	digits, international := strings.CutPrefix(string(n), "+")
	mark := ""
	switch {
	case n.IsInternal():
		digits, mark = strings.TrimPrefix(digits, internalMark), "-2"
	case !international:
		mark = "-1"
	}
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0
	}
	key, err := strconv.ParseInt(mark+digits, 10, 64)
	if err != nil {
		return 0
	}
	return key
}

// NumberFromKey is the number with this key; "" if no number has it.
func NumberFromKey(key int64) Number {
	if key > BeginningKeys {
		return Number("+" + strconv.FormatInt(key-BeginningKeys, 10) + "*")
	}
	digits := strconv.FormatInt(key, 10)
	if key > 0 {
		return Number("+" + digits)
	}
	if internal, is := strings.CutPrefix(digits, "-2"); is && internal != "" && len(internal) <= 3 {
		return Number(internalMark + internal)
	}
	short, _ := strings.CutPrefix(digits, "-1")
	if short == digits {
		return ""
	}
	return Number(short)
}
