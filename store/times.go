package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// SetMode sets the household's own mode and ends a temporary one; where until is not zero the new one is also temporary
// until then, before the schedule. What else the household has chosen stays, whoever changes it at the same moment.
func (s *Store) SetMode(ctx context.Context, household string, mode screening.Mode, until time.Time) error {
	if err := mode.Check(); err != nil {
		return err
	}
	temporary, end := screening.Mode(""), int64(0)
	if !until.IsZero() {
		temporary, end = mode, until.Unix()
	}
	return s.change(ctx, household, "UPDATE households SET mode = ?, temporary_mode = ?, temporary_until = ? WHERE name = ?", mode, temporary, end)
}

// SetTemporary sets a mode until a time, whatever the schedule says.
func (s *Store) SetTemporary(ctx context.Context, household string, mode screening.Mode, until time.Time) error {
	if err := mode.Check(); err != nil {
		return err
	}
	return s.change(ctx, household, "UPDATE households SET temporary_mode = ?, temporary_until = ? WHERE name = ?", mode, until.Unix())
}

// ClearTemporary ends a temporary mode.
func (s *Store) ClearTemporary(ctx context.Context, household string) error {
	return s.change(ctx, household, "UPDATE households SET temporary_mode = '', temporary_until = 0 WHERE name = ?")
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

// maxSpans is how many spans a household's schedule may have: every call goes through them.
const maxSpans = 50

// AddSpan adds a span to a household's schedule, as the last one, which wins. One that was there already becomes the
// last.
func (s *Store) AddSpan(ctx context.Context, household string, span screening.Span) error {
	if err := span.Validate(); err != nil {
		return err
	}
	return s.do(ctx, func(tx *sql.Tx) error {
		id, err := columns.HouseholdID(ctx, tx, household)
		if err != nil {
			return err
		}
		if _, err := removeSpan(ctx, tx, household, span); err != nil {
			return err
		}
		var there int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM schedule_spans WHERE household_id = ?", id).Scan(&there); err != nil {
			return err
		}
		if there >= maxSpans {
			return fmt.Errorf("the schedule has %d times already, and more would slow calls down: remove some first", there)
		}
		return insertSpan(ctx, tx, id, span)
	})
}

func insertSpan(ctx context.Context, tx *sql.Tx, household int64, span screening.Span) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO schedule_spans (household_id, days, from_min, to_min, mode, quiet) VALUES (?, ?, ?, ?, ?, ?)",
		household, span.Days, span.From, span.To, span.Mode, span.Quiet)
	return err
}

// RemoveSpan takes a span out of a household's schedule.
func (s *Store) RemoveSpan(ctx context.Context, household string, span screening.Span) (removed bool, err error) {
	err = s.do(ctx, func(tx *sql.Tx) error {
		removed, err = removeSpan(ctx, tx, household, span)
		return err
	})
	return removed, err
}

func removeSpan(ctx context.Context, tx *sql.Tx, household string, span screening.Span) (bool, error) {
	done, err := tx.ExecContext(ctx, `DELETE FROM schedule_spans WHERE household_id = (SELECT id FROM households WHERE name = ?)
		AND days = ? AND from_min = ? AND to_min = ? AND mode = ? AND quiet = ?`,
		household, span.Days, span.From, span.To, span.Mode, span.Quiet)
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

// ErrWeekChanged says that somebody else has changed the schedule meanwhile.
var ErrWeekChanged = errors.New("somebody else has changed the week meanwhile: look at it again, and change it once more")

// SetWeek replaces a household's schedule, whole or not at all, where it still is what it was: else the error is
// ErrWeekChanged. Other errors of a week that cannot be are plain sentences.
func (s *Store) SetWeek(ctx context.Context, household string, was, week []screening.Span) error {
	if len(week) > maxSpans {
		return fmt.Errorf("this week has %d different times, and more than %d would slow calls down: paint larger pieces", len(week), maxSpans)
	}
	for i, span := range week {
		if err := span.Validate(); err != nil && !slices.Contains(was, span) { // a newer version may have set it
			return err
		}
		if slices.Contains(week[:i], span) {
			return fmt.Errorf("%s is there twice: remove one of them", span)
		}
	}
	return s.do(ctx, func(tx *sql.Tx) error {
		home, err := columns.HouseholdID(ctx, tx, household)
		if err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, spansQuery, household)
		if err != nil {
			return err
		}
		now, err := readSpans(rows)
		if err != nil {
			return err
		}
		if !slices.Equal(now, was) {
			return ErrWeekChanged
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM schedule_spans WHERE household_id = ?", home); err != nil {
			return err
		}
		for _, span := range week {
			if err := insertSpan(ctx, tx, home, span); err != nil {
				return err
			}
		}
		return nil
	})
}
