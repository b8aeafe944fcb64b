package web

import (
	"net/http"
	"strings"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/web/backend"
)

// countriesCard is what the page of blocks shows of the rules for countries.
type countriesCard struct {
	Rules     []countryRow
	Elsewhere string // what is done with calls from all other countries, in words
	Names     []string
	Ways      []option
	Caveat    string
	// What was sent, if it is shown again.
	Typed, Except string
}

// countryRow is a rule.
type countryRow struct{ Code, Name, Words string }

func (s blockHandlers) countriesOf(r *http.Request, v *backend.Visitor) (card countriesCard, err error) {
	chosen, err := s.Admin(v).Chosen(r.Context())
	if err != nil {
		return card, err
	}
	card = countriesCard{
		Caveat: household.CountryCaveat, Typed: r.PostFormValue("countries"), Except: r.PostFormValue("except"),
		Elsewhere: household.CountryWay(chosen.Policy.International).Words,
	}
	for _, rule := range chosen.Countries.Rules() {
		card.Rules = append(card.Rules, countryRow{rule.Country, screening.CountryName(rule.Country), household.CountryWay(rule.Do).Words})
	}
	for _, code := range screening.AllCountries() {
		if code != v.Household.Region {
			card.Names = append(card.Names, screening.CountryName(code))
		}
	}
	for _, way := range household.CountryWays() {
		card.Ways = append(card.Ways, option{Value: way.Word, Words: way.Words})
	}
	card.Ways = choose(r.PostFormValue("do"), card.Ways...)
	return card, nil
}

func setCountries(r *http.Request, a household.Admin) (household.Done, error) {
	return a.SetCountries(r.Context(), household.CountryRequest{
		Countries: strings.TrimSpace(r.PostFormValue("countries")), Except: r.PostFormValue("except"), Do: r.PostFormValue("do"),
	})
}
