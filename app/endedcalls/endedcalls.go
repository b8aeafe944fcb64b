// Package endedcalls follows the log of calls for whoever tells or counts what has ended: which calls are over, and up to which call nothing
// more will change.
package endedcalls

import (
	"time"

	"ringfence/store"
)

// LookAhead is how many calls are looked at behind one that goes on.
const LookAhead = 500

// settled is how long after its end a call is done with: an end that was logged before it came about may be taken back.
const settled = 10 * time.Second

// openFor is how long a call without an end keeps those after it from being done with.
const openFor = 12 * time.Hour

// Of picks of calls, in the order of their IDs, those that are over, and says up to which all of them are done with;
// after is the one before the first.
func Of(calls []store.LoggedCall, after int64, now time.Time) (over []store.LoggedCall, last int64) {
	done := true
	last = after
	for _, c := range calls {
		ended := !c.Ended.IsZero() && (now.Sub(c.Ended) >= settled || c.Ended.Sub(now) > settled) // the latter: the clock was set back
		if !ended && now.Sub(c.At) < openFor {
			done = false
		}
		if done {
			last = c.ID
		}
		if ended {
			over = append(over, c)
		}
	}
	return over, last
}
