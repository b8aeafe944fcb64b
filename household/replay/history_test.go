package replay

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// When callers were last sent away is known at each call, also of those whose calls overlap, and no past one is looked at again and again.
func TestSentAwayIsLookedAtOnce(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // of a test
	h := history{before: map[screening.Number]time.Time{}, tried: map[screening.Number]time.Time{}}
	for n := range 200 {
		h.emergencies = append(h.emergencies, start.Add(time.Duration(n)*10*time.Minute))
	}
	emergencies := h.emergencies
	var ends []time.Time
	for n := range 2000 {
		c := Call{ID: 1, At: start.Add(time.Duration(n) * time.Minute)}
		if n%3 == 0 {
			c.Outcome, c.Ended = calllog.SentAway, c.At.Add(time.Duration(random.IntN(600)-60)*time.Second)
		}
		then, _ := h.asOf(screening.Household{HoldStrangers: 1}, screening.Knowledge{}, c, "")
		var sentAway, emergency time.Time
		for _, end := range ends {
			if !end.After(c.At) && end.After(sentAway) {
				sentAway = end
			}
		}
		for _, at := range emergencies {
			if !at.After(c.At.Add(skew)) {
				emergency = at
			}
		}
		if !then.SentAway.Equal(sentAway) || !then.Emergency.Equal(emergency) {
			t.Fatalf("call %d: sent away %v, not %v; emergency %v, not %v", n, then.SentAway, sentAway, then.Emergency, emergency)
		}
		h.add(c, "", screening.Verdict{})
		if c.Outcome == calllog.SentAway {
			ends = append(ends, c.Ended)
		}
		if len(h.goingAway) > 10 {
			t.Fatalf("after %d calls %d are still looked at", n, len(h.goingAway))
		}
	}
}

// Of so many calls, all of which were sent away.
func BenchmarkSentAway(b *testing.B) {
	for _, calls := range []int{10_000, 100_000} {
		b.Run(strconv.Itoa(calls), func(b *testing.B) {
			for b.Loop() {
				h := history{before: map[screening.Number]time.Time{}, tried: map[screening.Number]time.Time{}}
				for n := range calls {
					c := Call{At: time.Unix(int64(n)*60, 0), Outcome: calllog.SentAway, Ended: time.Unix(int64(n)*60+40, 0)}
					h.asOf(screening.Household{HoldStrangers: 1}, screening.Knowledge{}, c, "")
					h.add(c, "", screening.Verdict{})
				}
			}
		})
	}
}
