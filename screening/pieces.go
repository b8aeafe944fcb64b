package screening

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Pieces reads what somebody typed to search for a number or a part of one, with or without spaces, hyphens and brackets: "020 79", "+44 20",
// "0044 20", "0123". starts are what a number's E.164 digits, without plus, may begin with if the text is the beginning of a national or
// international number. inside are the digits as they were typed, which may be anywhere in it. Both are empty if the text is no part of a number.
func Pieces(text, region string) (starts []string, inside string) {
	typed, err := dialled(text)
	if err != nil {
		return nil, ""
	}
	inside = strings.TrimPrefix(typed, "+")
	add := func(start string) {
		if start != "" && !slices.Contains(starts, start) {
			starts = append(starts, start)
		}
	}
	if inside != typed { // with a plus sign nothing else can be meant
		add(inside)
		return starts, inside
	}
	if behind, found := strings.CutPrefix(typed, "00"); found {
		add(behind)
	}
	trunk := trunkPrefix(region)
	if behind, found := strings.CutPrefix(typed, trunk); found && trunk != "" && behind != "" {
		add(strconv.Itoa(phonenumbers.GetCountryCodeForRegion(region)) + behind)
	}
	return starts, inside
}
