package programs

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ringfence/store/sqlite"
)

const (
	maxDatabase = 256 << 20 // bytes; callattendant's has some kB for each call
	// readingTime is how long reading a database may take, however it is made.
	readingTime = time.Minute
)

var errNotCallattendant = errors.New("this is a database, and not callattendant’s: export the list or the address book from the program that it belongs to, as CSV or vCard")

var errDamaged = errors.New("the database is damaged: stop callattendant, and copy its callattendant.db once more")

// database reads callattendant's: the table Whitelist has callers whom it lets through, and Blacklist those whom it blocks (callattendant/screening/blacklist.py of
// github.com/emxsys/callattendant). Its calls and messages are not read.
func (r *Reader) database(from io.Reader) (err error) {
	folder, err := os.MkdirTemp("", "ringfence-database-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, "foreign.db")
	if err := copyTo(path, from, r.mostBytes()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), readingTime)
	defer cancel()
	db, err := sqlite.OpenForeign(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tables := 0
	for _, of := range []struct {
		table    string
		standing Standing
	}{{"Whitelist", Allowed}, {"Blacklist", Blocked}} {
		found, err := r.rows(ctx, db, of.table, of.standing)
		if err != nil {
			return err
		}
		if found {
			tables++
		}
	}
	if tables == 0 {
		return errNotCallattendant
	}
	return nil
}

// mostBytes is how large a database may be.
func (r *Reader) mostBytes() int64 { return cmp.Or(r.MostBytes, maxDatabase) }

func copyTo(path string, from io.Reader, most int64) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // in a folder that was made for it
	if err != nil {
		return err
	}
	n, err := io.Copy(file, io.LimitReader(from, most+1))
	if err == nil && n > most {
		err = fmt.Errorf("the database is larger than %d MB: callattendant’s is not", most>>20)
	}
	return errors.Join(err, file.Close())
}

// rows reads a table, as far as it can be read. found says whether it is there.
func (r *Reader) rows(ctx context.Context, db *sql.DB, table string, standing Standing) (found bool, err error) {
	name, err := sqlite.ForeignTable(ctx, db, table)
	if err != nil {
		return false, damaged(ctx)
	}
	if name == "" {
		return false, nil
	}
	rows, err := db.QueryContext(ctx, fmt.Sprintf(`SELECT substr(CAST(PhoneNo AS TEXT), 1, 100), substr(CAST(Name AS TEXT), 1, 400), substr(CAST(Reason AS TEXT), 1, 400)
		FROM %s LIMIT %d`, sqlite.Quoted(name), maxEntries)) //nolint:gosec // a table's name can't be a parameter
	if err != nil {
		if strings.Contains(err.Error(), "no such column") {
			return false, nil
		}
		return false, damaged(ctx)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for at := 1; rows.Next(); at++ {
		var number, caller, reason sql.NullString
		if err := rows.Scan(&number, &caller, &reason); err != nil {
			return true, damaged(ctx)
		}
		p := Person{Line: at, Name: text(strings.ToValidUTF8(caller.String, "")), Note: text(strings.ToValidUTF8(reason.String, "")), Standing: standing}
		if written := strings.TrimSpace(strings.ToValidUTF8(number.String, "")); written != "" {
			p.Numbers = []Number{{Line: at, Text: written}}
		}
		if err := r.Take(p); err != nil {
			return true, err
		}
	}
	if err := rows.Err(); err != nil {
		return true, damaged(ctx)
	}
	return true, nil
}

// damaged says in a sentence why reading a database failed: it took too long, or the file is damaged.
func damaged(ctx context.Context) error {
	if ctx.Err() != nil {
		return fmt.Errorf("reading the database takes longer than %s: it is damaged, or not callattendant’s", readingTime)
	}
	return errDamaged
}
