package columns

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"ringfence/screening"
)

// scanner is a sql.Scanner of a function that takes an integer; NULL is 0.
type scanner func(value int64)

// Scan implements sql.Scanner.
func (s scanner) Scan(src any) error {
	switch value := src.(type) {
	case int64:
		s(value)
	case nil:
		s(0)
	default:
		return fmt.Errorf("%T is not an integer", src)
	}
	return nil
}

// ScanTime reads a time that is kept as seconds; NULL and 0 are none.
func ScanTime(t *time.Time) sql.Scanner { return (*seconds)(t) }

// ScanMilliseconds reads a time that is kept as milliseconds; NULL and 0 are none.
func ScanMilliseconds(t *time.Time) sql.Scanner { return (*milliseconds)(t) }

// Every call reads several times of these two kinds. As a sql.Scanner a pointer needs no allocation, but a scanner does.
type (
	seconds      time.Time
	milliseconds time.Time
)

// Scan implements sql.Scanner.
func (t *seconds) Scan(src any) error {
	return scanner(func(s int64) { *t = seconds(Time(s)) }).Scan(src)
}

// Scan implements sql.Scanner.
func (t *milliseconds) Scan(src any) error {
	return scanner(func(ms int64) {
		if *t = (milliseconds{}); ms != 0 {
			*t = milliseconds(time.UnixMilli(ms))
		}
	}).Scan(src)
}

// ScanSeconds reads a duration that is kept as seconds.
func ScanSeconds(d *time.Duration) sql.Scanner {
	return scanner(func(s int64) { *d = time.Duration(s) * time.Second })
}

// ScanLength reads a duration that is kept as milliseconds.
func ScanLength(d *time.Duration) sql.Scanner {
	return scanner(func(ms int64) { *d = time.Duration(ms) * time.Millisecond })
}

// ScanNumber reads a telephone number that is kept as its key.
func ScanNumber(n *screening.Number) sql.Scanner {
	return scanner(func(key int64) { *n = screening.NumberFromKey(key) })
}

// ScanPath reads the name of a file in a folder.
func ScanPath(path *string, folder string) sql.Scanner { return pathScanner{path, folder} }

type pathScanner struct {
	path   *string
	folder string
}

// Scan implements sql.Scanner.
func (s pathScanner) Scan(src any) error {
	var name sql.NullString
	err := name.Scan(src)
	*s.path = filepath.Join(s.folder, name.String)
	return err
}

// ScanDigits reads digits that are kept as their Key. prefix has to be read before them.
func ScanDigits(digits *string, prefix *bool) sql.Scanner {
	return scanner(func(key int64) { *digits = Digits(key, *prefix) })
}

// ScanJSON reads what is kept as JSON.
func ScanJSON(into any) sql.Scanner { return jsonScanner{into} }

type jsonScanner struct{ into any }

// Scan implements sql.Scanner.
func (s jsonScanner) Scan(src any) error {
	var text sql.Null[[]byte]
	if err := text.Scan(src); err != nil || !text.Valid {
		return err
	}
	if err := json.Unmarshal(text.V, s.into); err != nil {
		return fmt.Errorf("stored JSON cannot be read: %w", err)
	}
	return nil
}
