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
	if err := check(h); err != nil {
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

func check(h screening.Household) error {
	if err := checkMode(h.Mode); err != nil {
		return err
	}
	if err := checkThreshold(h.Threshold); err != nil {
		return err
	}
	if h.Emergency < 0 {
		return fmt.Errorf("%v after an emergency call is not a time", h.Emergency)
	}
	p := h.Policy
	for _, a := range []screening.Action{p.Withheld, p.Unavailable, p.International, p.PremiumRate} {
		if err := checkAction(a); err != nil {
			return err
		}
	}
	switch h.Times.QuietContacts {
	case "", screening.Ring, screening.Message:
	default:
		return fmt.Errorf("%q is nothing that can be done with contacts in quiet hours: it is ring or message", h.Times.QuietContacts)
	}
	switch h.HumanCheck {
	case "", screening.CheckOff, screening.CheckAlways, screening.CheckHidden:
	default:
		return fmt.Errorf("there is no human check %q: it is off, always or hidden", h.HumanCheck)
	}
	return checkCarer(h)
}

func checkThreshold(threshold float64) error {
	if !(threshold >= 0 && threshold <= 1) { // so that NaN is none
		return fmt.Errorf("a threshold of %v is not between 0 and 1", threshold)
	}
	return nil
}

func checkAction(a screening.Action) error {
	switch a {
	case "", screening.Ring, screening.Screen, screening.Message, screening.TurnAway:
		return nil
	}
	return fmt.Errorf("%q is nothing that can be done with a call: it is ring, screen, message or turn-away", a)
}

func checkMode(m screening.Mode) error {
	switch m {
	case screening.Ask, screening.KnownOnly, screening.BlockOnly, screening.Watch, screening.Off:
		return nil
	}
	return fmt.Errorf("there is no mode %q: it is ask, known-only, block-only, watch or off", m)
}

func checkCarer(h screening.Household) error {
	switch h.CarerWhen {
	case screening.CarerOff:
		return nil
	case screening.CarerNoAnswer, screening.CarerUnknown, screening.CarerAlways:
	default:
		return fmt.Errorf("%q does not say which calls go on to the carer: it is off, no-answer, unknown or always", h.CarerWhen)
	}
	if h.CarerNumber == "" {
		return errors.New("calls cannot go on to a carer without a number: set carer-number first")
	}
	return nil
}
