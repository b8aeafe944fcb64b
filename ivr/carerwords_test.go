package ivr

import (
	"strings"
	"testing"

	"ringfence/household"
	"ringfence/screening"
)

// What the pages say of each choice of calls that go on to a carer is what rings.
func TestWordsOfCarerCallsSayWhatRings(t *testing.T) {
	o, _ := household.OptionByName("carer-when")
	for rings, words := range map[string]string{
		"house":             "None",
		"house, then carer": "Calls that nobody answers",
		"house and carer":   "Unknown callers, as well as the house",
		"carer":             "Unknown callers, instead of the house",
	} {
		said := false
		for _, v := range o.Values {
			said = said || ringsWhen(t, v.Word) == rings && v.Words == words
		}
		if !said {
			t.Errorf("no value has the %s ring, and says %q", rings, words)
		}
	}
}

// ringsWhen says who rings about an unknown caller, with a value of the option carer-when, where nobody picks up.
func ringsWhen(t *testing.T, word string) string {
	t.Helper()
	s := newScene()
	s.memory.house.CarerNumber, s.memory.house.CarerWhen = "+441632960333", screening.CarerWhen(strings.TrimPrefix(word, "off"))
	s.home.err = ErrNoAnswer
	var rang []string
	s.home.rings = func(spec RingSpec) {
		rang = append(rang, map[bool]map[bool]string{
			false: {false: "house", true: "house and carer"}, true: {true: "carer"},
		}[spec.CarerOnly][spec.Carer != ""])
	}
	if _, err := s.play(); err != nil {
		t.Error(err)
	}
	return strings.Join(rang, ", then ")
}
