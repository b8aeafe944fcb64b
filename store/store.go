// Package store keeps what households have chosen and what happened on their lines, in one SQLite database: contacts, blocks, calls with their
// reasons and steps, people and their logins. Recordings are files beside it. Shared lists are in package lists, and what is to be sent to carers
// and groups in package outbox.
//
// Many connections read; in WAL mode they go on while something is written. Two write, in turn. One waits for the disk, for everything that is
// acknowledged to somebody. The other does not, for the log of calls, and for lists that are being filled. Neither may hold the database for more
// than a few milliseconds, so a list of a million numbers goes in in small pieces (see package lists).
//
// Several processes may have the database open: `ringfence serve`, and any command at the same time.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/lists"
	"ringfence/store/outbox"
	"ringfence/store/people"
	"ringfence/store/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	write      sqlite.Connection // waits for the disk: for what is acknowledged to somebody
	relaxed    sqlite.Connection // does not: for what may lose its last moments when the power fails
	read       *sql.DB
	snapshot   chan struct{}     // is full while there is a Snapshot
	tidy       sqlite.Connection // for checkpoints
	held       *os.File          // see datafolder.Hold
	path       string            // of the database
	file       os.FileInfo       // what was at path when it was opened
	recordings string            // folder
	phrases    string            // folder
	leastFree  int64             // LeastFree
	nameBudget int64             // see the constant
	know       know
	log        callLog
	isCopy     bool   // nobody uses it: see OpenCopy
	keptBefore string // see KeptBeforeUpgrade
	looked     *looked

	Lists  *lists.Lists   // the shared lists of all households
	Outbox *outbox.Outbox // what is to be sent to carers and groups
	People people.People  // the accounts of whoever looks after them
}

// know has the prepared statements of a verdict: calls wait for them.
type know struct {
	situation, spans, found *sql.Stmt
}

// callLog has the prepared statements of what every call writes.
type callLog struct{ arrived, step, ended, goesOn *sql.Stmt }

func prepareAll(ctx context.Context, db *sql.DB, statements map[string]**sql.Stmt) error {
	for query, statement := range statements {
		var err error
		if *statement, err = db.PrepareContext(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

// What is written stays in SQLite's write-ahead log until a checkpoint moves it into the database. Two writes then wait for the disk: the one that
// runs the checkpoint, and the next one, which restarts the log. That takes 3 to 8 ms on an SSD, and longer on an SD card.
const (
	// enoughPages, of 4 KiB, is when Checkpoint does it, so that no call has to wait. It is SQLite's own default.
	enoughPages = 1000
	// checkpointLate has a write do it at ten times as many pages, in case nobody calls Checkpoint.
	checkpointLate = "PRAGMA wal_autocheckpoint = 10000"
)

// Checkpoint moves what was written into the database if there is enough of it, and restarts the write-ahead log, while calls go on. A long-running
// program calls it every few seconds; for others Close does it.
func (s *Store) Checkpoint(ctx context.Context) error {
	var busy, pages, moved int
	err := s.tidy.QueryRowContext(ctx, "PRAGMA wal_checkpoint(NOOP)").Scan(&busy, &pages, &moved)
	if err != nil || pages-moved < enoughPages {
		return err
	}
	err = s.tidy.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &moved)
	if err != nil || moved < pages { // somebody still reads from the log: the rest is for the next time
		return err
	}
	// A write that changes nothing: the first one after a checkpoint syncs the restarted log.
	return sqlite.Exec(ctx, s.tidy, "UPDATE households SET name = name WHERE id = (SELECT min(id) FROM households)")
}

// CheckpointAll moves all that was written into the database.
func (s *Store) CheckpointAll(ctx context.Context) error {
	var busy, pages, moved int
	return s.tidy.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &moved)
}

// readers is how many calls, pages and commands can read at the same moment.
const readers = 8

// Folder is the data folder.
func (s *Store) Folder() string { return filepath.Dir(s.path) }

// Close ends all connections.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.tidy.DB, s.relaxed.DB, s.write.DB} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, s.held.Close())...)
}

// Together runs f in one transaction, which includes everything that f writes with its context and is on the disk when Together returns. Lookups
// within f see what was there before. The log of calls and the contents of lists, which do not wait for the disk, can't be written within f.
func (s *Store) Together(ctx context.Context, f func(ctx context.Context) error) error {
	return s.write.Together(ctx, f)
}

// inHousehold runs f in one transaction, with the household's ID; the error is columns.ErrNoHousehold if no household has that name.
func (s *Store) inHousehold(ctx context.Context, household string, f func(tx *sql.Tx, home int64) error) error {
	return columns.InHousehold(ctx, s.write, household, f)
}

// EnsureHousehold makes a household, unless it exists. A new one asks callers who talk as a recording does for a key; the column's default is for
// those that were there before this could be chosen.
func (s *Store) EnsureHousehold(ctx context.Context, name string) error {
	exists, err := sqlite.Value[bool](ctx, s.read, "SELECT EXISTS (SELECT 1 FROM households WHERE name = ?)", name)
	if err != nil || exists {
		return err
	}
	return sqlite.Exec(ctx, s.write, newHousehold, name, screening.CheckSuspicious)
}

const newHousehold = "INSERT INTO households (name, human_check) VALUES (?, ?) ON CONFLICT DO NOTHING"

// EnsureHouseholds does so for many, which it looks for together.
func (s *Store) EnsureHouseholds(ctx context.Context, names []string) error {
	there, err := sqlite.Values[string](ctx, s.read, "SELECT name FROM households")
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, name := range there {
		known[name] = true
	}
	missing := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return known[name] })
	if len(missing) == 0 {
		return nil
	}
	return s.write.Do(ctx, func(tx *sql.Tx) error {
		for _, name := range missing {
			if err := sqlite.Exec(ctx, tx, newHousehold, name, screening.CheckSuspicious); err != nil {
				return err
			}
		}
		return nil
	})
}
