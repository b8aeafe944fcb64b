// Package watch looks out for what a household's carers should know though no call reveals it: a line that is down, a disk that fills up, somebody
// who guesses passwords. Each gives one alert, even if the program restarts meanwhile.
package watch

import (
	"context"
	"log/slog"
	"time"

	"ringfence/internal/repeat"
	"ringfence/store"
)

// Notices are what the carers are told.
type Notices interface {
	AddNotice(ctx context.Context, household string, at time.Time, kind, text string, call int64) error
	LastNotice(ctx context.Context, household string, kinds ...string) (store.Notice, bool, error)
}

// Options are what all have in common.
type Options struct {
	Households func() []string // by name; there may be others each time
	Notices    Notices
	Now        func() time.Time
	Log        *slog.Logger
}

// every calls look at intervals until ctx ends. Failures are logged, and retried next time.
func (o Options) every(ctx context.Context, d time.Duration, look func(ctx context.Context) error, failed string) {
	repeat.Every(ctx, d, repeat.Logged(ctx, o.Log, failed, look))
}

// tell alerts every household's carers, except where there was an alert of the same kind within the last pause; all says that there was none. One that is
// further ahead is from a clock that was wrong, and must not keep them from being told until then.
func (o Options) tell(ctx context.Context, kind string, pause time.Duration, text string) (all bool, err error) {
	all = true
	for _, household := range o.Households() {
		last, found, err := o.Notices.LastNotice(ctx, household, kind)
		if err == nil && found && o.Now().Sub(last.At).Abs() < pause {
			all = false
			continue
		}
		if err == nil {
			err = o.Notices.AddNotice(ctx, household, o.Now(), kind, text, 0)
		}
		if err != nil {
			return false, err
		}
	}
	return all, nil
}
