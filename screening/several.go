package screening

import "strings"

// ParseNumbers reads a field in which people may have written several numbers: behind one another with a comma, a semicolon, a slash, or a word for "or" between
// them. Each has to be whole: of "030 2345 / 46" the second is none. The error is ParseNumber's for the whole field.
func ParseNumbers(text, region string) ([]Number, error) {
	one, err := ParseNumber(text, region)
	if err == nil {
		return []Number{one}, nil
	}
	var all []Number
	for part := range strings.FieldsFuncSeq(severalWords.Replace(text), func(r rune) bool { return strings.ContainsRune(";,/|", r) }) {
		number, fault := ParseNumber(part, region)
		if fault != nil || !standsAlone(part, number, region) {
			return nil, err
		}
		all = append(all, number)
	}
	if len(all) == 0 {
		return nil, err
	}
	return all, nil
}

// severalWords makes its table when it is used first.
var severalWords = strings.NewReplacer(" or ", ";", " and ", ";", " ou ", ";", " oder ", ";", " und ", ";", " o ", ";", " of ", ";")

// standsAlone says whether a number is one without the numbers beside it. Digits that could have more before them may be the last ones of another number.
func standsAlone(written string, n Number, region string) bool {
	written = strings.TrimLeft(written, " \t(")
	if strings.HasPrefix(written, "+") || strings.HasPrefix(written, "0") || strings.Contains(written, ":") {
		return true
	}
	found, err := readDigits(string(n), region)
	return err == nil && found.country != 0 && !longerThan(found)
}
