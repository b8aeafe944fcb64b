package main

import (
	"strings"
	"testing"

	"ringfence/ivr"
	"ringfence/prompts"
)

// Each household's card has its own codes, in its language, with words for every one.
func TestCardHasTheHouseholdsOwnCodes(t *testing.T) {
	for _, language := range prompts.Languages() {
		h := householdSettings{Name: "home", Region: "GB", Number: "020 7946 0100", Language: language, Codes: map[string]string{"messages": "*86", "mode": ""}}
		page, err := h.card()
		if err != nil {
			t.Errorf("%s: %v", language, err)
			continue
		}
		for _, c := range ivr.Codes() {
			there := strings.Contains(page, "<td>"+c.Keys+"</td>")
			if there != (c.Name != "messages" && c.Name != "mode") {
				t.Errorf("%s: the code %s of %s is there: %v", language, c.Keys, c.Name, there)
			}
		}
		if !strings.Contains(page, "<td>*86</td>") || !strings.Contains(page, "020 7946 0100") || !strings.Contains(page, "112") && !strings.Contains(page, "911") {
			t.Errorf("%s:\n%s", language, page)
		}
	}
}
