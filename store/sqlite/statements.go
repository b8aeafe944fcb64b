package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
)

// Querier is what a transaction and a pool have in common for reading.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// counting is the key by which a context carries a counter.
type counting struct{}

// Counting returns a context with which the statements are counted that read. What is shown of all households must not take more of them the more
// households there are.
func Counting(ctx context.Context, n *atomic.Int64) context.Context {
	return context.WithValue(ctx, counting{}, n)
}

func count(ctx context.Context) {
	if n, counts := ctx.Value(counting{}).(*atomic.Int64); counts {
		n.Add(1)
	}
}

// Each calls f with every row of a query.
func Each(ctx context.Context, q Querier, f func(scan func(...any) error) error, query string, args ...any) error {
	count(ctx)
	rows, err := q.QueryContext(ctx, query, args...)
	return EachOf(rows, err, f)
}

// EachOf calls f with every row that a query has returned, unless it has failed.
func EachOf(rows *sql.Rows, failed error, f func(scan func(...any) error) error) (err error) {
	if failed != nil {
		return failed
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	scan := rows.Scan // once, because it allocates
	for rows.Next() {
		if err := f(scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Rows reads every row of a query; fields are where the columns of one go.
func Rows[T any](ctx context.Context, q Querier, fields func(*T) []any, query string, args ...any) ([]T, error) {
	return All(ctx, q, func(scan func(...any) error) (row T, err error) {
		err = scan(fields(&row)...)
		return row, err
	}, query, args...)
}

// Row reads the one row that a query finds; found is false if there is none.
func Row[T any](ctx context.Context, q Querier, fields func(*T) []any, query string, args ...any) (row T, found bool, err error) {
	count(ctx)
	err = q.QueryRowContext(ctx, query, args...).Scan(fields(&row)...)
	if errors.Is(err, sql.ErrNoRows) {
		return row, false, nil
	}
	return row, err == nil, err
}

// One reads the one row that a query has to find; none is the error if there is none.
func One[T any](ctx context.Context, q Querier, none error, fields func(*T) []any, query string, args ...any) (T, error) {
	row, found, err := Row(ctx, q, fields, query, args...)
	if err == nil && !found {
		err = none
	}
	return row, err
}

// OneValue reads the one column of the one row that a query has to find; none is the error if there is none.
func OneValue[T any](ctx context.Context, q Querier, none error, query string, args ...any) (T, error) {
	return One(ctx, q, none, func(v *T) []any { return []any{v} }, query, args...)
}

// Values reads every row of a query with one column.
func Values[T any](ctx context.Context, q Querier, query string, args ...any) ([]T, error) {
	return Rows(ctx, q, func(v *T) []any { return []any{v} }, query, args...)
}

// Value reads the one column of the one row of a query; the zero value if there is none.
func Value[T any](ctx context.Context, q Querier, query string, args ...any) (T, error) {
	value, _, err := Row(ctx, q, func(v *T) []any { return []any{v} }, query, args...)
	return value, err
}

// All returns what scan makes of every row of a query.
func All[T any](ctx context.Context, q Querier, scan func(scan func(...any) error) (T, error), query string, args ...any) (all []T, err error) {
	err = Each(ctx, q, func(columns func(...any) error) error {
		one, err := scan(columns)
		all = append(all, one)
		return err
	}, query, args...)
	return all, err
}

// Change runs a statement that has to find a row; none is the error where it finds none.
func Change(ctx context.Context, db Executor, none error, query string, args ...any) error {
	found, err := Changes(ctx, db, query, args...)
	if err == nil && !found {
		err = none
	}
	return err
}

// Executor is what a transaction and the connection that writes have in common.
type Executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Exec runs statements, with the parameters of each after those of the one before. They are one transaction only if db is one.
func Exec(ctx context.Context, db Executor, statements string, args ...any) error {
	_, err := db.ExecContext(ctx, statements, args...)
	return err
}

// Changes runs a statement, and says whether it has changed anything.
func Changes(ctx context.Context, db Executor, query string, args ...any) (bool, error) {
	n, err := Affected(ctx, db, query, args...)
	return n > 0, err
}

// Affected runs a statement, and counts the rows that it has changed.
func Affected(ctx context.Context, db Executor, query string, args ...any) (int64, error) {
	result, err := db.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Insert runs an INSERT, and returns the ID of the new row.
func Insert(ctx context.Context, db Executor, query string, args ...any) (int64, error) {
	result, err := db.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// Quick is for statements that take microseconds. With a context that can end, database/sql and go-sqlite3 start a goroutine each to
// watch it, for a statement that is over before that goroutine runs.
func Quick(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
