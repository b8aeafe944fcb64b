package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Kind is a kind of callers, such as those who show no number, with what the household has chosen for it.
type Kind struct {
	Code   screening.Code   // CodeWithheld, CodeUnavailable, CodeInternational or CodePremiumRate
	Action screening.Action // "" leaves them to the mode
	Hits   Hits             // the calls that this has kept from ringing at once
}

// kinds are where a household's policy stands, in the order of the rules.
var kinds = []struct {
	code     screening.Code
	get, set string
	of       func(screening.Policy) screening.Action
}{
	{screening.CodeWithheld, "SELECT if_withheld FROM households WHERE id = ?", "UPDATE households SET if_withheld = ? WHERE id = ?",
		func(p screening.Policy) screening.Action { return p.Withheld }},
	{screening.CodeUnavailable, "SELECT if_unavailable FROM households WHERE id = ?", "UPDATE households SET if_unavailable = ? WHERE id = ?",
		func(p screening.Policy) screening.Action { return p.Unavailable }},
	{screening.CodeInternational, "SELECT if_international FROM households WHERE id = ?", "UPDATE households SET if_international = ? WHERE id = ?",
		func(p screening.Policy) screening.Action { return p.International }},
	{screening.CodePremiumRate, "SELECT if_premium_rate FROM households WHERE id = ?", "UPDATE households SET if_premium_rate = ? WHERE id = ?",
		func(p screening.Policy) screening.Action { return p.PremiumRate }},
}

// Kinds lists the four kinds, in the order of the rules.
func (s *Store) Kinds(ctx context.Context, household string) ([]Kind, error) {
	house, err := s.Household(ctx, household)
	if err != nil {
		return nil, err
	}
	hits := map[screening.Code]Hits{}
	err = sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var code screening.Code
		var n int
		var ms int64
		err := scan(&code, &n, &ms)
		hits[code] = Hits{n, time.UnixMilli(ms)}
		return err
	}, `SELECT c.reasons ->> '$[0].code', count(*), max(c.at_ms) FROM households h JOIN calls c ON c.household_id = h.id
		WHERE h.name = ? AND c.action <> 'ring' GROUP BY 1 HAVING c.reasons ->> '$[0].code' IS NOT NULL`, household)
	var all []Kind
	for _, k := range kinds {
		all = append(all, Kind{k.code, k.of(house.Policy), hits[k.code]})
	}
	return all, err
}

// SetKind chooses what is done with a kind of callers, and returns what was chosen before.
func (s *Store) SetKind(ctx context.Context, household string, kind screening.Code, action screening.Action) (before screening.Action, err error) {
	if err := action.Check(); err != nil {
		return "", err
	}
	for _, k := range kinds {
		if k.code != kind {
			continue
		}
		err := s.do(ctx, func(tx *sql.Tx) error {
			home, err := columns.HouseholdID(ctx, tx, household)
			if err != nil {
				return err
			}
			if err := tx.QueryRowContext(ctx, k.get, home).Scan(&before); err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, k.set, action, home)
			return err
		})
		return before, err
	}
	return "", fmt.Errorf("there is no kind of callers %q: it is withheld, unavailable, international or premium-rate", kind)
}

// SetThreshold chooses from which confidence on a list turns callers away, 0 to 1, where 0 is the standard; and returns what
// was chosen before.
func (s *Store) SetThreshold(ctx context.Context, household string, threshold float64) (before float64, err error) {
	if threshold != 0 {
		if err := screening.CheckThreshold(threshold); err != nil {
			return 0, err
		}
	}
	err = s.do(ctx, func(tx *sql.Tx) error {
		home, err := columns.HouseholdID(ctx, tx, household)
		if err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT threshold FROM households WHERE id = ?", home).Scan(&before); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE households SET threshold = ? WHERE id = ?", threshold, home)
		return err
	})
	return before, err
}
