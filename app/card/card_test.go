package card

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"ringfence/config"
	"ringfence/ivr"
	"ringfence/prompts"
)

// Each household's card has its own codes, in its language, with words for every one.
func TestCardHasTheHouseholdsOwnCodes(t *testing.T) {
	for _, language := range prompts.Languages() {
		h := config.Household{Name: "home", Region: "GB", Number: "020 7946 0100", Language: language, Codes: map[string]string{"messages": "*86", "mode": ""}}
		page, err := Page(h)
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

// docs/phone.md and the example settings have every code, with the keys that it has unless a household chooses others.
func TestEveryCodeIsDocumented(t *testing.T) {
	document, err := os.ReadFile("../../docs/phone.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../../ringfence.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range ivr.Codes() {
		if !strings.Contains(string(document), "\n| "+c.Keys+" | ") {
			t.Errorf("docs/phone.md does not tell what %s does", c.Keys)
		}
		if !strings.Contains(string(example), fmt.Sprintf("\n# %s = %q ", c.Name, c.Keys)) {
			t.Errorf("ringfence.example.toml does not have the code %s", c.Name)
		}
	}
}
