package screening

import (
	"math"
	"strings"
	"testing"
	"time"
)

// The bounds themselves are allowed; what is beyond them by the least is not.
func TestLimitsAreExact(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	end := now.Add
	for name, test := range map[string]struct {
		err error
		why string // "" where it is allowed
	}{
		"a mode for a second":        {CheckModeEnd(now, end(time.Second)), ""},
		"a mode for 90 days":         {CheckModeEnd(now, end(90*24*time.Hour)), ""},
		"a mode for longer":          {CheckModeEnd(now, end(90*24*time.Hour+1)), "90 days at most"},
		"a mode that ends now":       {CheckModeEnd(now, now), "over already"},
		"a mode that has ended":      {CheckModeEnd(now, end(-time.Hour)), "over already"},
		"a mode without an end":      {CheckModeEnd(now, time.Time{}), "over already"},
		"a call within a day":        {CheckExpecting(now, end(24*time.Hour)), ""},
		"a call after a day":         {CheckExpecting(now, end(24*time.Hour+1)), "within a day"},
		"a call that is expected no": {CheckExpecting(now, now), "over already"},
		"emergency, an hour":         {CheckEmergency(time.Hour), ""},
		"emergency, less":            {CheckEmergency(time.Hour - 1), "1h to 168h"},
		"emergency, a week":          {CheckEmergency(168 * time.Hour), ""},
		"emergency, more":            {CheckEmergency(168*time.Hour + 1), "1h to 168h"},
		"a day":                      {CheckKept(1), ""},
		"no day":                     {CheckKept(0), "1 to 3650 days"},
		"ten years":                  {CheckKept(3650), ""},
		"more than ten years":        {CheckKept(3651), "1 to 3650 days"},
		"a threshold of 1":           {CheckThreshold(1), ""},
		"a threshold just above 0":   {CheckThreshold(math.SmallestNonzeroFloat64), ""},
		"a threshold of 0":           {CheckThreshold(0), "above 0"},
		"a threshold above 1":        {CheckThreshold(math.Nextafter(1, 2)), "up to 1"},
		"a threshold of no number":   {CheckThreshold(math.NaN()), "above 0"},
		"a block":                    {Block{Note: strings.Repeat("x", 200), Farewell: NotWanted}.Check(), ""},
		"a block with a long note":   {Block{Note: strings.Repeat("x", 201)}.Check(), "200 bytes"},
		"a block with no farewell":   {Block{Farewell: "adieu"}.Check(), "no farewell"},
	} {
		if test.why == "" && test.err != nil || test.why != "" && (test.err == nil || !strings.Contains(test.err.Error(), test.why)) {
			t.Errorf("%s: %v, want %q", name, test.err, test.why)
		}
	}
}

// Calls go on to a carer whose number is known.
func TestCarerNeedsANumber(t *testing.T) {
	for _, h := range []Household{{}, {CarerNumber: "+442079460100"}, {CarerNumber: "+442079460100", CarerWhen: CarerNoAnswer}} {
		if err := h.CheckCarer(); err != nil {
			t.Errorf("%+v: %v", h, err)
		}
	}
	if err := (Household{CarerWhen: CarerAlways}).CheckCarer(); err == nil || !strings.Contains(err.Error(), "carer without a number") {
		t.Error(err)
	}
}

func TestModesThatThereAre(t *testing.T) {
	for _, m := range []Mode{Ask, KnownOnly, BlockOnly, Watch, Off} {
		if err := m.Check(); err != nil {
			t.Error(err)
		}
	}
	for _, m := range []Mode{"", "loud", "ASK"} {
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), "no mode") {
			t.Errorf("%q: %v", m, err)
		}
	}
}
