package lists

import (
	"context"
	"database/sql"
	"iter"

	"ringfence/store/sqlite"
)

// What the tests of this package see, which open a whole store.
const (
	Batch   = batch
	Emptied = emptied
)

// BeginImport makes a version, and fills it, as an import does that is cut off then.
func (l *Lists) BeginImport(ctx context.Context, household, name string, entries iter.Seq2[Entry, error]) error {
	_, version, err := l.newVersion(ctx, household, name, "")
	if err == nil {
		_, err = l.fill(ctx, version, entries)
	}
	return err
}

// Overrule is ApplyChanges of a program that is cut off as soon as they are in force.
func (l *Lists) Overrule(ctx context.Context, u Update, changes iter.Seq2[Change, error]) (Counts, error) {
	_, done, err := l.overrule(ctx, u, changes)
	return done, err
}

// FinishOne brings one change of an update into the list itself.
func (l *Lists) FinishOne(ctx context.Context, list int64) (more bool, err error) {
	err = l.write.Do(ctx, func(tx *sql.Tx) error {
		version, err := sqlite.Value[int64](ctx, tx, "SELECT version_id FROM lists WHERE id = ?", list)
		if err != nil {
			return err
		}
		more, err = finishPieceOf(ctx, tx, version, 1)
		return err
	})
	return more, err
}

// OnWriter calls f with each connection that writes, and with those that are opened from now on.
func (l *Lists) OnWriter(f func(sqlite.Connection)) {
	f(l.write)
	f(l.relaxed)
	open := l.open
	l.open = func(ctx context.Context) (sqlite.Connection, error) {
		db, err := open(ctx)
		if err == nil {
			f(db)
		}
		return db, err
	}
}
