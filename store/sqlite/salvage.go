package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Salvage brings what can be read of a damaged database into a good one of the same kind, of which nobody else has either. A table that
// can be read to its end takes the place of the good one's; of another all rows that can be read do so beside those that are there. It
// returns the names of the tables of which something was lost; where not even those can be read, the error says so, and the good one is as
// it was.
func Salvage(ctx context.Context, good, damaged string) (lost []string, err error) {
	into, err := OpenCopy(good)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, into.Close()) }()
	from, err := OpenCopy(damaged)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if _, err := names(ctx, from, "SELECT name FROM sqlite_schema"); err != nil {
		return nil, fmt.Errorf("which tables there are cannot be read: %w", err)
	}
	if _, err := into.ExecContext(ctx, "PRAGMA foreign_keys = off"); err != nil {
		return nil, err
	}
	err = Connection{into}.Do(ctx, func(tx *sql.Tx) error {
		restore, err := withoutTriggers(ctx, tx)
		if err != nil {
			return err
		}
		tables, err := names(ctx, tx, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' ORDER BY rowid")
		if err != nil {
			return err
		}
		for _, name := range tables {
			s := salvage{into: tx, from: from, table: name}
			whole, err := s.run(ctx)
			if err != nil {
				return fmt.Errorf("what can be read of %s: %w", name, err)
			}
			if !whole {
				lost = append(lost, name)
			}
		}
		if err := mendReferences(ctx, tx, tables); err != nil {
			return err
		}
		return restore()
	})
	return lost, err
}

