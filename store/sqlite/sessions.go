package sqlite

import (
	"context"
	"database/sql"
	"time"
)

// Sessions are where pages keep their visitors' sessions, as a CtxStore for alexedwards/scs. With scs's HashTokenInStore the table has only
// hashes of tokens.
type Sessions struct {
	read                 *sql.DB
	write                Connection
	find, commit, remove string // statements
}

// NewSessions are sessions in a table with the columns token (the primary key), data and expires_ms.
func NewSessions(read *sql.DB, write Connection, table string) Sessions {
	return Sessions{
		read: read, write: write,
		find: "SELECT data FROM " + table + " WHERE token = ? AND expires_ms > ?",
		commit: "INSERT INTO " + table + ` (token, data, expires_ms) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET data = excluded.data, expires_ms = excluded.expires_ms`,
		remove: "DELETE FROM " + table + " WHERE token = ?",
	}
}

// FindCtx finds the data of a token, unless it has expired.
func (x Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	return Row(ctx, x.read, func(data *[]byte) []any { return []any{data} }, x.find, token, time.Now().UnixMilli())
}

// CommitCtx stores the data of a token until it expires.
func (x Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	return Exec(ctx, x.write, x.commit, token, data, expiry.UnixMilli())
}

// DeleteCtx deletes the data of a token.
func (x Sessions) DeleteCtx(ctx context.Context, token string) error {
	return Exec(ctx, x.write, x.remove, token)
}

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
