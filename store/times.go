package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"ringfence/screening"
	"ringfence/store/sqlite"
)

// SetMode sets the household's own mode, and one that holds before it and the schedule until a time; "" for none. What else the household
// has chosen stays, whoever changes it at the same moment.
func (s *Store) SetMode(ctx context.Context, household string, own, temporary screening.Mode, until time.Time) error {
	if temporary == "" {
		until = time.Unix(0, 0)
	}
	return s.change(ctx, household, "UPDATE households SET mode = ?, temporary_mode = ?, temporary_until = ? WHERE name = ?", own, temporary, until.Unix())
}

// SetExpecting lets the next unknown caller ring until a time; the zero time ends that.
func (s *Store) SetExpecting(ctx context.Context, household string, until time.Time) error {
	var seconds int64
	if !until.IsZero() {
		seconds = until.Unix()
	}
	return s.change(ctx, household, "UPDATE households SET expecting_until = ? WHERE name = ?", seconds)
}

// UseExpected uses the expectation of a call up. Of several calls that arrive together only one gets it: the others
// are told that there is none.
func (s *Store) UseExpected(ctx context.Context, household string) (bool, error) {
	done, err := s.write.ExecContext(sqlite.Quick(ctx), "UPDATE households SET expecting_until = 0 WHERE name = ? AND expecting_until <> 0", household)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// Spans is a household's schedule, in the order in which its spans were added.
func (s *Store) Spans(ctx context.Context, household string) ([]screening.Span, error) {
	rows, err := s.know.spans.QueryContext(sqlite.Quick(ctx), household)
	if err != nil {
		return nil, err
	}
	return readSpans(rows)
}

func readSpans(rows *sql.Rows) (spans []screening.Span, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p screening.Span
		if err := rows.Scan(&p.Days, &p.From, &p.To, &p.Mode, &p.Quiet); err != nil {
			return nil, err
		}
		spans = append(spans, p)
	}
	return spans, rows.Err()
}

// SetWeek replaces a household's schedule, whole or not at all.
func (s *Store) SetWeek(ctx context.Context, household string, week []screening.Span) error {
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM schedule_spans WHERE household_id = ?", home); err != nil {
			return err
		}
		for _, span := range week {
			if _, err := tx.ExecContext(ctx, "INSERT INTO schedule_spans (household_id, days, from_min, to_min, mode, quiet) VALUES (?, ?, ?, ?, ?, ?)",
				home, span.Days, span.From, span.To, span.Mode, span.Quiet); err != nil {
				return err
			}
		}
		return nil
	})
}
