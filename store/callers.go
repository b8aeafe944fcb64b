package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// maxCallerName is how long a name is at most, in characters.
const maxCallerName = 64

// ErrLongName says that a name is too long.
var ErrLongName = fmt.Errorf("a name has at most %d characters", maxCallerName)

// NameCaller gives a name to a number that is not a contact's, for pages and commands to show; "" removes it. It does not affect verdicts. before is
// the name until now.
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
		return names[n], sqlite.Exec(ctx, s.write, "DELETE FROM caller_names WHERE number = ? AND "+columns.ByName, n.Key(), household)
	}
	return names[n], s.change(ctx, household, `INSERT INTO caller_names (household_id, number, name) SELECT id, ?, ? FROM households WHERE name = ?
		ON CONFLICT DO UPDATE SET name = excluded.name`, n.Key(), name)
}

// CallerNames are the names that a household has given to numbers that are not contacts'.
func (s *Store) CallerNames(ctx context.Context, household string) (names map[screening.Number]string, err error) {
	names = map[screening.Number]string{}
	err = sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var number screening.Number
		var name string
		err := scan(columns.ScanNumber(&number), &name)
		names[number] = name
		return err
	}, "SELECT number, n.name FROM caller_names n JOIN households h ON h.id = n.household_id WHERE h.name = ?", household)
	return names, err
}

// RecentCaller is an unknown caller.
type RecentCaller struct {
	Number screening.Number
	Name   string // the network's, of the last call; mostly ""
	At     time.Time
	Call   int64 // the last one
	Calls  int   // within the time asked for
}

// RecentStrangers lists whom a carer may want to make a contact: callers since a time, the latest first, who are neither contacts nor blocked,
// and whose last call was not turned or sent away.
func (s *Store) RecentStrangers(ctx context.Context, household string, since time.Time, limit int) ([]RecentCaller, error) {
	// Of columns beside max(), SQLite takes those of the row that has it (sqlite.org/lang_select.html, 2.5 "Bare columns").
	return sqlite.Rows(ctx, s.read, func(c *RecentCaller) []any {
		return []any{columns.ScanNumber(&c.Number), &c.Name, columns.ScanMilliseconds(&c.At), &c.Call, &c.Calls}
	}, `SELECT c.number, c.name, max(c.at_ms), c.id, count(*) FROM households h
		JOIN calls c ON c.household_id = h.id AND c.at_ms >= ?2 AND c.number IS NOT NULL
		WHERE h.name = ?1 AND `+columns.NumberOfContact("h.id", "c.number")+` IS NULL
		AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.household_id = h.id AND b.is_prefix = 0 AND b.digits = c.number)
		GROUP BY c.number HAVING c.outcome NOT IN `+inSQL(calllog.SentAway, calllog.TurnedAway)+` AND c.action <> 'turn-away' ORDER BY 3 DESC LIMIT ?3`,
		household, since.UnixMilli(), limit)
}
