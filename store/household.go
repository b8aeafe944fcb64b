package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
)

// Household returns what a household has chosen. Region, Number and the zone are not kept here: they stand in
// ringfence.toml.
func (s *Store) Household(ctx context.Context, household string) (screening.Household, error) {
	house, _, err := s.Situation(ctx, household, "")
	return house, err
}

// SaveHousehold changes what a household has chosen. The error of a value that means nothing is a plain sentence. The
// schedule, a temporary mode and an expected call have methods of their own: who changes a mode must not bring back an
// expectation that a call has used up meanwhile.
func (s *Store) SaveHousehold(ctx context.Context, household string, h screening.Household) error {
	if err := h.Check(); err != nil {
		return err
	}
	p := h.Policy
	return s.change(ctx, household, `UPDATE households SET mode = ?, threshold = ?, emergency_s = ?,
		if_withheld = ?, if_unavailable = ?, if_international = ?, if_premium_rate = ?, quiet_contacts = ?, human_check = ?,
		ring_dialled = ?, dial_guard = ?, carer_number = ?, carer_when = ? WHERE name = ?`,
		h.Mode, h.Threshold, int64(h.Emergency/time.Second), p.Withheld, p.Unavailable, p.International, p.PremiumRate,
		h.Times.QuietContacts, h.HumanCheck, h.RingDialled, h.DialGuard, h.CarerNumber, h.CarerWhen)
}

// change runs a statement that changes a household, whose name is its last parameter.
func (s *Store) change(ctx context.Context, household, statement string, values ...any) error {
	return changeHousehold(ctx, s.write, household, statement, values...)
}

// execer is a database or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func changeHousehold(ctx context.Context, db execer, household, statement string, values ...any) error {
	result, err := db.ExecContext(ctx, statement, append(values, household)...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("%w: %s", columns.ErrNoHousehold, household))
	}
	return nil
}
