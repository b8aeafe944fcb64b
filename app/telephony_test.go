package app

import (
	"strings"
	"testing"

	"ringfence/asterisk"
)

// What concerns one household is not told to another.
func TestWeaknessesOfAHousehold(t *testing.T) {
	open := []asterisk.Weakness{{Sentence: "ours", Households: []string{"home"}}, {Sentence: "theirs", Households: []string{"other"}}, {Sentence: "everybody's"}}
	if got := strings.Join(sentencesFor("home", open), ", "); got != "ours, everybody's" {
		t.Error(got)
	}
}
