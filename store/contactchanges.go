package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// AddContact makes a contact, or gives the one of that name (in any case) more numbers. A number belongs to one contact, so it moves here
// from another. The household's block on exactly that number is lifted, and its report withdrawn.
func (s *Store) AddContact(ctx context.Context, household, name string, numbers ...screening.Number) error {
	name = strings.TrimSpace(name)
	if name == "" {
		return errors.New("a contact needs a name")
	}
	if len(numbers) == 0 {
		return fmt.Errorf("%s needs a number", name)
	}
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		id, err := sqlite.Value[int64](ctx, tx, "SELECT id FROM contacts WHERE household_id = ? AND name = ? COLLATE NOCASE ORDER BY id", home, name)
		if err == nil && id == 0 {
			id, err = insertContact(ctx, tx, home, Contact{Name: name})
		}
		if err != nil {
			return err
		}
		return giveNumbers(ctx, tx, home, id, numbers)
	})
}

// RemoveContactNumber removes one number, and its contact where it was the last; false where the number is nobody's.
func (s *Store) RemoveContactNumber(ctx context.Context, household string, n screening.Number) (removed bool, err error) {
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		removed, err = sqlite.Changes(ctx, tx, "DELETE FROM contact_numbers WHERE household_id = ? AND number = ?", home, n.Key())
		if err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, dropEmptyContacts, home)
	})
	return removed, err
}

// RemoveContactByID removes a contact with its numbers and pass code, and returns it for RestoreContact.
func (s *Store) RemoveContactByID(ctx context.Context, household string, id int64) (removed Contact, err error) {
	err = s.write.Do(ctx, func(tx *sql.Tx) error {
		if removed, err = contact(ctx, tx, household, id); err != nil {
			return err
		}
		return sqlite.Exec(ctx, tx, "DELETE FROM contacts WHERE id = ?", id)
	})
	return removed, err
}

// RestoreContact brings a removed contact back, and returns it as it is now. What is another's by now stays theirs: numbers of other contacts
// or blocks, a pass code that is in use. Where no number is left, the error says so.
func (s *Store) RestoreContact(ctx context.Context, household string, c Contact) (restored Contact, err error) {
	if c, err = fit(c); err != nil {
		return Contact{}, err
	}
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		wanted, err := keys(c.Numbers)
		if err != nil {
			return err
		}
		// Under its old ID where that is free, so that addresses still lead to it.
		id, err := sqlite.Insert(ctx, tx, `INSERT INTO contacts (id, household_id, name, language, notes, added_at)
			VALUES ((SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM contacts WHERE id = ?1)), ?, ?, ?, ?, ?)`,
			c.ID, home, c.Name, c.Language, c.Notes, c.Added.Unix())
		if err != nil {
			return err
		}
		none := unfit("%s cannot come back: every number has been given to another contact or blocked meanwhile", c.Name)
		err = sqlite.Change(ctx, tx, none, `INSERT INTO contact_numbers (household_id, number, contact_id) SELECT ?1, value, ?2 FROM json_each(?3)
			WHERE NOT EXISTS (SELECT 1 FROM contact_numbers WHERE household_id = ?1 AND number = value)
			AND NOT EXISTS (SELECT 1 FROM blocks WHERE household_id = ?1 AND is_prefix = 0 AND digits = value)`, home, id, wanted)
		if err != nil {
			return err
		}
		if err := restoreCode(ctx, tx, home, id, c); err != nil {
			return err
		}
		if err := relink(ctx, tx, home, id, c); err != nil {
			return err
		}
		restored, err = contact(ctx, tx, household, id)
		return err
	})
	return restored, err
}

func restoreCode(ctx context.Context, tx *sql.Tx, home, id int64, c Contact) error {
	p := c.PassCode
	if goodCode(p.Code) != nil {
		return nil
	}
	return sqlite.Exec(ctx, tx, `INSERT INTO pass_codes (household_id, name, code, added_at, used_at, uses, contact_id)
		VALUES (?, ?, ?, ?, nullif(?, 0), ?, ?) ON CONFLICT DO NOTHING`, home, c.Name, p.Code, p.Added.Unix(), columns.Seconds(p.Used), p.Uses, id)
}
