package store

import (
	"context"
	"fmt"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// DialledNumber is a number that the household itself has rung.
type DialledNumber struct {
	Number screening.Number
	At     time.Time // the last time
}

// dialledAge is how long a household's own calls are remembered: somebody whom it rings once a year, such as for a birthday, may ring back.
const dialledAge = 366 * 24 * time.Hour

// NumberDialled notes that the household has rung a number. Only the latest time is kept.
func (s *Store) NumberDialled(ctx context.Context, household string, number screening.Number, at time.Time) error {
	key := number.Key()
	if key == 0 {
		return fmt.Errorf("%q isn't a phone number that somebody could have dialled", number)
	}
	return s.change(ctx, household, `INSERT INTO dialled (household_id, number, at) SELECT id, ?, ? FROM households WHERE name = ?
		ON CONFLICT DO UPDATE SET at = max(at, excluded.at)`, key, at.Unix())
}

// Dialled lists the numbers that the household has rung, the latest first.
func (s *Store) Dialled(ctx context.Context, household string) ([]DialledNumber, error) {
	return sqlite.Rows(ctx, s.read, func(d *DialledNumber) []any {
		return []any{columns.ScanNumber(&d.Number), columns.ScanTime(&d.At)}
	}, "SELECT number, at FROM dialled WHERE "+columns.ByName+" ORDER BY at DESC, number", household)
}

// ForgetDialled forgets that the household has rung a number; false where it has not.
func (s *Store) ForgetDialled(ctx context.Context, household string, number screening.Number) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM dialled WHERE number = ? AND "+columns.ByName, number.Key(), household)
}

func (s *Store) expireDialled(ctx context.Context, now time.Time) error {
	return sqlite.Exec(ctx, s.write, "DELETE FROM dialled WHERE at < ?", now.Add(-dialledAge).Unix())
}
