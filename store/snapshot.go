package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"time"

	"ringfence/store/columns"
)

// ErrOneSnapshot says that another Snapshot has not ended yet.
var ErrOneSnapshot = errors.New("the database is being read for somebody else")

// Snapshot runs f in a transaction that sees a household as it is at one moment, whatever is written meanwhile; home is its ID. The error is ErrLogWaits
// where the log is not whole within seconds. f should be over within seconds: what is written meanwhile stays in the write-ahead log until then. There is one
// at a time, as each keeps one of the connections with which calls are looked up. The error is ErrOneSnapshot if another one has not ended within seconds.
func (s *Store) Snapshot(ctx context.Context, household string, f func(tx *sql.Tx, home int64) error) error {
	if err := s.awaitLog(ctx); err != nil {
		return err
	}
	select {
	case s.snapshot <- struct{}{}:
		defer func() { <-s.snapshot }()
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(snapshotWait):
		return ErrOneSnapshot
	}
	tx, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	home, err := columns.HouseholdID(ctx, tx, household) // the first look, from which on all is as it was
	if err == nil {
		err = f(tx, home)
	}
	if failed := tx.Rollback(); err == nil || !errors.Is(failed, sql.ErrTxDone) { // done already, where ctx has ended
		err = errors.Join(err, failed)
	}
	return err
}

// snapshotWait is how long Snapshot waits for another one: most take less, and somebody waits for this one in a browser.
const snapshotWait = 5 * time.Second

// ErrLogWaits says that lines of the log of calls wait in a file.
var ErrLogWaits = errors.New("the last calls wait in a file, and are not in the log yet")

// looksAtLog is how often awaitLog looks, every 100 ms. A program that runs writes such lines as soon as the database can be written again.
const looksAtLog = 30

// awaitLog waits up to three seconds for lines of the log of calls that wait in a file; the error is ErrLogWaits if they still do.
func (s *Store) awaitLog(ctx context.Context) error {
	for range looksAtLog {
		if _, err := os.Stat(filepath.Join(s.Folder(), unwrittenFile)); err != nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
	return ErrLogWaits
}
