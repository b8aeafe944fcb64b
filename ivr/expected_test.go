package ivr

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
)

// The expected call rings, once: a second one that arrives with it is decided on as if none were expected. Where the store
// cannot say which of the two it is, the telephone rings.
func TestExpectedCall(t *testing.T) {
	for name, test := range map[string]struct {
		gone  bool
		fault error
		used  bool
		house screening.Household
		want  screening.Action
	}{
		"the one":                {want: screening.Ring, used: true},
		"another was first":      {gone: true, want: screening.Screen, used: true},
		"the store fails":        {gone: true, fault: errors.New("locked"), want: screening.Ring, used: true},
		"in a mode that rings":   {house: screening.Household{Mode: screening.BlockOnly}, want: screening.Ring},
		"in a mode that watches": {house: screening.Household{Mode: screening.Watch}, want: screening.Ring},
	} {
		s := newScene()
		s.memory.house, s.memory.expectedGone, s.memory.unexpected = test.house, test.gone, test.fault
		s.memory.house.Times.ExpectingUntil = time.Unix(60, 0) // the call comes at 0
		did, err := s.play()
		if err != nil || !strings.Contains(did, "log: arrived "+string(test.want)) || strings.Contains(did, "expectation used") != test.used {
			t.Errorf("%s: %v\n%s", name, err, did)
		}
	}
}

// Times are those of the household's own clocks.
func TestScheduleGoesByTheZoneOfTheLine(t *testing.T) {
	s := newScene()
	span := screening.Span{Days: screening.Daily, From: 5 * 60, To: 6 * 60, Mode: screening.KnownOnly}
	s.memory.house.Times.Week = []screening.Span{span}
	line := s.screener.Lines.Of("home")
	line.Zone = time.FixedZone("east", 5*60*60) // the call comes at midnight UTC
	s.screener.Lines = NewLines(map[string]screening.Line{"home": line})
	if did, err := s.play(); err != nil || !strings.Contains(did, "log: arrived message") {
		t.Errorf("%v\n%s", err, did)
	}
}
