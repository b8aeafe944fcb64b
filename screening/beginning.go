package screening

import (
	"errors"
	"fmt"
	"strings"
)

// mostBeginning is how many numbers a contact's beginning may stand for: those of a hospital or a council are up to a hundred thousand. Whoever shows
// one of them rings, and scammers like to show numbers from the neighbourhood.
const mostBeginning = 100_000

// leastBeginning is how many digits it has after the country code if nobody can say how many numbers that is, as in Germany.
const leastBeginning = 5

var errNoBeginning = errors.New("isn't the beginning of phone numbers; write the first digits with the area code, and * at the end")

// IsBeginning says whether somebody has typed the beginning of numbers: digits with * at the end.
func IsBeginning(typed string) bool { return strings.HasSuffix(strings.TrimSpace(typed), "*") }

// ParseBeginning reads the beginning of numbers that a contact has, such as "01753 63*", with or without the star. It stands for 100,000 numbers at
// most, never for a whole place or for premium-rate numbers. The error is a sentence like ParseNumber's.
func ParseBeginning(typed, region string) (Number, error) {
	written := strings.TrimRight(strings.TrimSpace(typed), "*")
	if strings.Contains(written, "*") {
		return "", explain(typed, errNoBeginning)
	}
	digits, err := ParsePrefix(written, region)
	if err != nil {
		return "", err
	}
	reach := ReachOf(digits, Household{Region: region})
	switch area := AreaDigits(digits); {
	case reach.Nothing:
		return "", explain(typed, errors.New("has so many digits that no number begins with it; leave * out if it is a whole number"))
	case reach.Kind == "premium-rate":
		return "", explain(typed, errors.New("is the beginning of premium-rate numbers; write single numbers"))
	case reach.Whole || reach.Numbers > mostBeginning || reach.Numbers == 0 && len(area) < leastBeginning:
		return "", explain(typed, fmt.Errorf("is the beginning of too many numbers, and scammers can show any of them; write more digits, for %s numbers at most",
			Thousands(mostBeginning)))
	}
	return Number("+" + digits + "*"), nil
}

// BeginningCaveat is what everybody should know who makes such a contact.
const BeginningCaveat = "Callers can show any number, so a fraudster who shows one of these rings, too."
