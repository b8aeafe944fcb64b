package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Report says what a household thinks of a caller, for its carers and for the groups that it has joined. It does not affect verdicts.
type Report struct {
	Number   screening.Number
	Category string
	At       time.Time
	By       string // see Block.By
}

// Categories are what a caller can be reported as. They are a contract: added, never renamed.
func Categories() []string {
	return []string{"tech-support", "bank", "courier", "prize", "tax", "silent", "sales", "survey", "other"}
}

// CategoryOther is for callers whom the household sent away by telephone, where nobody can say more.
const CategoryOther = "other"

// ErrContact says that a number is a contact's, and so cannot be reported.
var ErrContact = errors.New("that is the number of one of the contacts, who always rings: remove the contact first")

// ReportNumber reports a caller, or changes the category of an existing report; by is a person's name, or ByTelephone. The error is ErrContact for a
// contact's number: anybody can show a daughter's.
func (s *Store) ReportNumber(ctx context.Context, household string, n screening.Number, category, by string) error {
	if !slices.Contains(Categories(), category) {
		return fmt.Errorf("nobody is reported as %q: it is one of %s", category, strings.Join(Categories(), ", "))
	}
	if n.Key() == 0 {
		return errors.New("only a caller who shows a number can be reported")
	}
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		contact, err := sqlite.Value[bool](ctx, tx, "SELECT EXISTS (SELECT 1 FROM contact_numbers WHERE household_id = ? AND number = ?)", home, n.Key())
		if err == nil && contact {
			err = ErrContact
		}
		if err != nil {
			return err
		}
		// An existing report keeps its time and its author: only the category changes. The telephone knows no category, and keeps the one that a
		// carer has chosen.
		return sqlite.Exec(ctx, tx, `INSERT INTO reports (household_id, number, category, at, changed_at, reported_by) VALUES (?1, ?2, ?3, ?4, ?4, ?5)
			ON CONFLICT DO UPDATE SET
				category = iif(withdrawn_at IS NULL AND excluded.reported_by = ?6, category, excluded.category),
				changed_at = iif(withdrawn_at IS NULL AND (excluded.reported_by = ?6 OR category = excluded.category), changed_at, excluded.changed_at),
				at = iif(withdrawn_at IS NULL, at, excluded.at),
				reported_by = iif(withdrawn_at IS NULL, reported_by, excluded.reported_by),
				withdrawn_at = NULL`,
			home, n.Key(), category, time.Now().Unix(), by, ByTelephone)
	})
}

// WithdrawReport withdraws a report; false if there is none.
func (s *Store) WithdrawReport(ctx context.Context, household string, n screening.Number) (withdrawn bool, err error) {
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		withdrawn, err = sqlite.Changes(ctx, tx, withdrawReport, time.Now().Unix(), home, n.Key())
		return err
	})
	return withdrawn, err
}

const withdrawReport = "UPDATE reports SET withdrawn_at = ? WHERE household_id = ? AND number = ? AND withdrawn_at IS NULL"

// RestoreReport restores a withdrawn report, with its time and author; ErrContact if the number is a contact's by now.
func (s *Store) RestoreReport(ctx context.Context, household string, n screening.Number) error {
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		restored, err := sqlite.Changes(ctx, tx, `UPDATE reports SET withdrawn_at = NULL, changed_at = ?1 WHERE household_id = ?2 AND number = ?3
			AND NOT EXISTS (SELECT 1 FROM contact_numbers WHERE household_id = ?2 AND number = ?3)`, time.Now().Unix(), home, n.Key())
		if err == nil && !restored {
			err = ErrContact
		}
		return err
	})
}

// Reports lists a household's present reports, the newest first, without those of numbers that an import has made a contact's.
func (s *Store) Reports(ctx context.Context, household string) ([]Report, error) {
	return sqlite.Rows(ctx, s.read, func(r *Report) []any {
		return []any{columns.ScanNumber(&r.Number), &r.Category, columns.ScanTime(&r.At), &r.By}
	}, `SELECT r.number, r.category, r.at, r.reported_by FROM households h JOIN reports r ON r.household_id = h.id
		WHERE h.name = ? AND r.withdrawn_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM contact_numbers n WHERE n.household_id = r.household_id AND n.number = r.number) ORDER BY r.at DESC, r.number`, household)
}
