package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"ringfence/app/daily"
	"ringfence/config"
	"ringfence/store"
)

const (
	// checkpointEvery keeps what a loss of power can take from the log short, and the work of each checkpoint small.
	checkpointEvery = 5 * time.Second
	// checkpointAll is for how long something can wait in the write-ahead log, and be lost with it should that be damaged.
	checkpointAll = time.Minute
)

// checkpoints brings what calls have written into the database, so that no call has to wait while that is done.
func checkpoints(ctx context.Context, db *store.Store, log *slog.Logger) {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	all, failing := time.Now(), false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		bring := db.Checkpoint
		if time.Since(all) >= checkpointAll {
			bring, all = db.CheckpointAll, time.Now()
		}
		err := bring(ctx)
		if err != nil && ctx.Err() == nil && !failing { // once, and not every few seconds
			log.Error("the database's write-ahead log could not be brought in; it is tried again", "err", err)
		}
		failing = err != nil
	}
}

// expire deletes calls and recordings that are older than the household keeps them.
func expire(ctx context.Context, s config.Settings, db *store.Store, log *slog.Logger) {
	daily.Run(ctx, func() {
		before := time.Now().AddDate(0, 0, -s.KeepDays)
		if err := db.Expire(ctx, before); err != nil && ctx.Err() == nil {
			log.Error("old calls could not be deleted", "err", fmt.Errorf("expire: %w", err))
		}
	})
}

// verifyFirst is for how long the start waits for a look at all of the database: until then every call rings. A million numbers on lists
// take longer; they are looked at with the first backup of the day.
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

// backUpDaily makes a backup of the database each day, once all of it was found whole.
func backUpDaily(ctx context.Context, db *store.Store, log *slog.Logger) {
	daily.Run(ctx, func() {
		if err := db.BackUpDaily(ctx, time.Now()); err != nil && ctx.Err() == nil {
			log.Error("today's backup could not be made", "err", err)
		}
	})
}
