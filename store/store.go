// Package store keeps what households have chosen and what happened on their lines, in one SQLite database: contacts,
// blocks, shared lists, calls with their reasons and times, and where recordings are.
//
// Many connections read. In WAL mode they go on while something is written. Two write, one at a time: one waits for the disk, and
// has what somebody is told is done; the other does not, and has the lines of the log of calls, and lists that are being filled. So
// that neither ever waits long for the other, nothing holds the database for more than a few milliseconds: a list of a million
// numbers goes in in pieces, sorted (see package lists).
//
// Several processes may have the database open: `ringfence serve` and any command beside it.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"os"
	"path/filepath"

	"ringfence/store/columns"
	"ringfence/store/datafolder"
	"ringfence/store/lists"
	"ringfence/store/outbox"
	"ringfence/store/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	write      sqlite.Connection // waits for the disk: what somebody is told is done
	relaxed    sqlite.Connection // does not: what a loss of power may take the last moments of
	read       *sql.DB
	tidy       sqlite.Connection // for checkpoints
	held       *os.File          // see datafolder.Hold
	path       string            // of the database
	file       os.FileInfo       // what was at path when it was opened
	recordings string            // folder
	phrases    string            // folder
	leastFree  int64             // see the constant
	nameBudget int64             // likewise
	know       know
	log        callLog

	Lists  *lists.Lists   // the shared lists of all households
	Outbox *outbox.Outbox // what is to be sent to carers and groups
}

// Open opens the database at path, makes it where it is absent, and brings it up to date. Recordings are kept in a
// folder "recordings" beside it, what the household says in its own voice in "phrases". Errors of a file that is no database, or of one that a newer Ringfence has written,
// say so in a plain sentence.
func Open(ctx context.Context, path string) (*Store, error) {
	data := filepath.Dir(path)
	// A backup that is waiting to be restored (see backups.Stage).
	if err := datafolder.ApplyWhenFree(ctx, data); err != nil {
		return nil, err
	}
	if err := datafolder.MakeMedia(data); err != nil {
		return nil, err
	}
	held, err := datafolder.Hold(data)
	if err != nil {
		return nil, err
	}
	if err := datafolder.Check(data); err != nil {
		return nil, errors.Join(explain(path, err), held.Close())
	}
	if err := sqlite.Create(path); err != nil {
		return nil, errors.Join(explain(path, err), held.Close())
	}
	s := &Store{
		held: held, path: path, recordings: filepath.Join(data, datafolder.Recordings), phrases: filepath.Join(data, datafolder.Phrases),
		leastFree: LeastFree, nameBudget: nameBudget,
	}
	if err := s.open(ctx); err != nil {
		fault := explain(path, err)
		if err := s.Close(); err != nil && !sqlite.Damaged(err) { // which was said
			fault = errors.Join(fault, err)
		}
		return nil, fault
	}
	if !datafolder.HadDatabase(data) && s.CheckpointAll(ctx) == nil {
		_ = datafolder.NoteDatabase(data) // where the disk has no room for it now, the next time; its tables are in the file itself by now
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if s.write, err = sqlite.Writer(s.path); err != nil {
		return err
	}
	if err := s.isOurs(ctx); err != nil {
		return err
	}
	if err := sqlite.Migrate(ctx, s.path, s.write.DB, migrations); err != nil {
		return err
	}
	if s.file, err = os.Stat(s.path); err != nil {
		return err
	}
	if err := sqlite.Exec(ctx, s.write, checkpointLate); err != nil {
		return err
	}
	if s.relaxed, err = s.openRelaxed(ctx); err != nil {
		return err
	}
	if s.tidy, err = sqlite.Relaxed(s.path); err != nil {
		return err
	}
	if s.read, err = sqlite.Readers(s.path, readers); err != nil {
		return err
	}
	s.Outbox = outbox.New(s.write, s.read)
	s.Lists = lists.New(s.write, s.relaxed, s.read, s.openRelaxed, s.Checkpoint)
	return errors.Join(s.know.prepare(ctx, s.read), s.log.prepare(ctx, s.relaxed.DB))
}

// openRelaxed opens a connection that writes and does not wait for the disk.
func (s *Store) openRelaxed(ctx context.Context) (sqlite.Connection, error) {
	db, err := sqlite.Relaxed(s.path)
	if err != nil {
		return db, err
	}
	if err := sqlite.Exec(ctx, db, checkpointLate); err != nil {
		return sqlite.Connection{}, errors.Join(err, db.Close())
	}
	return db, nil
}

// What was written waits in SQLite's write-ahead log until a checkpoint brings it into the database itself. Two writes wait for
// the disk then: the one that SQLite makes the checkpoint with, and the next one, which begins the log anew. That is 3 to 8
// ms on an SSD, and longer on an SD card.
const (
	// enoughPages, of 4 KiB, is when Checkpoint does it, so that no call has to wait. It is SQLite's own measure.
	enoughPages = 1000
	// checkpointLate has a write do it all the same at ten times as many, where Checkpoint was not called.
	checkpointLate = "PRAGMA wal_autocheckpoint = 10000"
)

// Checkpoint brings what was written into the database itself where there is enough of it, and begins the write-ahead log
// anew, beside calls. A program that stays calls it every few seconds; for others Close does it.
func (s *Store) Checkpoint(ctx context.Context) error {
	var busy, pages, moved int
	err := s.tidy.QueryRowContext(ctx, "PRAGMA wal_checkpoint(NOOP)").Scan(&busy, &pages, &moved)
	if err != nil || pages-moved < enoughPages {
		return err
	}
	err = s.tidy.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &moved)
	if err != nil || moved < pages { // somebody still reads from before: the rest is for the next time
		return err
	}
	// A write that changes nothing: the first one after a checkpoint syncs the log's new beginning.
	return sqlite.Exec(ctx, s.tidy, "UPDATE households SET name = name WHERE id = (SELECT min(id) FROM households)")
}