// withoutTriggers takes the triggers away; restore brings them back.
func withoutTriggers(ctx context.Context, tx *sql.Tx) (restore func() error, err error) {
	triggers, err := names(ctx, tx, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		return nil, err
	}
	made, err := names(ctx, tx, "SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		return nil, err
	}
	for _, name := range triggers {
		if _, err := tx.ExecContext(ctx, "DROP TRIGGER "+quoted(name)); err != nil {
			return nil, err
		}
	}
	return func() error {
		for _, statement := range made {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// names reads a column of texts.
func names(ctx context.Context, from Querier, query string, args ...any) ([]string, error) {
	return All(ctx, from, func(scan func(...any) error) (name string, err error) {
		err = scan(&name)
		return name, err
	}, query, args...)
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// salvage brings one table over.
type salvage struct {
	into    *sql.Tx
	from    *sql.DB
	table   string
	columns []string
	put     *sql.Stmt
}

func (s *salvage) run(ctx context.Context) (whole bool, err error) {
	const columnsOf = "SELECT name FROM pragma_table_info(?)"
	theirs, err := names(ctx, s.from, columnsOf, s.table)
	if err != nil {
		return false, nil //nolint:nilerr // nothing can be read of it
	}
	if len(theirs) == 0 { // an older one, which had no such table
		return true, nil
	}
	ours, err := names(ctx, s.into, columnsOf, s.table)
	if err != nil {
		return false, err
	}
	for _, c := range ours {
		if slices.Contains(theirs, c) {
			s.columns = append(s.columns, quoted(c))
		}
	}
	places := strings.TrimSuffix(strings.Repeat("?, ", len(s.columns)), ", ")
	s.put, err = s.into.PrepareContext(ctx, "INSERT OR REPLACE INTO "+quoted(s.table)+" ("+strings.Join(s.columns, ", ")+") VALUES ("+places+")") //nolint:gosec // names of our own schema
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, s.put.Close()) }()
	if whole, err = s.replace(ctx); whole || err != nil {
		return whole, err
	}
	key, err := names(ctx, s.into, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", s.table)
	if err != nil {
		return false, err
	}
	if s.withoutRowid(ctx) {
		return false, s.bothEnds(ctx, key)
	}
	return false, s.everyRow(ctx)
}

func (s *salvage) withoutRowid(ctx context.Context) bool {
	var without bool
	err := s.into.QueryRowContext(ctx, "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", s.table).Scan(&without)
	return err == nil && without
}

// replace puts the damaged one's rows in place of the good one's, if all of them can be read. NOT INDEXED, for an index may be damaged.
func (s *salvage) replace(ctx context.Context) (whole bool, err error) {
	for _, statement := range []string{"SAVEPOINT one", "DELETE FROM " + quoted(s.table)} {
		if _, err := s.into.ExecContext(ctx, statement); err != nil {
			return false, err
		}
	}
	skipped := false
	err = s.rows(ctx, "", nil, &skipped)
	whole = err == nil && !skipped
	if !whole {
		if _, err := s.into.ExecContext(ctx, "ROLLBACK TO one"); err != nil {
			return false, err
		}
	}
	_, err = s.into.ExecContext(ctx, "RELEASE one")
	return whole, err
}

// rows brings the rows over that a query finds; skipped is set where one can be read, and is none.
func (s *salvage) rows(ctx context.Context, where string, args []any, skipped *bool) (err error) {
	found, err := s.from.QueryContext(ctx, "SELECT "+strings.Join(s.columns, ", ")+" FROM "+quoted(s.table)+" NOT INDEXED "+where, args...) //nolint:gosec // likewise
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	row, into := make([]any, len(s.columns)), make([]any, len(s.columns))
	for i := range row {
		into[i] = &row[i]
	}
	for found.Next() {
		if err := found.Scan(into...); err != nil {
			return err
		}
		if _, err := s.put.ExecContext(ctx, row...); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			*skipped = true // a table's checks say that this is none of its rows
		}
	}
	return found.Err()
}

// everyRow reads by the rows' numbers: behind what cannot be read it goes on at the next number that can.
func (s *salvage) everyRow(ctx context.Context) error {
	var skipped bool
	for from := int64(math.MinInt64); ; {
		last, err := s.numbered(ctx, from, &skipped)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if last < from { // nothing was read
			last = from
		}
		next, found := s.readableAfter(ctx, last)
		if !found {
			return nil
		}
		from = next
	}
}

// numbered brings over the rows from a number on, and returns the last that could be read.
func (s *salvage) numbered(ctx context.Context, from int64, skipped *bool) (last int64, err error) {
	last = math.MinInt64
	all, fault := s.numbers(ctx, from)
	for _, n := range all {
		if err := s.rows(ctx, "WHERE rowid = ?", []any{n}, skipped); err != nil && ctx.Err() != nil {
			return last, err
		}
		last = n
	}
	return last, fault
}

// numbers lists those of the rows from a number on, as far as they can be read.
func (s *salvage) numbers(ctx context.Context, from int64) (all []int64, err error) {
	rows, err := s.from.QueryContext(ctx, "SELECT rowid FROM "+quoted(s.table)+" NOT INDEXED WHERE rowid >= ? ORDER BY rowid", from) //nolint:gosec // likewise
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return all, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

// readableAfter is the lowest number above one from which on the table can be read again: looked for in steps that double, and then
// between the last two. Numbers lie beside each other in a page, and pages are what is damaged.
func (s *salvage) readableAfter(ctx context.Context, last int64) (next int64, found bool) {
	readable := func(from int64) bool {
		var n int64
		err := s.from.QueryRowContext(ctx, "SELECT rowid FROM "+quoted(s.table)+" NOT INDEXED WHERE rowid >= ? ORDER BY rowid LIMIT 1", from).Scan(&n) //nolint:gosec // likewise
		return err == nil
	}
	if last < 0 { // no number of ours is negative
		last = 0
	}
	low, high := last, last
	for step := int64(1); !found; step *= 2 {
		if step <= 0 || last > math.MaxInt64-step || ctx.Err() != nil {
			return 0, false
		}
		low, high = high, last+step
		found = readable(high)
	}
	for high-low > 1 {
		middle := low + (high-low)/2
		if readable(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high, true
}

// bothEnds reads a table without numbers from its beginning, and from its end, as far as each goes.
func (s *salvage) bothEnds(ctx context.Context, key []string) error {
	var skipped bool
	for _, order := range []string{"", " DESC"} {
		var by []string
		for _, column := range key {
			by = append(by, quoted(column)+order)
		}
		if err := s.rows(ctx, "ORDER BY "+strings.Join(by, ", "), nil, &skipped); err != nil && ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// mendReferences takes out what refers to rows that are not there: the reference where the row does without, else the row, until
// nothing does.
func mendReferences(ctx context.Context, tx *sql.Tx, tables []string) error {
	var statements []string
	for _, table := range tables {
		of, err := mending(ctx, tx, table)
		if err != nil {
			return err
		}
		statements = append(statements, of...)
	}
	for changed := true; changed; {
		changed = false
		for _, statement := range statements {
			done, err := tx.ExecContext(ctx, statement)
			if err != nil {
				return err
			}
			n, err := done.RowsAffected()
			if err != nil {
				return err
			}
			changed = changed || n > 0
		}
	}
	return nil
}

// mending are the statements for one table. Keys of several columns share a number in the pragma's answer.
func mending(ctx context.Context, tx *sql.Tx, table string) (statements []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT group_concat(format('"%w" IS NOT NULL', f."from"), ' AND '),
		format('"%w" p WHERE ', f."table") || group_concat(format('p."%w" = "%w"."%w"', coalesce(f."to", 'id'), ?1, f."from"), ' AND '),
		iif(count(*) = 1 AND max((SELECT "notnull" = 0 AND pk = 0 FROM pragma_table_info(?1) WHERE name = f."from")), f."from", '')
		FROM pragma_foreign_key_list(?1) f GROUP BY f.id`, table)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var set, parent, empty string
		if err := rows.Scan(&set, &parent, &empty); err != nil {
			return nil, err
		}
		what := "DELETE FROM " + quoted(table)
		if empty != "" {
			what = "UPDATE " + quoted(table) + " SET " + quoted(empty) + " = NULL"
		}
		statements = append(statements, what+" WHERE "+set+" AND NOT EXISTS (SELECT 1 FROM "+parent+")")
	}
	return statements, rows.Err()
}
