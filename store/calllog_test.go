package store

import (
	"slices"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// What the log is told of a call it tells again: every outcome, typed steps, and those of versions whose steps had no types.
func TestOutcomesAndStepsComeBack(t *testing.T) {
	s, _ := open(t)
	steps := []calllog.Step{
		calllog.Asked{Again: true}, calllog.Said{Length: 3200 * time.Millisecond}, calllog.PassedCheck{}, calllog.FailedCheck{},
		calllog.Suspected{Why: calllog.TalkedOn},
		calllog.PassCode{Name: "Joan"}, calllog.WrongPassCode{InARow: 3}, calllog.PassCodeRefused{}, calllog.SpamLookup{Text: "PhoneBlock: \"fraud\""},
		calllog.Rang{Phones: calllog.CarersPhone}, calllog.PickedUp{SecondCall: true}, calllog.NoAnswer{Why: calllog.NotRegistered},
		calllog.SecondCall{Why: calllog.RingingAlready}, calllog.Pressed{Key: calllog.KeyToMessage},
		calllog.CarerPressed{Key: calllog.CarerSendAway, By: "Anna"}, calllog.NotAllowed{Why: calllog.OfficialNumber}, calllog.AllowedInCall{},
		calllog.SentAwayInCall{}, calllog.LeftMessage{Length: 42 * time.Second}, calllog.NoRoom{}, calllog.Fault{Effect: calllog.MessageLost},
	}
	for i, outcome := range []calllog.Outcome{
		calllog.Talked, calllog.Accepted, calllog.LetThrough, calllog.NotNow, calllog.SentAway, calllog.TurnedAway, calllog.NoName, calllog.NotProven,
		calllog.NobodyHome, calllog.Busy, calllog.MessageLeft, calllog.NoMessage, calllog.CallerGone, calllog.Interrupted, calllog.TooMany,
	} {
		call, err := s.CallArrived(t.Context(), "home", string(outcome), time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
		must(t, err)
		for _, words := range []bool{false, true} { // as the log writes them now, and as it did
			for _, step := range steps {
				if words {
					_, err = s.write.ExecContext(t.Context(), stepQuery, call, i, calllog.KindOf(step), calllog.WordsOf(step))
				} else {
					err = s.CallStep(t.Context(), call, time.UnixMilli(int64(i)), step)
				}
				must(t, err)
			}
		}
		must(t, s.CallEnded(t.Context(), call, time.Now(), outcome))
		calls, err := s.Calls(t.Context(), "home", 1)
		must(t, err)
		var got []calllog.Step
		for _, step := range calls[0].Steps {
			got = append(got, step.Step)
		}
		if calls[0].Outcome != outcome || !slices.Equal(got, slices.Concat(steps, steps)) {
			t.Errorf("%s: %+v", outcome, calls[0])
		}
	}
}
