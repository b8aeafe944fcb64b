package store

import (
	"context"
	"database/sql"
	"errors"
)

// RestoreContact brings back a contact that was removed, and returns it as it is now. What was given to others meanwhile
// stays theirs: a number that is another contact's or blocked, a pass code that is in use. Where no number is left, the
// error says so.
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
		_, err = tx.ExecContext(ctx, `INSERT INTO contacts (id, household_id, name, language, notes, added_at)
			VALUES ((SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM contacts WHERE id = ?1)), ?, ?, ?, ?, ?)`,
			c.ID, home, c.Name, c.Language, c.Notes, c.Added.Unix())
		if err != nil {
			return err
		}
		var id int64
		if err := tx.QueryRowContext(ctx, "SELECT last_insert_rowid()").Scan(&id); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `INSERT INTO contact_numbers (household_id, number, contact_id) SELECT ?1, value, ?2 FROM json_each(?3)
			WHERE NOT EXISTS (SELECT 1 FROM contact_numbers WHERE household_id = ?1 AND number = value)
			AND NOT EXISTS (SELECT 1 FROM blocks WHERE household_id = ?1 AND is_prefix = 0 AND digits = value)`, home, id, wanted)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, unfit("%s cannot come back: every number has been given to another contact or blocked meanwhile", c.Name))
		}
		if err := restoreCode(ctx, tx, home, id, c); err != nil {
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
	var used any
	if !p.Used.IsZero() {
		used = p.Used.Unix()
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO pass_codes (household_id, name, code, added_at, used_at, uses, contact_id)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`, home, c.Name, p.Code, p.Added.Unix(), used, p.Uses, id)
	return err
}
