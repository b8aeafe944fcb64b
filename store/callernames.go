package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"ringfence/screening"
	"ringfence/store/sqlite"
)

// maxCallerName is how long a name is at most, in characters.
const maxCallerName = 64

// ErrLongName says that a name is too long.
var ErrLongName = fmt.Errorf("a name has at most %d characters", maxCallerName)

// NameCaller says what a household calls a number that is no contact's; "" takes the name away. It decides nothing: only pages
// and commands show it. before is the name that was there.
func (s *Store) NameCaller(ctx context.Context, household string, n screening.Number, name string) (before string, err error) {
	name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "")), " ")
	switch {
	case n == "":
		return "", errors.New("a caller without a number cannot be given a name: nobody could know them again")
	case utf8.RuneCountInString(name) > maxCallerName:
		return "", ErrLongName
	}
	names, err := s.CallerNames(ctx, household)
	if err != nil {
		return "", err
	}
	if name == "" {
		_, err = sqlite.Changes(ctx, s.write, "DELETE FROM caller_names WHERE number = ? AND household_id = (SELECT id FROM households WHERE name = ?)", n.Key(), household)
		return names[n], err
	}
	return names[n], s.change(ctx, household, `INSERT INTO caller_names (household_id, number, name) SELECT id, ?, ? FROM households WHERE name = ?
		ON CONFLICT DO UPDATE SET name = excluded.name`, n.Key(), name)
}

// CallerNames are the names that a household has given to numbers.
func (s *Store) CallerNames(ctx context.Context, household string) (names map[screening.Number]string, err error) {
	names = map[screening.Number]string{}
	err = sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var key int64
		var name string
		if err := scan(&key, &name); err != nil {
			return err
		}
		names[screening.NumberFromKey(key)] = name
		return nil
	}, "SELECT number, n.name FROM caller_names n JOIN households h ON h.id = n.household_id WHERE h.name = ?", household)
	return names, err
}
