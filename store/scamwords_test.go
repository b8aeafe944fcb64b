package store

import (
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// The month counts the calls whose words sounded like a scam, and what the household made of them; those who were turned away for it are scam calls.
func TestMonthCountsScamWords(t *testing.T) {
	s, _ := open(t)
	for i, c := range []struct {
		level   calllog.ScriptLevel
		outcome calllog.Outcome
	}{
		{calllog.ScriptStrong, calllog.SentAway}, {calllog.ScriptStrong, calllog.TurnedAway}, {calllog.ScriptWarn, calllog.Accepted}, {calllog.ScriptWarn, calllog.LetThrough},
		{calllog.ScriptWarn, calllog.NotNow}, {calllog.ScriptSales, calllog.Accepted}, {"", calllog.SentAway},
	} {
		call := logged{at: ten.Add(time.Duration(i) * time.Hour), number: steve, action: screening.Screen}.log(t, s)
		if c.level != "" {
			must(t, s.CallStep(t.Context(), call, ten, calllog.Script{Level: c.level, Reasons: "So."}))
		}
		if c.outcome == calllog.TurnedAway {
			must(t, s.CallStep(t.Context(), call, ten, calllog.ScriptResult{Result: calllog.ScriptTurnedAway}))
		}
		must(t, s.CallEnded(t.Context(), call, ten.Add(time.Hour), c.outcome))
	}
	m, err := s.Month(t.Context(), "home", 2026, time.November, time.UTC)
	if want := (ScamWords{SoundedScam: 5, WereScam: 1, WereTaken: 1, WereAllowed: 1}); err != nil || m.ScamWords != want || m.Scam != 3 {
		t.Errorf("%+v %d %v", m.ScamWords, m.Scam, err)
	}
	if got := ids(t, s, "home", CallSearch{Kind: KindScamWords}); got != "[5 4 3 2 1]" {
		t.Errorf("the search finds %s", got)
	}
}
