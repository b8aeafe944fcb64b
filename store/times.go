package store

import (
	"context"
	"database/sql"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// SetMode sets the household's own mode, and a temporary one, which overrides it and the schedule until a time; "" for none. It leaves all
// other options alone.
func (s *Store) SetMode(ctx context.Context, household string, own, temporary screening.Mode, until time.Time) error {
	if temporary == "" {
		until = time.Time{}
	}
	return s.change(ctx, household, "UPDATE households SET mode = ?, temporary_mode = ?, temporary_until = ? WHERE name = ?", own, temporary, columns.Seconds(until))
}

// SetExpecting lets the next unknown caller ring until a time; the zero time ends that.
func (s *Store) SetExpecting(ctx context.Context, household string, until time.Time) error {
	return s.change(ctx, household, "UPDATE households SET expecting_until = ? WHERE name = ?", columns.Seconds(until))
}

// UseExpected uses up the expectation of a call. Of several calls that arrive together only one gets true.
func (s *Store) UseExpected(ctx context.Context, household string) (bool, error) {
	return sqlite.Changes(sqlite.Quick(ctx), s.write, "UPDATE households SET expecting_until = 0 WHERE name = ? AND expecting_until <> 0", household)
}

// SetWeek replaces a household's schedule.
func (s *Store) SetWeek(ctx context.Context, household string, week []screening.Span) error {
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		if err := sqlite.Exec(ctx, tx, "DELETE FROM schedule_spans WHERE household_id = ?", home); err != nil {
			return err
		}
		for _, span := range week {
			if err := sqlite.Exec(ctx, tx, "INSERT INTO schedule_spans (household_id, days, from_min, to_min, mode, quiet) VALUES (?, ?, ?, ?, ?, ?)",
				home, span.Days, span.From, span.To, span.Mode, span.Quiet); err != nil {
				return err
			}
		}
		return nil
	})
}
