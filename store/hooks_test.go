package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/mattn/go-sqlite3"
)

// OnSelect calls f for each SELECT that pages and metrics have compiled, those within others too. It is for tests that hold how much something asks.
func (s *Store) OnSelect(ctx context.Context, f func()) (err error) {
	var all []*sql.Conn
	for range readers { // each once
		conn, err := s.read.Conn(ctx)
		if err != nil {
			return err
		}
		all = append(all, conn)
	}
	for _, conn := range all {
		err = errors.Join(err, conn.Raw(func(raw any) error {
			raw.(*sqlite3.SQLiteConn).RegisterAuthorizer(func(deed int, _, _, _ string) int {
				if deed == sqlite3.SQLITE_SELECT {
					f()
				}
				return sqlite3.SQLITE_OK
			})
			return nil
		}), conn.Close())
	}
	return err
}
