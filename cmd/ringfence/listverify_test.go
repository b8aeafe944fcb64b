package main

import (
	"strings"
	"testing"

	"ringfence/sharing/list"
)

// Of what readers leave out of a list the first are named, and all are counted.
func TestVerifyCountsAllThatIsLeftOut(t *testing.T) {
	for refused, want := range map[int]string{shownRefusals: "", shownRefusals + 1: "and 1 more number\n", 1100: "and 1,080 more numbers\n"} {
		var out strings.Builder
		found := list.Verified{Refused: refused, Refusals: make([]list.Refusal, min(refused, 1000))}
		if err := (&program{out: &out}).verified(list.Manifest{}, found); err != nil {
			t.Fatal(err)
		}
		if strings.Count(out.String(), "left out   ") != shownRefusals || want == "" == strings.Contains(out.String(), " more number") || !strings.Contains(out.String(), want) {
			t.Errorf("%d: %s", refused, &out)
		}
	}
}
