package screening

import (
	"strings"
	"testing"
)

// Countries are called what people call them, with "the" where a sentence needs it.
func TestCountriesAreCalledWhatPeopleCallThem(t *testing.T) {
	for code, want := range map[string]string{
		"GB": "the United Kingdom", "US": "the United States", "FR": "France", "NL": "the Netherlands", "IM": "the Isle of Man", "IE": "Ireland",
		"CI": "Ivory Coast", "HK": "Hong Kong", "MK": "North Macedonia", "SZ": "Eswatini", "MM": "Myanmar", "TT": "Trinidad and Tobago",
		"CD": "the Democratic Republic of the Congo", "DO": "the Dominican Republic", "KY": "the Cayman Islands", "ZZ9": "ZZ9",
	} {
		if got := InCountry(code); got != want || CountryName(code) != strings.TrimPrefix(want, "the ") {
			t.Errorf("%s: %q and %q, not %q", code, got, CountryName(code), want)
		}
	}
	for _, code := range Regions() {
		if name := CountryName(code); name == code || strings.ContainsAny(name, "&()") && code != "CC" || strings.Contains(name, "SAR") {
			t.Errorf("%s is called %q", code, name)
		}
	}
}
