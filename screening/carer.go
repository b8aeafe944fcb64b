package screening

import (
	"errors"
	"fmt"
	"strings"
)

// ParseCarerNumber reads the number of a carer's own telephone for this household, whose Region and Number have to be set. It refuses numbers
// that cannot be a carer's: calls to the line itself would go round for ever, and no stranger's call may be put through to the emergency
// services. The error is a plain sentence.
func (h Household) ParseCarerNumber(typed string) (Number, error) {
	n, err := ParseNumber(typed, h.Region)
	if err != nil {
		return "", err
	}
	if n == h.Number {
		return "", errors.New("that is this line's own number: choose another")
	}
	if whose, never := NeverBlocked(n, h.Region); never || !strings.HasPrefix(string(n), "+") {
		if whose == "" {
			whose = "a short number"
		}
		return "", fmt.Errorf("%s is %s: choose the carer's own number, in full", n.National(h.Region), whose)
	}
	return n, nil
}
