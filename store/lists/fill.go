package lists

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"strings"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

const (
	// batch is how many entries are inserted in one transaction: a call that has to be logged waits for one batch at most.
	batch = 500
	// together is how many are handed to SQLite with one statement: one for each takes almost twice as long.
	together = 50
	// tidying is after how many batches the import looks whether it has to make a checkpoint.
	tidying = 20
)

// fill puts entries into a version that nobody sees yet, and returns how many there are. All of them are read and sorted before the writer is taken,
// because the source may be slow, and calls wait for the writer. Checkpoints are made between two batches, so that none has to be made by a call, or
// while one waits.
func (l *Lists) fill(ctx context.Context, version int64, entries iter.Seq2[Entry, error]) (count int, err error) {
	own, err := l.open(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, own.Close()) }() // which drops its temporary tables
	if err := sortEntries(ctx, own, entries); err != nil {
		return 0, err
	}
	for batches := 1; ; batches++ {
		n, err := putBatch(ctx, own, version, count)
		count += n
		if err != nil || n < batch {
			return count, err
		}
		if batches%tidying == 0 {
			if err := l.checkpoint(ctx); err != nil {
				return 0, err
			}
		}
	}
}

// sortEntries brings entries into the order of the table's key, in a temporary table "sorted"; of a number that comes twice the later entry stays. In
// this order each page of list_entries is written about once; in any other, a list of a million would write some of them thousands of times, often on
// an SD card.
//
// SQLite sorts them, on a connection that nobody else waits for. A merge sort of our own took 2.96 s an import of a million, with 60 MB at
// most, where this takes 3.61 s and 48 MB (amd64, 2 cores, SSD, nothing else running). SQLite keeps the entries up to three times meanwhile, in files without
// a name in its folder for temporary files (sqlite.org/tempfiles.html, 5): 240 MB for a million.
func sortEntries(ctx context.Context, own sqlite.Connection, entries iter.Seq2[Entry, error]) error {
	// BEGIN alone, which locks temporary tables and no others; BeginTx would hold the writer for as long as the entries take to come.
	for _, statement := range []string{"CREATE TEMP TABLE came AS SELECT " + entryColumns + " FROM list_entries WHERE false", "BEGIN"} {
		if err := sqlite.Exec(ctx, own, statement); err != nil {
			return err
		}
	}
	row := "(?" + strings.Repeat(", ?", strings.Count(entryColumns, ",")) + ")"
	insert := "INSERT INTO came VALUES " + row
	many, err := own.PrepareContext(ctx, insert+strings.Repeat(", "+row, together-1))
	if err != nil {
		return err
	}
	defer func() { _ = many.Close() }() // the connection is closed soon after
	columnsOf := strings.Count(row, "?")
	args := make([]any, 0, together*columnsOf)
	for e, err := range entries {
		if err != nil {
			return err
		}
		key, err := columns.Key(e.Digits, e.Prefix)
		if err != nil {
			return err
		}
		args = append(args, key, e.Prefix, e.Confidence, e.Category, e.Note, e.Reporters, e.First, e.Last, e.Expires)
		if len(args) < cap(args) {
			continue
		}
		if _, err := many.ExecContext(sqlite.Quick(ctx), args...); err != nil {
			return err
		}
		if args = args[:0]; ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if rest := len(args) / columnsOf; rest > 0 {
		if err := sqlite.Exec(ctx, own, insert+strings.Repeat(", "+row, rest-1), args...); err != nil {
			return err
		}
	}
	// Of columns beside max(), SQLite takes those of the row that has it (sqlite.org/lang_select.html, 2.5 "Bare columns").
	for _, statement := range []string{"COMMIT", "CREATE TEMP TABLE sorted AS SELECT " + entryColumns + ", max(rowid) FROM came GROUP BY number, is_prefix ORDER BY number, is_prefix"} {
		if err := sqlite.Exec(ctx, own, statement); err != nil {
			return err
		}
	}
	return nil
}

// putBatch writes the next batch after the first so many entries, and notes that the import is still at work.
func putBatch(ctx context.Context, own sqlite.Connection, version int64, after int) (n int, err error) {
	err = own.Do(ctx, func(tx *sql.Tx) error {
		if err := touch(ctx, tx, version); err != nil {
			return err
		}
		rows, err := sqlite.Affected(ctx, tx, "INSERT INTO list_entries (version_id, "+entryColumns+") SELECT ?1, "+entryColumns+
			" FROM sorted WHERE rowid > ?2 AND rowid <= ?2 + ?3", version, after, batch)
		n = int(rows)
		return err
	})
	return n, err
}

// touch notes that an import is still working on a version; the error is errAbandoned if that was abandoned.
func touch(ctx context.Context, tx *sql.Tx, version int64) error {
	return sqlite.Change(ctx, tx, errAbandoned, "UPDATE list_versions SET touched_at = ? WHERE id = ? AND touched_at > 0", time.Now().Unix(), version)
}
