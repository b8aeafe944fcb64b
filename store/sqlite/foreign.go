package sqlite

import (
	"context"
	"database/sql"
	"net/url"

	"github.com/mattn/go-sqlite3"
)

// foreignDriver is what the driver is called that opens databases which other programs have made.
const foreignDriver = "sqlite3-foreign"

// The limits of SQLite within a foreign database (sqlite.org/c3ref/c_limit_attached.html): a row, a statement, and how deep and wide an expression in its schema may be.
const (
	foreignRow       = 1 << 20
	foreignStatement = 100 << 10
	foreignDepth     = 50
	foreignColumns   = 100
)

func init() {
	sql.Register(foreignDriver, &sqlite3.SQLiteDriver{ConnectHook: func(c *sqlite3.SQLiteConn) error {
		for limit, most := range map[int]int{
			sqlite3.SQLITE_LIMIT_LENGTH: foreignRow, sqlite3.SQLITE_LIMIT_SQL_LENGTH: foreignStatement, sqlite3.SQLITE_LIMIT_EXPR_DEPTH: foreignDepth,
			sqlite3.SQLITE_LIMIT_COLUMN: foreignColumns, sqlite3.SQLITE_LIMIT_ATTACHED: 0, sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1, sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
		} {
			c.SetLimit(limit, most)
		}
		// As sqlite.org/security.html asks of those who open a database from somebody else.
		_, err := c.Exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA query_only = ON; PRAGMA cache_size = -2000; PRAGMA temp_store = FILE", nil)
		return err
	}})
}

// OpenForeign opens a database that another program has made, and that may be made to do harm: to read, in a file of its own that nothing else changes. Its views and
// triggers can call nothing. A database in WAL mode is read without what is in its -wal file.
func OpenForeign(path string) (*sql.DB, error) {
	db, err := sql.Open(foreignDriver, "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&immutable=1")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// ForeignTable is the name that a table has in a foreign database, whatever its letters' case; "" if there is no such table. A view, or a table that a program has to
// simulate, is none.
func ForeignTable(ctx context.Context, db *sql.DB, name string) (string, error) {
	found, err := Values[string](ctx, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND lower(name) = lower(?) LIMIT 1`, name)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}
