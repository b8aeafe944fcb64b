// Package watch looks out for what a household's carers should know though no call reveals it: a line that is down, a disk that fills up, somebody
// who guesses passwords. Each gives one alert, even if the program restarts meanwhile.
package watch

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"ringfence/internal/repeat"
	"ringfence/store"
)

// Notices are what the carers are told.
type Notices interface {
	AddNotice(ctx context.Context, household string, at time.Time, kind, text string, call int64) error
	AddNotices(ctx context.Context, households []string, at time.Time, kind, text string) error
	LastNotices(ctx context.Context, kinds ...string) (map[string]store.Notice, error)
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
	last, err := o.Notices.LastNotices(ctx, kind)
	if err != nil {
		return false, err
	}
	households := o.Households()
	wanted := slices.DeleteFunc(slices.Clone(households), func(household string) bool {
		l, found := last[household]
		return found && o.Now().Sub(l.At).Abs() < pause
	})
	return len(wanted) == len(households), o.Notices.AddNotices(ctx, wanted, o.Now(), kind, text)
}
