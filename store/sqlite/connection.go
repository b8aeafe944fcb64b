package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// Connection is a database's one connection that writes. Its methods use the transaction of Together where ctx carries one: on one
// connection, a statement beside an open transaction would wait for ever.
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

// Together runs f in one transaction, whole or not at all: all that is written with the context that f is given. What other connections
// read meanwhile, also within f, is what was there before.
func (c Connection) Together(ctx context.Context, f func(ctx context.Context) error) error {
	return c.Do(ctx, func(tx *sql.Tx) error {
		return f(context.WithValue(ctx, inTransaction{c.DB}, tx))
	})
}

// Do runs f in one transaction, whole or not at all. Within Together it is a part of that transaction, which is undone by itself where f
// fails.
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
	if _, err := outer.ExecContext(ctx, "SAVEPOINT part"); err != nil {
		return err
	}
	if err := f(outer); err != nil {
		_, undone := outer.ExecContext(ctx, "ROLLBACK TO part")
		_, released := outer.ExecContext(ctx, "RELEASE part")
		return errors.Join(err, undone, released)
	}
	_, err := outer.ExecContext(ctx, "RELEASE part")
	return err
}
