package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
)

// Copy makes a copy of a database that others may be using, for its owner alone, and runs statements in it that take out what a copy
// must not have. It is VACUUM INTO, which only reads what it copies, and leaves out what was deleted.
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
	for _, statement := range append([]string{"PRAGMA secure_delete = on"}, without...) { // nothing of it stays in free pages
		_, failed := copied.ExecContext(ctx, statement)
		err = errors.Join(err, failed)
	}
	return errors.Join(err, copied.Close())
}

// OpenCopy opens a database that nobody else has: one file, without a write-ahead log beside it.
func OpenCopy(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=rw&_foreign_keys=on")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// Whole is an error where a copy is damaged, or no database.
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

// Like tells whether a database consists of what the migrations make and of nothing else. One that does not was not made by us, and must
// not run what is in it.
func Like(ctx context.Context, db *sql.DB, files fs.FS) (same bool, err error) {
	folder, err := os.MkdirTemp("", "ringfence-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "fresh.db")
	if err := Create(path); err != nil {
		return false, err
	}
	fresh, err := Writer(path)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	if err := Migrate(ctx, path, fresh.DB, files); err != nil {
		return false, err
	}
	want, err := shape(ctx, fresh.DB)
	if err != nil {
		return false, err
	}
	got, err := shape(ctx, db)
	return slices.Equal(got, want), err
}

// shape lists what a database consists of: of what runs by itself with all its words, of tables their columns.
func shape(ctx context.Context, db *sql.DB) ([]string, error) {
	return names(ctx, db, `SELECT type || ' ' || name || ' ' || CASE WHEN type IN ('trigger', 'view') THEN sql
		ELSE coalesce((SELECT group_concat(c.name) FROM pragma_table_info(m.name) c), '') END
		FROM sqlite_master m WHERE name NOT LIKE 'sqlite_stat%' ORDER BY 1`)
}
