// Package endedcalls finds the calls in the log that are over, for alerts and metrics, and the last call up to which nothing will change any more.
package endedcalls

import (
	"time"

	"ringfence/store"
)

// LookAhead is how many calls are read after one that is still going on.
const LookAhead = 500

// settled is how long after its end a call is final: until then an end that was logged too early may be taken back.
const settled = 10 * time.Second

// openFor is how long a call without an end keeps those after it from being final. One that is further ahead is from a clock that was wrong.
const openFor = 12 * time.Hour

// Once picks each call once.
type Once map[int64]bool // by ID: those that were picked and will be read again

// Pick returns those of calls that are over and have not been picked yet, and the last call up to which nothing will change any more. calls are in
// the order of their IDs; after is the one before the first.
func (o Once) Pick(calls []store.LoggedCall, after int64, now time.Time) (over []store.LoggedCall, last int64) {
	done := true
	last = after
	for _, c := range calls {
		ended := !c.Ended.IsZero() && (now.Sub(c.Ended) >= settled || c.Ended.Sub(now) > settled) // the latter: the clock was set back
		if !ended && now.Sub(c.At).Abs() < openFor {
			done = false
		}
		if done {
			last = c.ID
		}
		if ended && !o[c.ID] {
			over = append(over, c)
		}
	}
	return over, last
}

// Picked remembers what Pick has returned for calls, once that has been used.
func (o Once) Picked(calls, over []store.LoggedCall, last int64) {
	for _, c := range over {
		o[c.ID] = true
	}
	for _, c := range calls {
		if c.ID <= last { // it will not be read again
			delete(o, c.ID)
		}
	}
}
