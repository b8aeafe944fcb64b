// Package daily does what is done once a day, such as deleting what is too old.
package daily

import (
	"context"
	"time"
)

// clockSettles is how long a machine may take after its start to learn the time: many small ones have no clock of their own, and ask for the time
// once the network is up. Nothing is deleted for its age before that: a clock that is years ahead would have everything deleted.
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
