package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// Querier is what a transaction and a pool have in common for reading.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Each calls f with every row of a query.
func Each(ctx context.Context, q Querier, f func(scan func(...any) error) error, query string, args ...any) (err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
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

// Changes runs a statement, and says whether it has changed anything.
func Changes(ctx context.Context, db Executor, query string, args ...any) (bool, error) {
	done, err := db.ExecContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// Insert runs an INSERT, and returns the ID of the new row.
func Insert(ctx context.Context, db Executor, query string, args ...any) (int64, error) {
	done, err := db.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return done.LastInsertId()
}

// Quick is for statements that take microseconds. With a context that can end, database/sql and go-sqlite3 start a goroutine each to
// watch it, for a statement that is over before that goroutine runs.
func Quick(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
