package store

import (
	"context"
	"errors"
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

// dialledAge is for how long a household's own calls are remembered: who is rung once a year, such as for a birthday, may
// ring back.
const dialledAge = 366 * 24 * time.Hour

// NumberDialled remembers that the household has rung a number. Of each number only the newest time is kept.
func (s *Store) NumberDialled(ctx context.Context, household string, number screening.Number, at time.Time) error {
	key := number.Key()
	if key == 0 {
		return fmt.Errorf("%q is no telephone number that could have been dialled", number)
	}
	done, err := s.write.ExecContext(ctx, `INSERT INTO dialled (household_id, number, at) SELECT id, ?, ? FROM households WHERE name = ?
		ON CONFLICT DO UPDATE SET at = max(at, excluded.at)`, key, at.Unix(), household)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("%w: %s", columns.ErrNoHousehold, household))
	}
	return nil
}

// Dialled lists the numbers that the household has rung, the latest first.
func (s *Store) Dialled(ctx context.Context, household string) (numbers []DialledNumber, err error) {
	err = sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var key, at int64
		err := scan(&key, &at)
		numbers = append(numbers, DialledNumber{screening.NumberFromKey(key), time.Unix(at, 0)})
		return err
	}, `SELECT d.number, d.at FROM households h JOIN dialled d ON d.household_id = h.id WHERE h.name = ?
		ORDER BY d.at DESC, d.number`, household)
	return numbers, err
}

// ForgetDialled forgets that the household has rung a number. It returns false where it has not.
func (s *Store) ForgetDialled(ctx context.Context, household string, number screening.Number) (bool, error) {
	return sqlite.Changes(ctx, s.write, "DELETE FROM dialled WHERE number = ? AND household_id = (SELECT id FROM households WHERE name = ?)", number.Key(), household)
}

func (s *Store) expireDialled(ctx context.Context, now time.Time) error {
	_, err := s.write.ExecContext(ctx, "DELETE FROM dialled WHERE at < ?", now.Add(-dialledAge).Unix())
	return err
}
