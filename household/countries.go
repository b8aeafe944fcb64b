package household

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ringfence/screening"
)

// CountryRequest is a rule for callers from some countries that somebody wants.
type CountryRequest struct {
	Countries string // as typed; "all" is every other country
	Except    string // of all: those that stay like other unknown callers
	Do        string // what is done, in the words of the options: turn-away, screen, message, ring or mode
}

// CountryCaveat is what everybody should know who makes such a rule.
const CountryCaveat = "It goes by the number that a caller shows, and callers can show any number. " +
	"A fraudster abroad can still show a number from your own country."

// everyCountry is what people type for all countries but their own.
var everyCountry = []string{"all", "every", "everywhere", "all countries", "all other countries", "every other country", "all others", "others"}

// IsEveryCountry says whether somebody has typed that they mean all countries but their own.
func IsEveryCountry(typed string) bool {
	return slices.Contains(everyCountry, strings.ToLower(strings.Join(strings.Fields(typed), " ")))
}

// countryWay is an action that a rule can have.
type countryWay struct {
	do screening.Action
	Value
	done string // after "Calls from Nigeria"
}

// countryWays have the words of the options.
var countryWays = []countryWay{
	{screening.TurnAway, Value{"turn-away", "Turn them away", ""}, "are turned away"},
	{screening.Screen, Value{"screen", "Ask who it is", ""}, "ring once the caller has said who they are"},
	{screening.Message, Value{"message", "Let them leave a message", ""}, "go to messages, and don't ring"},
	{screening.Ring, Value{"ring", "Let them ring", ""}, "ring, unless a block or a list holds them back"},
	{"", Value{"mode", "Like other unknown callers", ""}, "are treated like those of other unknown callers"},
}

// CountryWays are what can be done with callers from a country, to choose from.
func CountryWays() (all []Value) {
	for _, way := range countryWays {
		all = append(all, way.Value)
	}
	return all
}

// CountryWay is what people call an action. One from a newer version does nothing.
func CountryWay(do screening.Action) Value { return wayOf(do).Value }

func wayOf(do screening.Action) countryWay {
	i := slices.IndexFunc(countryWays, func(way countryWay) bool { return way.do == do })
	if i < 0 {
		i = len(countryWays) - 1
	}
	return countryWays[i]
}

func readCountryWay(word string) (countryWay, error) {
	var words []string
	for _, way := range countryWays {
		if way.Word == word {
			return way, nil
		}
		words = append(words, way.Word)
	}
	return countryWay{}, fmt.Errorf("what is done must be %s, not %s", screening.Listed(words, "or"), shown(word))
}

// SetCountries says what is done with callers from some countries, or from all but some. The household's own country can't be among them.
func (a Admin) SetCountries(ctx context.Context, r CountryRequest) (Done, error) {
	way, err := readCountryWay(r.Do)
	if err != nil {
		return Done{}, because(Unfit, err)
	}
	all := IsEveryCountry(r.Countries)
	if strings.TrimSpace(r.Except) != "" && !all {
		return Done{}, refuse("Only all countries can have exceptions: name the countries, or write all.")
	}
	named, err := a.readCountries(r, all)
	if err != nil {
		return Done{}, err
	}
	return a.do(ctx, func(ctx context.Context) (change, error) {
		was, err := a.Chosen(ctx)
		if err != nil {
			return change{}, err
		}
		now, from := was, InCountries(named)
		do := way.do
		if all {
			now.Policy.International = do
			do, from = "", allBut(named)
		}
		for _, code := range named {
			now.Countries = now.Countries.With(code, do)
		}
		return a.countriesChanged(ctx, was, now, "Calls from "+from+" "+way.done+". "+CountryCaveat)
	})
}

// countryOfPrefix is the countries whose calling code somebody has typed as the beginning of numbers.
func (a Admin) countryOfPrefix(typed string, prefix bool) (countries string, is bool) {
	if !prefix {
		return "", false
	}
	codes, is := screening.CallingCode(typed, a.Region)
	return strings.Join(codes, ","), is
}

// blockCountry turns away the countries of a calling code, for somebody who blocks it as a prefix.
func (a Admin) blockCountry(ctx context.Context, countries string, r BlockRequest) (Done, error) {
	if strings.TrimSpace(r.Note) != "" {
		return Done{}, refuse("%s is a whole country, and its rule can have no note: leave the note out.", shown(r.Number))
	}
	if r.Farewell == screening.Busy || r.Farewell == screening.NotInService {
		return Done{}, refuse("%s is a whole country. Callers from there hear that they are not wanted, and can't hear %s: leave that out.", shown(r.Number), FarewellInWords(r.Farewell))
	}
	return a.SetCountries(ctx, CountryRequest{Countries: countries, Do: CountryWay(screening.TurnAway).Word})
}

