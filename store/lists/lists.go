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

// errAbandoned says that the contents that an import is working on have been deleted as interrupted.
var errAbandoned = errors.New("the import has taken too long and was given up: start it again")

// MaxName is how long a list's name may be, in characters: people read it in reasons.
const MaxName = 40

// CheckName says in a plain sentence why a new list cannot have a name.
func CheckName(name string) error {
	if name == "" || name != screening.CleanLine(name, MaxName) {
		return fmt.Errorf("the name of a list has 1 to %d characters, on one line", MaxName)
	}
	return nil
}

// All lists a household's shared lists by name.
func (l *Lists) All(ctx context.Context, household string) ([]List, error) {
	return sqlite.Rows(ctx, l.read, func(list *List) []any {
		return []any{&list.Name, &list.Source, &list.Entries, columns.ScanTime(&list.Imported)}
	}, `SELECT l.name, l.source, v.entries, coalesce(nullif(v.changed_at, 0), l.imported_at) FROM lists l JOIN households h ON h.id = l.household_id
		JOIN list_versions v ON v.id = l.version_id WHERE h.name = ? ORDER BY l.name`, household)
}
