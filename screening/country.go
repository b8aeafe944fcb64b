package screening

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// CodeCountry is the reason of a country for which the household has a rule.
const CodeCountry Code = "country"

// Countries are a household's rules for callers from some countries, as they are stored: a country's code, =, and what is done, in the order of the
// codes: "FR=mode NG=turn-away". A country's code is its two letters (ISO 3166-1 alpha-2), or for calling codes that belong to no country the code
// with its plus sign: "+881".
type Countries string

// CountryRule is what is done with callers from a country. An empty action leaves them to the mode, even if other foreign callers are treated otherwise.
type CountryRule struct {
	Country string
	Do      Action
}

// leftToMode is the word for no action, as in options.
const leftToMode = "mode"

// Rules are the rules, in the order of the codes. What can't be read is skipped.
func (c Countries) Rules() (all []CountryRule) {
	for field := range strings.FieldsSeq(string(c)) {
		if country, do, ok := strings.Cut(field, "="); ok {
			all = append(all, CountryRule{country, Action(strings.TrimPrefix(do, leftToMode))})
		}
	}
	return all
}

// Of is the rule for a country.
func (c Countries) Of(country string) (Action, bool) {
	for _, r := range c.Rules() {
		if r.Country == country {
			return r.Do, true
		}
	}
	return "", false
}

// Without is the rules without that for a country.
func (c Countries) Without(country string) Countries {
	return countriesOf(slices.DeleteFunc(c.Rules(), func(r CountryRule) bool { return r.Country == country }))
}

// With is the rules with another one.
func (c Countries) With(country string, do Action) Countries {
	return countriesOf(append(c.Without(country).Rules(), CountryRule{country, do}))
}

func countriesOf(rules []CountryRule) Countries {
	var fields []string
	for _, r := range rules {
		do := string(r.Do)
		if do == "" {
			do = leftToMode
		}
		fields = append(fields, r.Country+"="+do)
	}
	slices.Sort(fields)
	return Countries(strings.Join(fields, " "))
}

// CountryOf is the country that a number belongs to on a line of the region; "" if nobody can tell. Of a number outside all ranges of a calling code
// that several countries share, such as +1, it is the code's main one, unless that is the line's own code: a range that the library does not know yet
// may be next door. Freephone and other numbers without a place belong to all countries that share the line's own code.
func CountryOf(n Number, region string) string {
	digits, international := strings.CutPrefix(string(n), "+")
	code, area, err := cutCountryCode(digits)
	if !international || err != nil {
		return ""
	}
	found := readingOf(n, code, area)
	switch {
	case found.region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY:
		return "+" + strconv.Itoa(found.country)
	case found.country == phonenumbers.GetCountryCodeForRegion(region):
		switch found.kind {
		case phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
			return found.region
		}
		return ""
	case found.region == "":
		return phonenumbers.GetRegionCodeForCountryCode(found.country)
	default:
		return found.region
	}
}

// ruledByCountry is the part of rule f for the caller's country; false if the household has no rule for it. Its own country has none, whatever is
// stored: the line may have moved since. An action from a newer version is none.
func ruledByCountry(call Call, house Household) (finding, bool) {
	if house.Countries == "" {
		return finding{}, false
	}
	country := CountryOf(call.Caller.Number, house.Region)
	if country == "" || country == house.Region {
		return finding{}, false
	}
	do, ruled := house.Countries.Of(country)
	if !ruled {
		return finding{}, false
	}
	f := finding{}
	switch do {
	case Ring, Screen, Message:
		f.action = do
	case TurnAway:
		f.action, f.farewell = do, NotWanted
	}
	f.reason = countryReason(country, f.action)
	return f, true
}

func countryReason(country string, do Action) Reason {
	return Reason{Code: CodeCountry, Text: "The caller shows a number from " + InCountry(country) + "." + countryWords[do]}
}

var countryWords = map[Action]string{
	"":       " The household treats callers from there like other unknown callers.",
	Ring:     " The household lets calls from there ring.",
	Screen:   " The household asks callers from there who they are.",
	Message:  " The household lets callers from there leave a message.",
	TurnAway: " The household turns callers from there away.",
}