// readCountries are those that are named: the exceptions, if all are meant.
func (a Admin) readCountries(r CountryRequest, all bool) (named []string, err error) {
	typed := r.Countries
	if all {
		if typed = r.Except; strings.TrimSpace(typed) == "" {
			return nil, nil
		}
	}
	if named, err = screening.ParseCountries(typed, a.Region); err != nil {
		return nil, because(Unfit, err)
	}
	own := slices.Index(named, a.Region)
	switch {
	case own >= 0 && all: // it is always left out
		return slices.Delete(named, own, own+1), nil
	case own >= 0:
		return nil, ownCountry(a.Region)
	default:
		return named, nil
	}
}

func ownCountry(region string) error {
	return refuse("Your line is in %s, so there can be no rule for that country. To let only people you know ring, choose the mode known-only; "+
		"to block an area, block the first digits of its numbers.", screening.InCountry(region))
}

// RemoveCountries removes the rules for some countries, or for all that have no rule of their own.
func (a Admin) RemoveCountries(ctx context.Context, typed string) (Done, error) {
	var named []string
	all := IsEveryCountry(typed)
	if !all {
		var err error
		if named, err = screening.ParseCountries(typed, a.Region); err != nil {
			return Done{}, because(Unfit, err)
		}
	}
	return a.do(ctx, func(ctx context.Context) (change, error) {
		was, err := a.Chosen(ctx)
		if err != nil {
			return change{}, err
		}
		now := was
		if all {
			now.Policy.International = ""
			return a.countriesChanged(ctx, was, now, "Calls from other countries "+wayOf("").done+" now.")
		}
		for _, code := range named {
			now.Countries = now.Countries.Without(code)
		}
		if now.Countries == was.Countries {
			return change{}, refuseAs(Gone, "There is no rule for calls from %s.", InCountries(named))
		}
		return a.countriesChanged(ctx, was, now, "There is no rule for calls from "+InCountries(named)+" any more.")
	})
}

// countriesChanged saves the rules for countries.
func (a Admin) countriesChanged(ctx context.Context, was, now Chosen, sentence string) (change, error) {
	c, err := a.replace(ctx, was, now)
	if err == nil && c.word != "" {
		c.sentence = sentence
	}
	return c, err
}

// allBut is all countries but some.
func allBut(named []string) string {
	if len(named) == 0 {
		return "other countries"
	}
	return "all other countries but " + InCountries(named)
}

// InCountries lists countries as they stand in a sentence; of many, the last are counted.
func InCountries(codes []string) string {
	const most = 6
	var names []string
	for _, code := range codes {
		names = append(names, screening.InCountry(code))
	}
	if over := len(names) - most; over > 1 {
		names = append(names[:most], fmt.Sprintf("%d more", over))
	}
	return screening.Listed(names, "and")
}

// countries is the option with all rules.
func countries() Option {
	return typed(Option{
		Name: "countries", JSON: "countries", column: "countries", Input: CountryRules, Typed: "NG=turn-away,FR=ring|none",
		Title: "Calls from some countries",
		Help:  "what is done with callers from some countries, before international; `ringfence country` is easier",
		word: func(c Chosen) string {
			if c.Countries == "" {
				return noNumber
			}
			return strings.ReplaceAll(string(c.Countries), " ", ",")
		},
	}, func(c *Chosen) *screening.Countries { return &c.Countries }, readCountryRules)
}

// readCountryRules reads all rules, as the option has them.
func readCountryRules(c *Chosen, word string) (all screening.Countries, err error) {
	if word == noNumber {
		return "", nil
	}
	for _, rule := range strings.FieldsFunc(word, func(r rune) bool { return r == ',' || r == ' ' }) {
		country, done, _ := strings.Cut(rule, "=")
		way, err := readCountryWay(done)
		if err != nil {
			return "", err
		}
		codes, err := screening.ParseCountries(country, c.Region)
		if err != nil {
			return "", err
		}
		if slices.Contains(codes, c.Region) {
			return "", ownCountry(c.Region)
		}
		for _, code := range codes {
			all = all.With(code, way.do)
		}
	}
	return all, nil
}

// countriesInWords is what the rules are, for people.
func countriesInWords(word string) string {
	by := map[screening.Action][]string{}
	for _, r := range screening.Countries(strings.ReplaceAll(word, ",", " ")).Rules() {
		by[r.Do] = append(by[r.Do], r.Country)
	}
	var parts []string
	for _, way := range countryWays {
		if codes := by[way.do]; len(codes) > 0 {
			parts = append(parts, InCountries(codes)+": "+way.Words)
		}
	}
	if len(parts) == 0 {
		return "No rules"
	}
	return strings.Join(parts, "; ")
}
