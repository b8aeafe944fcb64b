package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"slices"
	"sync"
)

// Copy copies a database that others may be using into a file for its owner alone, and runs statements in the copy that delete what it must not have.
// It uses VACUUM INTO, which only reads its source, and leaves out deleted rows.
func Copy(ctx context.Context, from, to string, without ...string) (err error) {
	db, err := Writer(from)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", to)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := os.Chmod(to, 0o600); err != nil {
		return err
	}
	copied, err := OpenCopy(to)
	if err != nil {
		return err
	}
	for _, statement := range append([]string{"PRAGMA secure_delete = on"}, without...) { // free pages keep nothing
		err = errors.Join(err, Exec(ctx, copied, statement))
	}
	return errors.Join(err, copied.Close())
}

// Whole returns an error if a backup is damaged, or not a database.
func Whole(ctx context.Context, path string) error {
	db, err := OpenCopy(path)
	if err != nil {
		return err
	}
	var found string
	err = db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found)
	if err := errors.Join(err, db.Close()); err != nil || found != "ok" {
		return errors.New("the database in this backup is damaged: take another backup")
	}
	return nil
}

// Shape is what a database has that migrations have made. It is found out once, when it is first asked for, because that takes all of them.
type Shape func() ([]string, error)

// ShapeOf is the shape of what the folder "migrations" of files makes.
func ShapeOf(files fs.FS) Shape {
	return sync.OnceValues(func() ([]string, error) { return shapeOf(context.Background(), files) }) // for everybody, even if whoever asks first gives up
}

// Like says whether a database has a shape, and nothing else. Otherwise it was not made by us, and its triggers must not run.
func Like(ctx context.Context, db *sql.DB, want Shape) (same bool, err error) {
	wanted, err := want()
	if err != nil {
		return false, err
	}
	got, err := shape(ctx, db)
	return slices.Equal(got, wanted), err
}

// shapeOf makes a database in memory, and lists what it has.
func shapeOf(ctx context.Context, files fs.FS) (all []string, err error) {
	fresh, err := sql.Open("sqlite3", "file::memory:?_foreign_keys=on")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	fresh.SetMaxOpenConns(1) // each connection has a database of its own
	provider, err := migrator(fresh, files)
	if err != nil {
		return nil, err
	}
	if _, err := provider.Up(ctx); err != nil {
		return nil, err
	}
	return shape(ctx, fresh)
}

// shape lists what a database has: triggers and views with their statements, and tables with their columns. The two tables that Litestream makes in a
// database that it follows belong to it (package replica).
func shape(ctx context.Context, db *sql.DB) ([]string, error) {
	return Values[string](ctx, db, `SELECT type || ' ' || name || ' ' || CASE WHEN type IN ('trigger', 'view') THEN sql
		ELSE coalesce((SELECT group_concat(c.name) FROM pragma_table_info(m.name) c), '') END
		FROM sqlite_master m WHERE name NOT LIKE 'sqlite_stat%' AND NOT (type = 'table' AND name IN ('_litestream_seq', '_litestream_lock')) ORDER BY 1`)
}