// CheckpointAll brings all that was written into the database itself.
func (s *Store) CheckpointAll(ctx context.Context) error {
	var busy, pages, moved int
	return s.tidy.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &moved)
}

// readers is how many calls, pages and commands can look things up at the same moment.
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

// Together runs f in one transaction, whole or not at all, and on the disk when it returns: all that f writes with the context it is
// given. Lookups within f see what was there before. Lines of the log of calls and contents of lists, which do not wait for the disk, are
// not written within f.
func (s *Store) Together(ctx context.Context, f func(ctx context.Context) error) error {
	return s.write.Together(ctx, f)
}

// do runs f in one transaction, whole or not at all, and on the disk when it returns.
func (s *Store) do(ctx context.Context, f func(tx *sql.Tx) error) error {
	return s.write.Do(ctx, f)
}

// inHousehold is do for one household; the error is ErrNoHousehold where there is none of that name.
func (s *Store) inHousehold(ctx context.Context, household string, f func(tx *sql.Tx, home int64) error) error {
	return columns.InHousehold(ctx, s.write, household, f)
}

// doRelaxed runs f in one transaction, whole or not at all, which a loss of power may still undo.
func (s *Store) doRelaxed(ctx context.Context, f func(tx *sql.Tx) error) error {
	return s.relaxed.Do(ctx, f)
}

// EnsureHousehold makes a household that is not there yet.
func (s *Store) EnsureHousehold(ctx context.Context, name string) error {
	exists, err := sqlite.Value[bool](ctx, s.read, "SELECT EXISTS (SELECT 1 FROM households WHERE name = ?)", name)
	if err != nil || exists {
		return err
	}
	return sqlite.Exec(ctx, s.write, "INSERT INTO households (name) VALUES (?) ON CONFLICT DO NOTHING", name)
}
