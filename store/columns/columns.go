// Package columns says how values are kept in the columns of the database: households by their IDs, times as seconds or milliseconds, telephone
// numbers as keys, and texts from the network within limits.
package columns

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store/sqlite"
)

// ErrNoHousehold says that there is no household of that name.
var ErrNoHousehold = errors.New("there is no household of that name")

// NoHousehold is ErrNoHousehold with the name.
func NoHousehold(name string) error { return fmt.Errorf("%w: %s", ErrNoHousehold, name) }

// HouseholdID finds a household by its name; the error is ErrNoHousehold if there is none.
func HouseholdID(ctx context.Context, q sqlite.Querier, name string) (int64, error) {
	return sqlite.OneValue[int64](ctx, q, NoHousehold(name), "SELECT id FROM households WHERE name = ?", name)
}

// InHousehold runs f in one transaction, with the ID of a household; the error is ErrNoHousehold if no household has that name.
func InHousehold(ctx context.Context, db sqlite.Connection, name string, f func(tx *sql.Tx, home int64) error) error {
	return db.Do(ctx, func(tx *sql.Tx) error {
		home, err := HouseholdID(ctx, tx, name)
		if err != nil {
			return err
		}
		return f(tx, home)
	})
}

// ByName picks the rows of a household in a condition, by its name.
const ByName = "household_id = (SELECT id FROM households WHERE name = ?)"

// Time reads a time as it is stored; 0 is none.
func Time(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// Seconds is a time as Time reads it.
func Seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// Bounded cuts a text from the network to the length that a log needs, as valid UTF-8.
func Bounded(text string) string { return BoundedTo(text, 256) }

// BoundedTo cuts a text to so many bytes, as valid UTF-8.
func BoundedTo(text string, limit int) string {
	if len(text) > limit {
		text = text[:limit]
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
}

// MaxDigits is how many digits a number has at most (E.164).
const MaxDigits = 15

// Key is the key of a block or of an entry of a list: the number's key, or a prefix's digits.
func Key(digits string, prefix bool) (int64, error) {
	key, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || key < 0 || len(digits) > MaxDigits || digits[0] == '+' {
		return 0, fmt.Errorf("%q is not a number of at most %d digits", digits, MaxDigits)
	}
	if prefix {
		return key, nil
	}
	return screening.NumberOf(digits).Key(), nil
}

// Digits are the digits of a key.
func Digits(key int64, prefix bool) string {
	if prefix {
		return strconv.FormatInt(key, 10)
	}
	return screening.NumberFromKey(key).Digits()
}
