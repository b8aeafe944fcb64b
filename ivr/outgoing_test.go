package ivr

import (
	"fmt"
	"strings"
	"testing"

	"ringfence/screening"
)

func TestOutgoingCallsThatAreWarnedOf(t *testing.T) {
	listed := screening.Knowledge{Entries: []screening.Entry{{List: "parish", Confidence: 0.9}}}
	for name, c := range map[string]struct {
		number string
		known  screening.Knowledge
		key    rune
		goes   bool
		hears  string
	}{
		"an honest number":           {"02079460123", screening.Knowledge{}, 0, true, ""},
		"a contact on a list":        {"02079460123", screening.Knowledge{Contact: &screening.Contact{}, Entries: listed.Entries}, 0, true, ""},
		"a listed one":               {"02079460666", listed, 0, false, "warn-dial-scam"},
		"a listed one, all the same": {"02079460666", listed, '1', true, "warn-dial-scam"},
		"a blocked one":              {"02079460666", screening.Knowledge{Block: &screening.Block{}}, 0, false, "warn-dial-scam"},
		"little evidence":            {"02079460666", screening.Knowledge{Entries: []screening.Entry{{Confidence: 0.1}}}, 0, true, ""},
		"premium rate":               {"09098790123", screening.Knowledge{}, 0, false, "warn-dial-premium"},
		"a short number":             {"1471", screening.Knowledge{}, 0, true, ""},
	} {
		s := newScene()
		s.memory.known = c.known
		s.home.phone.reply = func([]Sound) rune { return c.key }
		goes, err := s.screener.MayCallOut(t.Context(), OutgoingCall{Household: "home", Number: c.number, Telephone: s.home.phone})
		if got := s.did.String(); err != nil || goes != c.goes || !strings.Contains(got, c.hears) || c.hears == "" && got != "" {
			t.Errorf("%s: goes %v, %v\n%s", name, goes, err, got)
		}
	}
	s := newScene()
	s.memory.err = fmt.Errorf("disk full")
	if goes, err := s.screener.MayCallOut(t.Context(), OutgoingCall{Household: "home", Number: "02079460666", Telephone: s.home.phone}); !goes || err == nil {
		t.Error("a fault of the store keeps the household from dialling")
	}
}

func TestWhatTheHouseholdRings(t *testing.T) {
	for number, want := range map[string]string{
		"02079460123": "dialled: +442079460123", "09098790123": "", "0033123456789": "", "1471": "dialled: 1471",
	} {
		for _, on := range []bool{true, false} {
			s := newScene()
			s.memory.house.RingDialled = on
			err := s.screener.OnDialplanReport(t.Context(), DialplanReport{Household: "home", Number: number})
			if got := s.did.String(); err != nil || on && got != want || !on && got != "" {
				t.Errorf("%s, switched on %v: %v %q", number, on, err, got)
			}
		}
	}
}
