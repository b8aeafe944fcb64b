package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"ringfence/config"
	"ringfence/store"
	"ringfence/store/rescue"
)

// replaceDatabase replaces a damaged database, and says whether it did. If it cannot, it returns why, the error that was met. A database that turns out to
// be whole is used again.
func replaceDatabase(ctx context.Context, s config.Settings, why error, log *slog.Logger) (replaced bool, err error) {
	log.Error("the database is damaged or missing; it is set aside, and the newest backup put in its place. Every call rings meanwhile", "err", why)
	r, rescued, err := rescue.Database(ctx, s.Data, why, s.HouseholdNames(), time.Now())
	if err != nil && rescued {
		log.Error("recordings that the new database does not know could not all be set aside", "damaged", r.Folder, "err", err)
	}
	if err != nil && !rescued {
		return false, fmt.Errorf("%w; its newest backup cannot be put in its place: %w", why, err)
	}
	if !rescued {
		log.Warn("the database is whole after all; restarting the application with it")
		return false, nil
	}
	log.Warn("a damaged database was replaced", "backup", r.Backup, "lost", r.Lost, "damaged", r.Folder)
	return true, nil
}

// checkLog tells the operator, and by tell the carers, if the last entries before this start cannot be read.
func checkLog(ctx context.Context, s config.Settings, log *slog.Logger) (tell func(db *store.Store), err error) {
	r, found, err := rescue.CheckLog(s.Data, time.Now())
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
