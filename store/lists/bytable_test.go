package lists

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"path/filepath"
	"strings"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// ImportBy imports a list, sorted by our own merge sort or by a temporary table.
func (l *Lists) ImportBy(ctx context.Context, way, household, name string, entries iter.Seq2[Entry, error]) (int, error) {
	list, version, err := l.newVersion(ctx, household, name, "")
	if err != nil {
		return 0, err
	}
	fill := map[string]func(context.Context, int64, iter.Seq2[Entry, error]) (int, error){"merge": l.fill, "table": l.fillByTable}[way]
	count, err := fill(ctx, version, entries)
	return count, l.use(ctx, list, version, count, "", notSubscribed(list), err)
}

// fillByTable is fill with SQLite's own sorting, on a connection of its own: nobody may wait for it while it sorts.
func (l *Lists) fillByTable(ctx context.Context, version int64, entries iter.Seq2[Entry, error]) (count int, err error) {
	own, err := sqlite.Relaxed(filepath.Join(l.folder, "ringfence.db"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, own.Close()) }()
	if _, err := own.ExecContext(ctx, "CREATE TEMP TABLE came AS SELECT "+entryColumns+" FROM list_entries WHERE false"); err != nil {
		return 0, err
	}
	row := "(?" + strings.Repeat(", ?", strings.Count(entryColumns, ",")) + ")"
	put, err := own.PrepareContext(ctx, "INSERT INTO came VALUES "+row+strings.Repeat(", "+row, together-1))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, put.Close()) }()
	var args []any
	if _, err = inBatches(entries, func(part []Entry) error { // of a multiple of so many
		for ; len(part) > 0; part = part[together:] {
			args = args[:0]
			for _, e := range part[:together] {
				key, err := columns.Key(e.Digits, e.Prefix)
				if err != nil {
					return err
				}
				args = append(args, key, e.Prefix, e.Confidence, e.Category, e.Note, e.Reporters, e.First, e.Last, e.Expires)
			}
			if _, err := put.ExecContext(sqlite.Quick(ctx), args...); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return 0, err
	}
	// Of columns beside max(), SQLite takes those of the row that has it (sqlite.org/lang_select.html, 2.5 "Bare columns").
	if _, err := own.ExecContext(ctx, "CREATE TEMP TABLE sorted AS SELECT "+entryColumns+", max(rowid) FROM came GROUP BY number, is_prefix ORDER BY number, is_prefix"); err != nil {
		return 0, err
	}
	for batches := 1; ; batches++ {
		var n int64
		err := own.Do(ctx, func(tx *sql.Tx) error {
			done, err := tx.ExecContext(ctx, "INSERT INTO list_entries (version_id, "+entryColumns+") SELECT ?1, "+entryColumns+" FROM sorted WHERE rowid > ?2 AND rowid <= ?2 + ?3",
				version, count, batch)
			if err != nil {
				return err
			}
			n, err = done.RowsAffected()
			return errors.Join(err, touch(ctx, tx, version))
		})
		count += int(n)
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
