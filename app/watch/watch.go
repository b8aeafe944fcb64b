// Package watch looks out for what a household's carers should know though no call reveals it: a line that is down, a disk that fills up,
// somebody who guesses passwords. Each is told once, also if the program restarts meanwhile.
package watch

import (
	"context"
	"log/slog"
	"time"

	"ringfence/store"
)

// Notices are what the carers are told.
type Notices interface {
	AddNotice(ctx context.Context, household string, at time.Time, kind, text string, call int64) error
	LastNotice(ctx context.Context, household string, kinds ...string) (store.Notice, bool, error)
}

// Options are what all have in common.
type Options struct {
	Households []string
	Notices    Notices
	Now        func() time.Time
	Log        *slog.Logger
}

// repeat looks at once and at every tick until ctx ends. What fails is logged, and tried again at the next tick.
func (o Options) repeat(ctx context.Context, tick <-chan time.Time, look func(ctx context.Context) error, failed string) {
	for {
		if err := look(ctx); err != nil && ctx.Err() == nil {
			o.Log.Error(failed, "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

// every is repeat by the clock.
func (o Options) every(ctx context.Context, d time.Duration, look func(ctx context.Context) error, failed string) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	o.repeat(ctx, tick.C, look, failed)
}
