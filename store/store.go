// Package store keeps what households have chosen and what happened on their lines, in one SQLite database: contacts,
// blocks, shared lists, calls with their reasons and times, and where recordings are.
//
// One connection writes and many read. In WAL mode readers go on while something is written; a second writer would only
// wait for the first. So that no call ever waits long for the writer, nothing holds it for more than a few
// milliseconds: a list of a million numbers goes in in pieces (see ReplaceList).
//
// Several processes may have the database open: `ringfence serve` and any command beside it.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open database. Its methods may be called from any goroutine.
type Store struct {
	write      *sql.DB
	read       *sql.DB
	tidy       *sql.DB  // for checkpoints
	held       *os.File // see hold
	path       string   // of the database
	recordings string   // folder
	phrases    string   // folder
	leastFree  int64    // see the constant
	know       know
	log        callLog
}

// ErrNoHousehold says that there is no household of that name.
var ErrNoHousehold = errors.New("there is no household of that name")

// Open opens the database at path, makes it where it is absent, and brings it up to date. Recordings are kept in a
// folder "recordings" beside it, what the household says in its own voice in "phrases". Errors of a file that is no database, or of one that a newer Ringfence has written,
// say so in a plain sentence.
func Open(ctx context.Context, path string) (*Store, error) {
	data := filepath.Dir(path)
	// A backup that was checked, and is to take this place (see Stage).
	if err := applyWhenFree(ctx, data); err != nil {
		return nil, err
	}
	if err := makeFolders(data); err != nil {
		return nil, err
	}
	held, err := hold(data)
	if err != nil {
		return nil, err
	}
	if err := prepare(path); err != nil {
		return nil, errors.Join(err, held.Close())
	}
	s := &Store{held: held, path: path, recordings: filepath.Join(data, "recordings"), phrases: filepath.Join(data, "phrases"), leastFree: leastFree}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(explain(path, err), s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if s.write, err = connect(s.path, 1, ""); err != nil {
		return err
	}
	if err := migrate(ctx, s.path, s.write); err != nil {
		return err
	}
	if _, err := s.write.ExecContext(ctx, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", latestCheckpoint)); err != nil {
		return err
	}
	if s.tidy, err = connect(s.path, 1, ""); err != nil {
		return err
	}
	// A reader can only look, whatever a statement says.
	if s.read, err = connect(s.path, readers, "on"); err != nil {
		return err
	}
	return errors.Join(s.know.prepare(ctx, s.read), s.log.prepare(ctx, s.write))
}

// What was written waits in SQLite's write-ahead log until a checkpoint brings it into the database itself. Two writes wait for
// the disk then: the one that SQLite makes the checkpoint with, and the next one, which begins the log anew. That is 3 to 8
// ms on an SSD, and longer on an SD card.
const (
	// enoughPages, of 4 KiB, is when Checkpoint does it, so that no call has to wait. It is SQLite's own measure.
	enoughPages = 1000
	// latestCheckpoint is when a write does it all the same, where Checkpoint was not called.
	latestCheckpoint = 10 * enoughPages
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
	_, err = s.tidy.ExecContext(ctx, "UPDATE households SET name = name WHERE id = (SELECT min(id) FROM households)")
	return err
}

// readers is how many calls, pages and commands can look things up at the same moment.
const readers = 8

// makeFolders makes the folders of what is not in the database.
func makeFolders(data string) error {
	for _, folder := range mediaFolders {
		if err := os.MkdirAll(filepath.Join(data, folder), 0o700); err != nil {
			return fmt.Errorf("the data folder cannot be made: %w", err)
		}
	}
	return nil
}

// prepare makes the file with the right mode before SQLite would make it with another. SQLite gives
// the files beside it (-wal, -shm) the mode of the database. A database that is there is not even opened: to close it
// would drop the locks that this process has on it (sqlite.org/howtocorrupt.html, 2.2).
func prepare(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the database cannot be made: %w", err)
	}
	return f.Close()
}

func connect(path string, connections int, queryOnly string) (*sql.DB, error) {
	options := url.Values{
		"_journal_mode": {"WAL"},
		"_foreign_keys": {"on"},
		// For the moment in which another process writes.
		"_busy_timeout": {"5000"},
		// In WAL mode NORMAL keeps the database whole through a loss of power; at worst the last moments of the log are
		// lost (sqlite.org/pragma.html#pragma_synchronous). FULL would wait for the disk, an SD card often, in every call.
		"_synchronous": {"NORMAL"},
		"_txlock":      {"immediate"},
	}
	if queryOnly != "" {
		options.Set("_query_only", queryOnly)
		options.Del("_txlock")
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+options.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// migrate brings the database up to date. The service and a command may do so at the same moment: the second waits for
// the first, by a lock of the folder.
func migrate(ctx context.Context, path string, db *sql.DB) (err error) {
	f, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }() // which unlocks it
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		return err
	}
	at, newest, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if at > newest {
		return errNewer
	}
	if at == newest {
		return nil
	}
	_, err = provider.Up(ctx)
	return err
}

var errNewer = errors.New("a newer Ringfence has written it")

func explain(path string, err error) error {
	var fault sqlite3.Error
	switch {
	case errors.Is(err, errNewer):
		return fmt.Errorf("the database %s cannot be used, because %w: install that one, or restore a backup", path, errNewer)
	case errors.As(err, &fault) && (fault.Code == sqlite3.ErrCantOpen || fault.Code == sqlite3.ErrReadonly || fault.Code == sqlite3.ErrPerm):
		return fmt.Errorf("the database %s cannot be written: run as its owner", path)
	case errors.As(err, &fault) && (fault.Code == sqlite3.ErrNotADB || fault.Code == sqlite3.ErrCorrupt):
		return fmt.Errorf("the database %s is damaged: move it away and restore a backup; until then every call rings", path)
	default:
		return fmt.Errorf("the database %s cannot be used: %w", path, err)
	}
}

// Close ends all connections.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.tidy, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(append(errs, s.held.Close())...)
}

// do runs f in one transaction, whole or not at all.
func (s *Store) do(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// quick is for statements that take microseconds. With a context that can end, database/sql and go-sqlite3 start a
// goroutine each to watch it, for a statement that is over before that goroutine runs.
func quick(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// queries is what a transaction and a pool have in common.
type queries interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func householdID(ctx context.Context, q queries, name string) (int64, error) {
	var id int64
	err := q.QueryRowContext(ctx, "SELECT id FROM households WHERE name = ?", name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("%w: %s", ErrNoHousehold, name)
	}
	return id, err
}

// EnsureHousehold makes a household that is not there yet.
func (s *Store) EnsureHousehold(ctx context.Context, name string) error {
	var there int
	err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM households WHERE name = ?", name).Scan(&there)
	if err != nil || there > 0 {
		return err
	}
	_, err = s.write.ExecContext(ctx, "INSERT INTO households (name) VALUES (?) ON CONFLICT DO NOTHING", name)
	return err
}

// bounded cuts what the network said to what a log needs, as valid text.
func bounded(text string) string { return boundedTo(text, 256) }

func boundedTo(text string, limit int) string {
	if len(text) > limit {
		text = text[:limit]
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
}
