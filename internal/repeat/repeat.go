// Package repeat runs something again and again, such as deleting what is too old once a day.
package repeat

import (
	"context"
	"log/slog"
	"time"
)

// Every does something at once and then at intervals of d, until ctx ends.
func Every(ctx context.Context, d time.Duration, do func()) {
	do()
	Later(ctx, d, do)
}

// Later does something at intervals of d, for the first time after one, until ctx ends.
func Later(ctx context.Context, d time.Duration, do func()) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do()
		}
	}
}

// clockSettles is how long a machine may take after its start to learn the time: many small ones have no clock of their own, and ask for the time
// once the network is up. Nothing is deleted for its age before that, because a clock that is years ahead would have everything deleted.
const clockSettles = 15 * time.Minute

// Daily does something once the clock can be trusted, and every day from then on, until ctx ends. Failures are logged.
func Daily(ctx context.Context, log *slog.Logger, failed string, do func(ctx context.Context) error) {
	select {
	case <-ctx.Done():
	case <-time.After(clockSettles):
		Every(ctx, 24*time.Hour, Logged(ctx, log, failed, do))
	}
}

// Logged does something whose failure is logged.
func Logged(ctx context.Context, log *slog.Logger, failed string, do func(ctx context.Context) error) func() {
	return func() {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			log.Error(failed, "err", err)
		}
	}
}
