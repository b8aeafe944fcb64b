package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"ringfence/config"
	"ringfence/internal/repeat"
	"ringfence/store"
	"ringfence/store/backups"
	"ringfence/store/datafolder"
)

// OpenStore opens the households' database, and creates it if there is none.
func OpenStore(ctx context.Context, s config.Settings) (*store.Store, error) {
	if err := datafolder.Make(s.Data); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, s.Database())
	if err != nil {
		return nil, err
	}
	if err := db.EnsureHouseholds(ctx, s.HouseholdNames()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

const (
	// checkpointEvery limits what a power cut can lose, and how much work each checkpoint is.
	checkpointEvery = 5 * time.Second
	// checkpointAll is how long a line can stay in the write-ahead log, to be lost if that is damaged.
	checkpointAll = time.Minute
)

// checkpoints moves what calls have written from the write-ahead log into the database, so that no call has to wait for it.
func checkpoints(ctx context.Context, db *store.Store, log *slog.Logger) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	all, failing := time.Now(), false
	repeat.Every(ctx, checkpointEvery, func() {
		bring := db.Checkpoint
		if time.Since(all) >= checkpointAll {
			bring, all = db.CheckpointAll, time.Now()
		}
		if err := db.Removed(); err != nil {
			log.Error("the database's file is not there any more; it is written again, and every call rings meanwhile", "err", err)
			cancel() // it has been logged, and the log ends the application
			return
		}
		err := bring(ctx)
		if err != nil && ctx.Err() == nil && !failing { // once, and not every few seconds
			log.Error("the database's write-ahead log could not be brought in; it is tried again", "err", err)
		}
		failing = err != nil
	})
}

// expire deletes calls and recordings that are older than the household keeps them.
func expire(ctx context.Context, s config.Settings, db *store.Store, log *slog.Logger) {
	repeat.Daily(ctx, log, "old calls could not be deleted", func(ctx context.Context) error {
		return db.Expire(ctx, time.Now().AddDate(0, 0, -s.KeepDays))
	})
}

// verifyFirst is how long the start may check the database; until then every call rings. Lists of a million numbers take longer, and are checked
// with the first backup of the day.
const verifyFirst = time.Second

func verifyAtStart(ctx context.Context, db *store.Store, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, verifyFirst)
	defer cancel()
	err := db.Verify(ctx)
	if err != nil && !store.Unusable(err) {
		log.Info("the database is large; it is looked at later", "err", err)
		return nil
	}
	return err
}

// backUpDaily backs the database up once a day, after checking all of it.
func backUpDaily(ctx context.Context, db *store.Store, log *slog.Logger) {
	repeat.Daily(ctx, log, "today's backup could not be made", func(ctx context.Context) error { return backups.MakeDaily(ctx, db.Folder(), time.Now()) })
}
