package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Sessions keeps what pages note of their visitors between requests, as alexedwards/scs wants it (its CtxStore). With scs's
// HashTokenInStore a token stands in the table hashed.
type Sessions struct {
	read                 *sql.DB
	write                Connection
	find, commit, remove string // statements
}

// NewSessions keeps them in a table with the columns token (the primary key), data and expires_ms.
func NewSessions(read *sql.DB, write Connection, table string) Sessions {
	return Sessions{
		read: read, write: write,
		find: "SELECT data FROM " + table + " WHERE token = ? AND expires_ms > ?",
		commit: "INSERT INTO " + table + ` (token, data, expires_ms) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET data = excluded.data, expires_ms = excluded.expires_ms`,
		remove: "DELETE FROM " + table + " WHERE token = ?",
	}
}

// FindCtx finds what was kept under a token, unless its time is over.
func (x Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = x.read.QueryRowContext(ctx, x.find, token, time.Now().UnixMilli()).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx keeps data under a token until a time.
func (x Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := x.write.ExecContext(ctx, x.commit, token, data, expiry.UnixMilli())
	return err
}

// DeleteCtx forgets what was kept under a token.
func (x Sessions) DeleteCtx(ctx context.Context, token string) error {
	_, err := x.write.ExecContext(ctx, x.remove, token)
	return err
}

// Find, Commit and Delete are what scs asks for where it has no context.

// Find is FindCtx without a context.
func (x Sessions) Find(token string) ([]byte, bool, error) {
	return x.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (x Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return x.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (x Sessions) Delete(token string) error { return x.DeleteCtx(context.Background(), token) }
