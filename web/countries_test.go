package web

import (
	"html"
	"strings"
	"testing"
)

// A country is blocked by name on the page, and the page says what that means and what it does not.
func TestCountriesOnThePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("owner")
	if body := c.get("/h/mum/blocks").body; !strings.Contains(body, "callers can show any number") || !strings.Contains(body, `<option value="Nigeria">`) ||
		strings.Contains(body, `<option value="United Kingdom">`) {
		t.Error("the page of blocks has no countries, or the line's own")
	}
	c.follows("/h/mum/blocks/countries", "countries", "Nigeria and Ghana", "do", "turn-away")
	c.follows("/h/mum/blocks/countries", "countries", "all", "do", "message", "except", "IE, France")
	chosen, err := s.Admin(s.visitor("owner")).Chosen(t.Context())
	s.ok(err)
	if chosen.Countries != "FR=mode GH=turn-away IE=mode NG=turn-away" || chosen.Policy.International != "message" {
		t.Errorf("%q %q", chosen.Countries, chosen.Policy.International)
	}
	c.follows("/h/mum/blocks/countries/remove", "country", "GH")
	if body := c.get("/h/mum/blocks").body; strings.Contains(body, "Remove the rule for Ghana") || !strings.Contains(body, "Remove the rule for Nigeria") {
		t.Error("Ghana is still there, or Nigeria is not")
	}
	for typed, want := range map[string]string{"Narnia": "a country", "UK": "Your line is in the United Kingdom", "+44": "Your line is in"} {
		if a := c.post("/h/mum/blocks/countries", "countries", typed, "do", "turn-away"); a.status != 422 || !strings.Contains(a.body, want) || !strings.Contains(html.UnescapeString(a.body), `value="`+typed+`"`) {
			t.Errorf("%s: answered %d: %s", typed, a.status, faultIn(a.body))
		}
	}
	if body := c.get("/h/mum/blocks/reach?number=%2B43").body; body != "This turns away calls from Austria." {
		t.Errorf("%q", body)
	}
}

// Countries are blocked in a few taps, and the page fits a phone.
func TestCountriesInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("owner", "/h/mum/blocks")
	b.press("Countries 0")
	b.fill("Countries", "Nigeria, Ghana")
	b.shot("countries")
	b.axe()
	b.fits()
	b.press("Save the rule")
	b.sees("Calls from Nigeria and Ghana are turned away. It goes by the number that a caller shows")
	b.press("Countries 2")
	b.shot("countries-two")
	b.press("Remove the rule for Ghana")
	b.sees("There is no rule for calls from Ghana any more.")
	b.press("Undo")
	b.sees("Undone:")
}
