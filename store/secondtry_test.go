package store

import (
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// What counts as having tried before, and as having been sent away; and neither is looked up unless it is chosen.
func TestTriedAndSentAway(t *testing.T) {
	s, _ := open(t)
	ctx, now := t.Context(), time.Now().Truncate(time.Second)
	must(t, s.SetOption(ctx, "home", "second_try_s", 300))
	must(t, s.SetOption(ctx, "home", "hold_strangers_s", 60))
	known := func() screening.Knowledge {
		t.Helper()
		h, k, err := s.Situation(ctx, "home", steve)
		must(t, err)
		if h.SecondTry != 5*time.Minute || h.HoldStrangers != time.Minute {
			t.Errorf("%+v", h)
		}
		return k
	}
	if k := known(); !k.Tried.IsZero() || !k.SentAway.IsZero() {
		t.Errorf("nobody has called: %+v", k)
	}
	for i, c := range []struct {
		action  screening.Action
		outcome calllog.Outcome
		tried   bool
	}{
		{screening.Screen, calllog.CallerGone, true}, {screening.Screen, calllog.NoName, true}, {screening.Screen, calllog.NobodyHome, true},
		{screening.Screen, calllog.SentAway, false}, {screening.Screen, calllog.NotNow, false}, {screening.Screen, calllog.NotProven, false},
		{screening.TurnAway, calllog.TurnedAway, false}, {screening.Message, calllog.NoMessage, false},
	} {
		at := now.Add(time.Duration(i-20) * time.Minute)
		id, err := s.CallArrived(ctx, "home", "1.1", at, screening.Identity{}, screening.Caller{Number: steve}, screening.Verdict{Action: c.action, Would: c.action}, c.outcome)
		must(t, err)
		k := known()
		if k.Tried.Equal(at) != c.tried {
			t.Errorf("call %d, %s, %s: tried %s", id, c.action, c.outcome, k.Tried)
		}
		if c.outcome == calllog.SentAway && k.SentAway.IsZero() {
			t.Errorf("nobody was sent away: %+v", k)
		}
	}
}
