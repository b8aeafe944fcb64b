package screening_test

import (
	"slices"
	"strings"
	"testing"

	"ringfence/screening"
)

func TestParseCarerNumber(t *testing.T) {
	h := screening.Household{Region: "GB", Number: "+442079460100"}
	if n, err := h.ParseCarerNumber("07700 900123"); err != nil || n != "+447700900123" {
		t.Errorf("%s %v", n, err)
	}
	for typed, words := range map[string]string{
		"":               "",
		"my mobile":      "",
		"020 7946 0100":  "own number",
		"+44 2079460100": "own number",
		"999":            "emergency services",
		"1571":           "a short number",
	} {
		if n, err := h.ParseCarerNumber(typed); err == nil || n != "" || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %s, %v, not %q", typed, n, err, words)
		}
	}
}

func TestRegions(t *testing.T) {
	all := screening.Regions()
	if len(all) < 200 || !slices.IsSorted(all) || !slices.Contains(all, "GB") {
		t.Errorf("%d regions: %v", len(all), all)
	}
	for _, r := range all {
		if err := screening.ValidRegion(r); err != nil {
			t.Error(err)
		}
	}
}
