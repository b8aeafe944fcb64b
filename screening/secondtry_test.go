package screening_test

import (
	"testing"
	"time"

	"ringfence/screening"
)

// A stranger who was asked before rings if they ring again in time, and only if nothing speaks against them.
func TestSecondTry(t *testing.T) {
	tried := func(change func(s *situation)) screening.Verdict {
		s := stranger()
		s.call.Caller.Doubtful = false
		s.house.SecondTry, s.known.Tried = 5*time.Minute, s.call.At.Add(-3*time.Minute)
		change(&s)
		return s.decide()
	}
	for name, test := range map[string]struct {
		change func(s *situation)
		want   screening.Action
	}{
		"in time":           {func(*situation) {}, screening.Ring},
		"too late":          {func(s *situation) { s.known.Tried = s.call.At.Add(-6 * time.Minute) }, screening.Screen},
		"not chosen":        {func(s *situation) { s.house.SecondTry = 0 }, screening.Screen},
		"a first call":      {func(s *situation) { s.known.Tried = time.Time{} }, screening.Screen},
		"forged":            {func(s *situation) { s.call.Caller.Forged = true }, screening.Screen},
		"doubtful":          {func(s *situation) { s.call.Caller.Doubtful = true }, screening.Screen},
		"from abroad":       {func(s *situation) { s.call.Caller.International = true }, screening.Screen},
		"marked as spam":    {func(s *situation) { s.call.Caller.SpamName = true }, screening.Screen},
		"reported by lists": {func(s *situation) { s.known.Entries = []screening.Entry{entry(0.1)} }, screening.Screen},
		"reported at home":  {func(s *situation) { s.known.Reported = s.call.At.Add(-time.Hour) }, screening.Screen},
		"listed":            {func(s *situation) { s.known.Entries = []screening.Entry{entry(0.9)} }, screening.TurnAway},
		"blocked":           {func(s *situation) { s.known.Block = &screening.Block{} }, screening.TurnAway},
		"known-only":        {func(s *situation) { s.house.Mode = screening.KnownOnly }, screening.Message},
		"held":              {func(s *situation) { s.house.HoldStrangers, s.known.SentAway = time.Minute, s.call.At }, screening.Message},
	} {
		v := tried(test.change)
		checkVerdict(t, v)
		if v.Action != test.want || (v.Reasons[0].Code == screening.CodeSecondTry) != (test.want == screening.Ring) {
			t.Errorf("%s: %+v, want %s", name, v, test.want)
		}
	}
}

// Just after somebody was sent away strangers leave a message; nobody else notices.
func TestHeldStrangers(t *testing.T) {
	for name, test := range map[string]struct {
		change func(s *situation)
		want   screening.Action
	}{
		"a stranger":      {func(*situation) {}, screening.Message},
		"block-only":      {func(s *situation) { s.house.Mode = screening.BlockOnly }, screening.Message},
		"a suspect":       {func(s *situation) { s.call.Caller.Forged = true }, screening.Message},
		"later":           {func(s *situation) { s.known.SentAway = s.call.At.Add(-2 * time.Minute) }, screening.Screen},
		"not chosen":      {func(s *situation) { s.house.HoldStrangers = 0 }, screening.Screen},
		"never sent away": {func(s *situation) { s.known.SentAway = time.Time{} }, screening.Screen},
		"a contact":       {func(s *situation) { s.known.Contact = &screening.Contact{Name: "Ann"} }, screening.Ring},
		"help":            {func(s *situation) { s.known.Emergency = s.call.At }, screening.Ring},
		"expected, too": {func(s *situation) {
			s.house.Mode, s.house.Times.ExpectingUntil = screening.BlockOnly, s.call.At.Add(time.Hour)
		}, screening.Ring},
		"an expected call":  {func(s *situation) { s.house.Times.ExpectingUntil = s.call.At.Add(time.Hour) }, screening.Ring},
		"rung by the house": {func(s *situation) { s.house.RingDialled, s.known.Dialled = true, s.call.At.Add(-time.Hour) }, screening.Ring},
		"blocked":           {func(s *situation) { s.known.Block = &screening.Block{} }, screening.TurnAway},
		"watch":             {func(s *situation) { s.house.Mode = screening.Watch }, screening.Ring},
	} {
		s := stranger()
		s.house.HoldStrangers, s.known.SentAway = time.Minute, s.call.At.Add(-30*time.Second)
		test.change(&s)
		v := s.decide()
		checkVerdict(t, v)
		if v.Action != test.want {
			t.Errorf("%s: %+v, want %s", name, v, test.want)
		}
	}
}
