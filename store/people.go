package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"ringfence/screening"
	"ringfence/store/sqlite"
)

// AddContact makes a contact, or gives one that is there of the same name (in any case) more numbers. A number belongs
// to one contact: it moves here from another. A block of the household's own on exactly that number is lifted, and a report
// of it withdrawn.
func (s *Store) AddContact(ctx context.Context, household, name string, numbers ...screening.Number) error {
	name = strings.TrimSpace(name)
	if name == "" {
		return errors.New("a contact needs a name")
	}
	if len(numbers) == 0 {
		return fmt.Errorf("%s needs a number", name)
	}
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		var id int64
		err := tx.QueryRowContext(ctx, "SELECT id FROM contacts WHERE household_id = ? AND name = ? COLLATE NOCASE ORDER BY id", home, name).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			id, err = insertContact(ctx, tx, home, Contact{Name: name})
		}
		if err != nil {
			return err
		}
		return giveNumbers(ctx, tx, home, id, numbers)
	})
}

// SetContactLanguage chooses the language in which a contact is spoken to. It returns false where there is none of that
// name (in any case).
func (s *Store) SetContactLanguage(ctx context.Context, household, name, language string) (bool, error) {
	return sqlite.Changes(ctx, s.write, `UPDATE contacts SET language = ? WHERE name = ? COLLATE NOCASE AND household_id = (SELECT id FROM households WHERE name = ?)`,
		language, strings.TrimSpace(name), household)
}

// AllowNumber makes a caller a contact. Without a name it gets the number as its name, until somebody gives it one. A number
// that is a contact's stays theirs, whatever name the network shows with it.
func (s *Store) AllowNumber(ctx context.Context, household string, n screening.Number, name string) error {
	var theirs bool
	err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM contact_numbers n JOIN households h ON h.id = n.household_id
		WHERE h.name = ? AND n.number = ?)`, household, n.Key()).Scan(&theirs)
	if err != nil || theirs { // nor is there a block on it: one of the two is refused
		return err
	}
	if strings.TrimSpace(name) == "" {
		name = string(n)
	}
	return s.AddContact(ctx, household, name, n)
}

// RemoveContact removes a contact by name (in any case) with all numbers. It returns false where there is none.
func (s *Store) RemoveContact(ctx context.Context, household, name string) (bool, error) {
	return sqlite.Changes(ctx, s.write, `DELETE FROM contacts WHERE name = ? COLLATE NOCASE AND household_id = (SELECT id FROM households WHERE name = ?)`, name, household)
}

// RemoveContactNumber takes one number away, and the contact with it where it was the last.
func (s *Store) RemoveContactNumber(ctx context.Context, household string, n screening.Number) (removed bool, err error) {
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		done, err := tx.ExecContext(ctx, "DELETE FROM contact_numbers WHERE household_id = ? AND number = ?", home, n.Key())
		if err != nil {
			return err
		}
		gone, err := done.RowsAffected()
		removed = gone > 0
		return errors.Join(err, dropEmptyContacts(ctx, tx, home))
	})
	return removed, err
}

func dropEmptyContacts(ctx context.Context, tx *sql.Tx, home int64) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM contacts WHERE household_id = ? AND NOT EXISTS
		(SELECT 1 FROM contact_numbers n WHERE n.contact_id = contacts.id)`, home)
	return err
}
