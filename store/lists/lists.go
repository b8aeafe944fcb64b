// Package lists keeps a household's shared lists of scam numbers: those that somebody imports, and those that are subscribed to. It has
// tables of its own in the database of package store, which looks numbers up in them for a verdict (see store.Situation).
//
// The contents of a list are a version of it. New contents go into a version that nobody sees yet (see fill), beside calls and in small pieces; then
// the list is switched to it, in one transaction. What is not used any more is deleted in small pieces, too (see Clean), so that the database is
// never held for more than a few milliseconds. A program may be interrupted at any point: a version that nobody has touched for a day counts as
// abandoned.
//
// Methods that change contents take longer the more there are, and several transactions. The others are one transaction, and join one begun by
// store.Together.
package lists

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Lists are the lists of all households. Its methods may be called from any goroutine.
type Lists struct {
	write   sqlite.Connection // waits for the disk: which contents are in force
	relaxed sqlite.Connection // does not wait for the disk: the contents
	read    *sql.DB
	// open opens a connection like relaxed, for one import alone.
	open func(context.Context) (sqlite.Connection, error)
	// checkpoint moves what was written into the database itself, if there is enough of it.
	checkpoint func(context.Context) error
}

// New gives access to the lists in an open database, to which open and checkpoint belong.
func New(write, relaxed sqlite.Connection, read *sql.DB, open func(context.Context) (sqlite.Connection, error), checkpoint func(context.Context) error) *Lists {
	return &Lists{write: write, relaxed: relaxed, read: read, open: open, checkpoint: checkpoint}
}

// Entry is one number of a shared list.
type Entry struct {
	Digits     string // E.164 without the plus sign, or its first digits
	Prefix     bool
	Confidence float64 // 0 to 1
	Category   string
	Note       string

	Reporters int // at least this many have reported it; 0 is not known
	// Days since 1 January 1970, in UTC; 0 is not known, and of Expires never: from that day on the entry no longer counts.
	First, Last, Expires int32
}

// List is a shared list as a household has it.
type List struct {
	Name     string
	Source   string // where it came from, such as a file's name
	Entries  int
	Imported time.Time
}

// Replace gives a list new contents, or makes it. While they go in, beside calls, the old ones stay in force; then they change all at once. If
// entries ends with an error, or ctx ends, nothing has changed. It returns how many numbers the list now has; of a number that comes twice the later
// one counts.
func (l *Lists) Replace(ctx context.Context, household, name, source string, entries iter.Seq2[Entry, error]) (int, error) {
	list, version, err := l.newVersion(ctx, household, name, source)
	if err != nil {
		return 0, err
	}
	count, err := l.fill(ctx, version, entries)
	return count, l.use(ctx, list, version, count, source, notSubscribed(list), err)
}

// use puts a version in force, unless filling it has failed with err. also runs in the same transaction.
func (l *Lists) use(ctx context.Context, list, version int64, count int, source string, also func(context.Context, *sql.Tx) error, err error) error {
	if err == nil {
		err = l.switchTo(ctx, list, version, count, source, also)
	}
	if err != nil {
		return errors.Join(err, l.giveUp(ctx, version))
	}
	return l.Clean(context.WithoutCancel(ctx))
}

// errAbandoned says that the contents that an import is working on have been deleted as interrupted.
var errAbandoned = errors.New("the import has taken too long and was given up: start it again")

// switchTo puts a version in force, and abandons the one that was until then.
func (l *Lists) switchTo(ctx context.Context, list, version int64, count int, source string, also func(context.Context, *sql.Tx) error) error {
	return l.write.Do(ctx, func(tx *sql.Tx) error {
		if err := also(ctx, tx); err != nil {
			return err
		}
		if err := sqlite.Change(ctx, tx, errAbandoned, "UPDATE list_versions SET entries = ? WHERE id = ? AND touched_at > 0", count, version); err != nil {
			return err
		}
		if err := sqlite.Exec(ctx, tx, "UPDATE list_versions SET touched_at = 0 WHERE id = (SELECT version_id FROM lists WHERE id = ?)", list); err != nil {
			return err
		}
		return sqlite.Change(ctx, tx, errAbandoned, "UPDATE lists SET version_id = ?, source = ?, imported_at = ? WHERE id = ?",
			version, source, time.Now().Unix(), list)
	})
}

// MaxName is how long a list's name may be, in characters: people read it in reasons.
const MaxName = 40

// CheckName says in a plain sentence why a new list cannot have a name.
func CheckName(name string) error {
	if name == "" || name != screening.CleanLine(name, MaxName) {
		return fmt.Errorf("the name of a list has 1 to %d characters, on one line", MaxName)
	}
	return nil
}

// newVersion makes an empty version of a list, and the list if it is new.
func (l *Lists) newVersion(ctx context.Context, household, name, source string) (list, version int64, err error) {
	err = l.write.Do(ctx, func(tx *sql.Tx) error {
		home, err := columns.HouseholdID(ctx, tx, household)
		if err != nil {
			return err
		}
		list, err = sqlite.Value[int64](ctx, tx, "SELECT id FROM lists WHERE household_id = ? AND name = ?", home, name)
		if err == nil && list == 0 {
			if err := CheckName(name); err != nil {
				return err
			}
			list, err = sqlite.Insert(ctx, tx, "INSERT INTO lists (household_id, name, source, imported_at) VALUES (?, ?, ?, ?)",
				home, name, source, time.Now().Unix())
		}
		if err == nil {
			err = notSubscribed(list)(ctx, tx)
		}
		if err != nil {
			return err
		}
		version, err = sqlite.Insert(ctx, tx, "INSERT INTO list_versions (list_id, touched_at) VALUES (?, ?)", list, time.Now().Unix())
		return err
	})
	return list, version, err
}

// touch notes that an import is still working on a version; the error is errAbandoned if that was abandoned.
func touch(ctx context.Context, tx *sql.Tx, version int64) error {
	return sqlite.Change(ctx, tx, errAbandoned, "UPDATE list_versions SET touched_at = ? WHERE id = ? AND touched_at > 0", time.Now().Unix(), version)
}

// deleteBare deletes a list without contents, if none are coming and it is not subscribed to.
const deleteBare = `DELETE FROM lists WHERE id = ?1 AND version_id IS NULL AND NOT EXISTS (SELECT 1 FROM list_versions WHERE list_id = ?1)
	AND NOT EXISTS (SELECT 1 FROM subscriptions WHERE list_id = ?1)`

// All lists a household's shared lists by name.
func (l *Lists) All(ctx context.Context, household string) ([]List, error) {
	return sqlite.Rows(ctx, l.read, func(list *List) []any {
		return []any{&list.Name, &list.Source, &list.Entries, columns.ScanTime(&list.Imported)}
	}, `SELECT l.name, l.source, v.entries, l.imported_at FROM lists l JOIN households h ON h.id = l.household_id
		JOIN list_versions v ON v.id = l.version_id WHERE h.name = ? ORDER BY l.name`, household)
}
