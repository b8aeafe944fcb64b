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

// Salvage copies what can be read of a damaged database into a good one of the same kind; nobody else may have either open. A table that can be read
// to its end replaces the good one's; of others, all rows that can be read replace or join the existing ones. It returns the names of the tables of
// which something was lost. If not even the names of tables can be read it changes nothing, and returns an error.
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
	if _, err := Values[string](ctx, from, "SELECT name FROM sqlite_schema"); err != nil {
		return nil, fmt.Errorf("which tables there are cannot be read: %w", err)
	}
	if err := Exec(ctx, into, "PRAGMA foreign_keys = off"); err != nil {
		return nil, err
	}
	err = Connection{into}.Do(ctx, func(tx *sql.Tx) error {
		restore, err := withoutTriggers(ctx, tx)
		if err != nil {
			return err
		}
		tables, err := Values[string](ctx, tx, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' AND name NOT LIKE '_litestream_%' ORDER BY rowid")
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

// withoutTriggers drops the triggers; restore makes them again.
func withoutTriggers(ctx context.Context, tx *sql.Tx) (restore func() error, err error) {
	triggers, err := Values[string](ctx, tx, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		return nil, err
	}
	made, err := Values[string](ctx, tx, "SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		return nil, err
	}
	for _, name := range triggers {
		if err := Exec(ctx, tx, "DROP TRIGGER "+Quoted(name)); err != nil {
			return nil, err
		}
	}
	return func() error {
		for _, statement := range made {
			if err := Exec(ctx, tx, statement); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// Quoted is the name of a table or column as SQL has it.
func Quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// salvage copies one table.
type salvage struct {
	into    *sql.Tx
	from    *sql.DB
	table   string
	columns []string
	put     *sql.Stmt
}

func (s *salvage) run(ctx context.Context) (whole bool, err error) {
	const columnsOf = "SELECT name FROM pragma_table_info(?)"
	theirs, err := Values[string](ctx, s.from, columnsOf, s.table)
	if err != nil {
		return false, nil //nolint:nilerr // none of it can be read
	}
	if len(theirs) == 0 { // an older one, which had no such table
		return true, nil
	}
	ours, err := Values[string](ctx, s.into, columnsOf, s.table)
	if err != nil {
		return false, err
	}
	for _, c := range ours {
		if slices.Contains(theirs, c) {
			s.columns = append(s.columns, Quoted(c))
		}
	}
	places := strings.TrimSuffix(strings.Repeat("?, ", len(s.columns)), ", ")
	s.put, err = s.into.PrepareContext(ctx, "INSERT OR REPLACE INTO "+Quoted(s.table)+" ("+strings.Join(s.columns, ", ")+") VALUES ("+places+")") //nolint:gosec // names of our own schema
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, s.put.Close()) }()
	if whole, err = s.replace(ctx); whole || err != nil {
		return whole, err
	}
	key, err := Values[string](ctx, s.into, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", s.table)
	if err != nil {
		return false, err
	}
	if s.withoutRowid(ctx) {
		return false, s.bothEnds(ctx, key)
	}
	return false, s.everyRow(ctx)
}

func (s *salvage) withoutRowid(ctx context.Context) bool {
	without, err := Value[bool](ctx, s.into, "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", s.table)
	return err == nil && without
}

// replace replaces the good table's rows by the damaged one's, if all of those can be read.
func (s *salvage) replace(ctx context.Context) (whole bool, err error) {
	if err := Exec(ctx, s.into, "SAVEPOINT one; DELETE FROM "+Quoted(s.table)); err != nil {
		return false, err
	}
	skipped := false
	err = s.rows(ctx, "", nil, &skipped)
	whole = err == nil && !skipped
	if !whole {
		if err := Exec(ctx, s.into, "ROLLBACK TO one"); err != nil {
			return false, err
		}
	}
	return whole, Exec(ctx, s.into, "RELEASE one")
}

// rows copies the rows that a query finds. It sets skipped if a row can be read but breaks the table's constraints. The query says NOT INDEXED,
// because an index may be damaged.
func (s *salvage) rows(ctx context.Context, where string, args []any, skipped *bool) error {
	row, into := make([]any, len(s.columns)), make([]any, len(s.columns))
	for i := range row {
		into[i] = &row[i]
	}
	return Each(ctx, s.from, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		if _, err := s.put.ExecContext(ctx, row...); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			*skipped = true
		}
		return nil
	}, "SELECT "+strings.Join(s.columns, ", ")+" FROM "+Quoted(s.table)+" NOT INDEXED "+where, args...) //nolint:gosec // likewise
}

// everyRow reads by rowid: after rows that can't be read it goes on with the next one that can.
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

// numbered copies the rows from a rowid on, and returns the last one that could be read.
func (s *salvage) numbered(ctx context.Context, from int64, skipped *bool) (last int64, err error) {
	last = math.MinInt64
	// As far as they can be read.
	all, fault := Values[int64](ctx, s.from, "SELECT rowid FROM "+Quoted(s.table)+" NOT INDEXED WHERE rowid >= ? ORDER BY rowid", from) //nolint:gosec // likewise
	for _, n := range all {
		if err := s.rows(ctx, "WHERE rowid = ?", []any{n}, skipped); err != nil && ctx.Err() != nil {
			return last, err
		}
		last = n
	}
	return last, fault
}

// readableAfter is the lowest rowid above last from which the table can be read again. It looks in steps that double, and then between the
// last two: neighbouring rows share a page, and pages are what gets damaged.
func (s *salvage) readableAfter(ctx context.Context, last int64) (next int64, found bool) {
	readable := func(from int64) bool {
		_, found, err := Row(ctx, s.from, func(n *int64) []any { return []any{n} },
			"SELECT rowid FROM "+Quoted(s.table)+" NOT INDEXED WHERE rowid >= ? ORDER BY rowid LIMIT 1", from) //nolint:gosec // likewise
		return found && err == nil
	}
	if last < 0 { // none of our rowids is negative
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

// bothEnds reads a table without rowids from its beginning, and from its end, as far as possible.
func (s *salvage) bothEnds(ctx context.Context, key []string) error {
	var skipped bool
	for _, order := range []string{"", " DESC"} {
		var by []string
		for _, column := range key {
			by = append(by, Quoted(column)+order)
		}
		if err := s.rows(ctx, "ORDER BY "+strings.Join(by, ", "), nil, &skipped); err != nil && ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// mendReferences removes references to rows that do not exist, until there are none: the reference alone if it may be NULL, otherwise its row.
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
			deleted, err := Changes(ctx, tx, statement)
			if err != nil {
				return err
			}
			changed = changed || deleted
		}
	}
	return nil
}

// mending are the statements for one table. The columns of one key have the same ID in the pragma's answer.
func mending(ctx context.Context, tx *sql.Tx, table string) ([]string, error) {
	return All(ctx, tx, func(scan func(...any) error) (string, error) {
		var set, parent, empty string
		err := scan(&set, &parent, &empty)
		what := "DELETE FROM " + Quoted(table)
		if empty != "" {
			what = "UPDATE " + Quoted(table) + " SET " + Quoted(empty) + " = NULL"
		}
		return what + " WHERE " + set + " AND NOT EXISTS (SELECT 1 FROM " + parent + ")", err
	}, `SELECT group_concat(format('"%w" IS NOT NULL', f."from"), ' AND '),
		format('"%w" p WHERE ', f."table") || group_concat(format('p."%w" = "%w"."%w"', coalesce(f."to", 'id'), ?1, f."from"), ' AND '),
		iif(count(*) = 1 AND max((SELECT "notnull" = 0 AND pk = 0 FROM pragma_table_info(?1) WHERE name = f."from")), f."from", '')
		FROM pragma_foreign_key_list(?1) f GROUP BY f.id`, table)
}
