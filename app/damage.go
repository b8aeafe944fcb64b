package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ringfence/config"
	"ringfence/store"
)

// damageWatch looks at every error that is logged, and ends the application where one says that the database is damaged: it is set aside
// then, and the newest backup put in its place. Meanwhile Asterisk rings the household by itself.
type damageWatch struct {
	once  sync.Once
	found chan struct{}
	err   error // that found it; to be read once found is closed
}

func newDamageWatch() *damageWatch { return &damageWatch{found: make(chan struct{})} }

// note looks at one error.
func (d *damageWatch) note(err error) {
	if store.Unusable(err) {
		d.once.Do(func() {
			d.err = err
			close(d.found)
		})
	}
}

// wait calls stop when the database is found to be damaged.
func (d *damageWatch) wait(ctx context.Context, stop func()) {
	select {
	case <-d.found:
		stop()
	case <-ctx.Done():
	}
}

// ended is how the application has ended: with the damage where that was found.
func (d *damageWatch) ended(err error) error {
	select {
	case <-d.found:
		return errors.Join(err, d.err)
	default:
		return err
	}
}

// watched is a log of which damageWatch sees the errors.
type watched struct {
	slog.Handler
	watch *damageWatch
}

// Handle implements slog.Handler.
func (w watched) Handle(ctx context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if err, is := a.Value.Any().(error); is {
			w.watch.note(err)
		}
		return true
	})
	return w.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (w watched) WithAttrs(attrs []slog.Attr) slog.Handler {
	return watched{w.Handler.WithAttrs(attrs), w.watch}
}

// WithGroup implements slog.Handler.
func (w watched) WithGroup(name string) slog.Handler {
	return watched{w.Handler.WithGroup(name), w.watch}
}

// rescue replaces a damaged database; the error is that of before where it cannot. A database that is whole after all is used again.
func rescue(ctx context.Context, s config.Settings, why error, log *slog.Logger) error {
	log.Error("the database is damaged; it is set aside, and the newest backup put in its place. Every call rings meanwhile", "err", why)
	r, rescued, err := store.RescueDatabase(ctx, s.Data, why, s.HouseholdNames(), time.Now())
	if err != nil && rescued {
		log.Error("recordings that the new database does not know could not all be set aside", "damaged", r.Folder, "err", err)
	}
	if err != nil && !rescued {
		return fmt.Errorf("%w; its newest backup cannot be put in its place: %w", why, err)
	}
	if !rescued {
		log.Warn("the database is whole after all; restarting the application with it")
		return nil
	}
	log.Warn("a damaged database was replaced", "backup", r.Backup, "lost", r.Lost, "damaged", r.Folder)
	return nil
}

// checkLog says so, in the log and to the carers, where the end of what was written before cannot be read.
func checkLog(ctx context.Context, s config.Settings, log *slog.Logger) (tell func(db *store.Store), err error) {
	r, found, err := store.CheckLog(s.Data, time.Now())
	if !found || err != nil {
		return func(*store.Store) {}, err
	}
	log.Error("the end of the database's write-ahead log cannot be read; a copy of it was set aside", "damaged", r.Folder)
	return func(db *store.Store) {
		for _, h := range s.Households {
			if err := db.AddNotice(ctx, h.Name, r.At, store.NoticeDatabaseDamaged, r.Sentence(), 0); err != nil {
				log.Error("the carers could not be told", "household", h.Name, "err", err)
			}
		}
	}, nil
}
