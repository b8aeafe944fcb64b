package storetest

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"

	"ringfence/store/sqlite"
)

// GoBackTo makes a closed database one of an older version; files has the folder "migrations".
func GoBackTo(ctx context.Context, path string, files fs.FS, version int64) (err error) {
	db, err := sqlite.OpenCopy(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	migrations, err := fs.Sub(files, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, migrations)
	if err != nil {
		return err
	}
	if _, err = provider.DownTo(ctx, version); err != nil {
		return err
	}
	return sqlite.Exec(ctx, db, "PRAGMA user_version = 0") // no upgrade of it was begun (sqlite.Migrate)
}

// OnCommit calls f in each transaction of a database's one connection, at its end.
func OnCommit(ctx context.Context, db *sql.DB, f func()) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	return errors.Join(conn.Raw(func(raw any) error {
		raw.(*sqlite3.SQLiteConn).RegisterCommitHook(func() int {
			f()
			return 0
		})
		return nil
	}), conn.Close())
}
