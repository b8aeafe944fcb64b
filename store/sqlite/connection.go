package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// Connection is a database's one connection for writing. Its methods use the transaction of Together if ctx carries one: a statement outside it would
// wait for ever for the one connection.
type Connection struct{ *sql.DB }

// inTransaction is the key by which a context carries a connection's transaction.
type inTransaction struct{ db *sql.DB }

func (c Connection) transaction(ctx context.Context) *sql.Tx {
	tx, _ := ctx.Value(inTransaction{c.DB}).(*sql.Tx)
	return tx
}

// ExecContext runs a statement.
func (c Connection) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if tx := c.transaction(ctx); tx != nil {
		return tx.ExecContext(ctx, query, args...)
	}
	return c.DB.ExecContext(ctx, query, args...)
}

// QueryContext runs a statement that returns rows.
func (c Connection) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if tx := c.transaction(ctx); tx != nil {
		return tx.QueryContext(ctx, query, args...)
	}
	return c.DB.QueryContext(ctx, query, args...)
}

// QueryRowContext runs a statement that returns a row.
func (c Connection) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if tx := c.transaction(ctx); tx != nil {
		return tx.QueryRowContext(ctx, query, args...)
	}
	return c.DB.QueryRowContext(ctx, query, args...)
}

// Together runs f in one transaction, which includes everything written with f's context. Other connections see none of it until it is committed, not
// even within f.
func (c Connection) Together(ctx context.Context, f func(ctx context.Context) error) error {
	return c.Do(ctx, func(tx *sql.Tx) error {
		return f(context.WithValue(ctx, inTransaction{c.DB}, tx))
	})
}

// Do runs f in one transaction. Within Together it is a savepoint of that transaction, and only that is rolled back if f fails.
func (c Connection) Do(ctx context.Context, f func(tx *sql.Tx) error) error {
	outer := c.transaction(ctx)
	if outer == nil {
		tx, err := c.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		return tx.Commit()
	}
	if err := Exec(ctx, outer, "SAVEPOINT part"); err != nil {
		return err
	}
	if err := f(outer); err != nil {
		return errors.Join(err, Exec(ctx, outer, "ROLLBACK TO part"), Exec(ctx, outer, "RELEASE part"))
	}
	return Exec(ctx, outer, "RELEASE part")
}
