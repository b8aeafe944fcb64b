// Package daily does what is done once a day, such as deleting what is too old.
package daily

import (
	"context"
	"time"
)

// clockSettles is how long after its start a machine may take to learn the time: many a small one has no clock of its own, and asks for
// it when the network is there. Nothing is deleted for its age before, for a clock that is years ahead would have everything deleted.
const clockSettles = 15 * time.Minute

// Run does something once the clock can be trusted, and every day from then on, until ctx ends.
func Run(ctx context.Context, do func()) {
	for wait := clockSettles; ; wait = 24 * time.Hour {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
			do()
		}
	}
}
