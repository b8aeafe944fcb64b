package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// fault is an error with a sentence for people.
type fault struct {
	sentence string
	error
}

func (f fault) Error() string { return f.sentence }
func (f fault) Unwrap() error { return f.error }

// IsFault says whether an error is SQLite's own, without a sentence for people.
func IsFault(err error) bool {
	var of sqlite3.Error
	var said fault
	return errors.As(err, &of) && !errors.As(err, &said)
}

// IsInternal says whether an error is for the log alone: it is the database's own or a file's, and nobody can put it right by asking again
// otherwise.
func IsInternal(err error) bool {
	var file *fs.PathError
	return IsFault(err) || errors.As(err, &file) || errors.Is(err, sql.ErrTxDone) || errors.Is(err, sql.ErrConnDone)
}

// Explain says in a sentence why a database can't be opened. mend is what to do about a damaged one.
func Explain(path string, err error, mend string) error {
	say := func(format string, args ...any) error { return fault{fmt.Sprintf(format, args...), err} }
	var of sqlite3.Error
	isSQLite := errors.As(err, &of)
	switch {
	case errors.Is(err, ErrNewer):
		return say("the database %s cannot be used, because %s: install that one, or restore a backup", path, ErrNewer)
	case Damaged(err), Lacks(err), errors.Is(err, ErrDamaged):
		return say("the database %s is damaged: %s", path, mend)
	case isSQLite && of.Code == sqlite3.ErrFull, errors.Is(err, syscall.ENOSPC), isSQLite && of.Code == sqlite3.ErrIoErr && full(filepath.Dir(path)):
		return say("the disk of the database %s is full: delete something from it, or use a larger one", path)
	case isSQLite && (of.Code == sqlite3.ErrCantOpen || of.Code == sqlite3.ErrReadonly || of.Code == sqlite3.ErrPerm):
		return fault{Unwritable("the database "+path, filepath.Dir(path)), err}
	case isSQLite && of.Code == sqlite3.ErrIoErr:
		return say("the disk of the database %s cannot be read or written: it may be failing. Look at the machine's log (dmesg), and replace the disk", path)
	case isSQLite && (of.Code == sqlite3.ErrBusy || of.Code == sqlite3.ErrLocked):
		return say("another program keeps the database %s locked: wait until it has ended, and try again", path)
	case errors.Is(err, errMigration):
		return say("the database %s could not be brought up to date, and is as it was: install the Ringfence from before again, and report this (%s)", path, err)
	default:
		return fmt.Errorf("the database %s cannot be used: %w", path, err)
	}
}

// full says whether a disk has no room: not every error caused by that says so.
func full(folder string) bool {
	var disk syscall.Statfs_t
	return syscall.Statfs(folder, &disk) == nil && disk.Bavail*uint64(disk.Bsize) < 1<<20 //nolint:gosec // never negative
}

// What Linux calls ST_RDONLY (man 2 statfs) and W_OK (man 2 access).
const (
	readOnly = 1
	mayWrite = 2
)

// Unwritable says in a sentence why something in a folder can't be written: because of the disk, or of who runs the program.
func Unwritable(what, folder string) string {
	var disk syscall.Statfs_t
	switch {
	case syscall.Statfs(folder, &disk) == nil && disk.Flags&readOnly != 0:
		return what + " is on a disk that can only be read. An SD card turns read-only when it fails: look at the machine's log (dmesg), and replace the card"
	case syscall.Access(folder, mayWrite) != nil:
		return what + " belongs to somebody else: run as its owner"
	default:
		return what + " cannot be opened or written: look at its owner and its rights"
	}
}
