package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"ringfence/config"
	"ringfence/store"
)

// watched is a log that ends the application where an error in it says that the database is damaged: the database is set aside then, and its
// newest backup put in its place. Meanwhile Asterisk rings the household by itself.
type watched struct {
	slog.Handler
	ending *ending
}

// Handle implements slog.Handler.
func (w watched) Handle(ctx context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok && store.Unusable(err) {
			w.ending.because(err)
		}
		return true
	})
	return w.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (w watched) WithAttrs(attrs []slog.Attr) slog.Handler {
	return watched{w.Handler.WithAttrs(attrs), w.ending}
}

// WithGroup implements slog.Handler.
func (w watched) WithGroup(name string) slog.Handler {
	return watched{w.Handler.WithGroup(name), w.ending}
}

// rescue replaces a damaged database, and returns why it was thought damaged where it cannot. A database that is whole after all is used again.
func rescue(ctx context.Context, s config.Settings, why error, log *slog.Logger) error {
	log.Error("the database is damaged or missing; it is set aside, and the newest backup put in its place. Every call rings meanwhile", "err", why)
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

// checkLog tells the operator, and by tell the carers, if the last entries before this start cannot be read.
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
