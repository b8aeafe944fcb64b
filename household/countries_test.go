package household

import (
	"errors"
	"strings"
	"testing"

	"ringfence/screening"
)

// A rule for a country is a deed like every other: it says what it does and what it can't do, and is undone.
func TestRulesForCountries(t *testing.T) {
	a := admin(t)
	for _, test := range []struct {
		r     CountryRequest
		rules screening.Countries
		all   screening.Action
		says  string
	}{
		{CountryRequest{Countries: "Nigeria", Do: "turn-away"}, "NG=turn-away", "", "Calls from Nigeria are turned away. It goes by the number"},
		{CountryRequest{Countries: "+7", Do: "screen"}, "KZ=screen NG=turn-away RU=screen", "", "Calls from Russia and Kazakhstan ring once"},
		{CountryRequest{Countries: "All  countries", Except: "Ireland, France, UK", Do: "turn-away"}, "FR=mode IE=mode KZ=screen NG=turn-away RU=screen",
			screening.TurnAway, "Calls from all other countries but Ireland and France are turned away."},
		{CountryRequest{Countries: "ng", Do: "ring"}, "FR=mode IE=mode KZ=screen NG=ring RU=screen", screening.TurnAway, "unless a block or a list"},
		{CountryRequest{Countries: "all", Do: "mode"}, "FR=mode IE=mode KZ=screen NG=ring RU=screen", "", "Calls from other countries are treated"},
	} {
		before := chosen(t, a)
		done, err := a.SetCountries(t.Context(), test.r)
		if now := chosen(t, a); err != nil || now.Countries != test.rules || now.Policy.International != test.all || !strings.Contains(done.Sentence, test.says) {
			t.Fatalf("%+v: %q %q, %q, %v", test.r, now.Countries, now.Policy.International, done.Sentence, err)
		}
		if _, err := a.Undo(t.Context(), done.Line); err != nil {
			t.Fatal(err)
		}
		if back := chosen(t, a); back.Countries != before.Countries || back.Policy.International != before.Policy.International {
			t.Errorf("undone: %q %q", back.Countries, back.Policy.International)
		}
		if _, err := a.SetCountries(t.Context(), test.r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCountriesThatAreRefused(t *testing.T) {
	a := admin(t)
	for words, do := range map[string]func() (Done, error){
		"Your line is in the United Kingdom": func() (Done, error) {
			return a.SetCountries(t.Context(), CountryRequest{Countries: "GB", Do: "turn-away"})
		},
		"known-only": func() (Done, error) { return a.AddBlock(t.Context(), BlockRequest{Number: "+44", Prefix: true}) },
		"“shout”":    func() (Done, error) { return a.SetCountries(t.Context(), CountryRequest{Countries: "NG", Do: "shout"}) },
		"Narnia": func() (Done, error) {
			return a.SetCountries(t.Context(), CountryRequest{Countries: "Narnia", Do: "ring"})
		},
		"Only all countries": func() (Done, error) {
			return a.SetCountries(t.Context(), CountryRequest{Countries: "NG", Except: "GH", Do: "ring"})
		},
		"no rule for calls from Nigeria": func() (Done, error) { return a.RemoveCountries(t.Context(), "Nigeria") },
		"no rule for calls from Austria": func() (Done, error) { return a.Unblock(t.Context(), "+43", true) },
		"can have no note": func() (Done, error) {
			return a.AddBlock(t.Context(), BlockRequest{Number: "+43", Prefix: true, Note: "x"})
		},
		"can't hear the engaged tone": func() (Done, error) {
			return a.AddBlock(t.Context(), BlockRequest{Number: "+43", Prefix: true, Farewell: screening.Busy})
		},
		"at least 3 digits": func() (Done, error) { return a.AddBlock(t.Context(), BlockRequest{Number: "+4366", Prefix: true}) },
	} {
		_, err := do()
		if refusal := (*Refusal)(nil); !errors.As(err, &refusal) || !strings.Contains(refusal.Sentence, words) {
			t.Errorf("%q: %v", words, err)
		}
	}
}

// A country code alone is the country.
func TestBlockingACountryCode(t *testing.T) {
	a := admin(t)
	for _, typed := range []string{"+43", "0043", "+43*", " + 43 "} {
		done, err := a.AddBlock(t.Context(), BlockRequest{Number: typed, Prefix: true})
		if got := chosen(t, a).Countries; err != nil || got != "AT=turn-away" || done.ID != 0 || !strings.Contains(done.Sentence, "Austria") {
			t.Errorf("%q: %q %+v %v", typed, got, done, err)
		}
		if _, err := a.Unblock(t.Context(), "+43", true); err != nil || chosen(t, a).Countries != "" {
			t.Errorf("%q: %v", typed, err)
		}
	}
}
