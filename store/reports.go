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
	"ringfence/store/sqlite"
)

// Report is a caller whom a household has reported. It stays in the house, and decides nothing: it says what the household
// thinks of a number, for its carers, and for the group that it may share a list with.
type Report struct {
	Number   screening.Number
	Category string
	At       time.Time
	By       string // as of a Block
}

// Categories are what a caller can be reported as. They are a contract: added, never renamed.
func Categories() []string {
	return []string{"tech-support", "bank", "courier", "prize", "tax", "silent", "sales", "survey", "other"}
}

// CategoryOther is what a caller is reported as who was sent away by telephone, where nobody can say more.
const CategoryOther = "other"

// ErrContact says that a number is a contact's, and so cannot be reported.
var ErrContact = errors.New("that is the number of one of the contacts, who always rings: remove the contact first")

// ReportNumber reports a caller, or gives the report that there is another category; by is a person's name, or ByTelephone. A
// contact is not reported, for anybody can show a daughter's number: ErrContact.
func (s *Store) ReportNumber(ctx context.Context, household string, n screening.Number, category, by string) error {
	if !slices.Contains(Categories(), category) {
		return fmt.Errorf("nobody is reported as %q: it is one of %s", category, strings.Join(Categories(), ", "))
	}
	if n.Key() == 0 {
		return errors.New("only a caller who shows a number can be reported")
	}
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		if contact, err := isContact(ctx, tx, home, n); err != nil || contact {
			return errors.Join(err, ErrContact)
		}
		// One that stands keeps its time and who made it: only its category is put right. The telephone knows none, and leaves
		// what a carer has chosen.
		_, err := tx.ExecContext(ctx, `INSERT INTO reports (household_id, number, category, at, changed_at, reported_by) VALUES (?1, ?2, ?3, ?4, ?4, ?5)
			ON CONFLICT DO UPDATE SET
				category = iif(withdrawn_at IS NULL AND excluded.reported_by = ?6, category, excluded.category),
				changed_at = iif(withdrawn_at IS NULL AND (excluded.reported_by = ?6 OR category = excluded.category), changed_at, excluded.changed_at),
				at = iif(withdrawn_at IS NULL, at, excluded.at),
				reported_by = iif(withdrawn_at IS NULL, reported_by, excluded.reported_by),
				withdrawn_at = NULL`,
			home, n.Key(), category, time.Now().Unix(), by, ByTelephone)
		return err
	})
}

// WithdrawReport takes a report back. It returns false where there is none that stands.
func (s *Store) WithdrawReport(ctx context.Context, household string, n screening.Number) (withdrawn bool, err error) {
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		withdrawn, err = withdraw(ctx, tx, home, n)
		return err
	})
	return withdrawn, err
}

func withdraw(ctx context.Context, tx *sql.Tx, home int64, n screening.Number) (bool, error) {
	done, err := tx.ExecContext(ctx, "UPDATE reports SET withdrawn_at = ? WHERE household_id = ? AND number = ? AND withdrawn_at IS NULL",
		time.Now().Unix(), home, n.Key())
	if err != nil {
		return false, err
	}
	rows, err := done.RowsAffected()
	return rows > 0, err
}

// Reports lists the reports of a household that stand, the newest first. Who has become a contact otherwise than by AddContact,
// by an import for instance, is in none.
func (s *Store) Reports(ctx context.Context, household string) ([]Report, error) {
	return sqlite.All(ctx, s.read, func(scan func(...any) error) (r Report, err error) {
		var key, at int64
		err = scan(&key, &r.Category, &at, &r.By)
		r.Number, r.At = screening.NumberFromKey(key), time.Unix(at, 0)
		return r, err
	}, `SELECT r.number, r.category, r.at, r.reported_by FROM households h JOIN reports r ON r.household_id = h.id
		WHERE h.name = ? AND r.withdrawn_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM contact_numbers n WHERE n.household_id = r.household_id AND n.number = r.number) ORDER BY r.at DESC, r.number`, household)
}
