package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// SyncedContact is what was made of an address book's cards, and the contact as it is now.
type SyncedContact struct {
	ID      int64
	Was     Contact // as it was made
	Contact Contact // ID 0: somebody has removed it
}

// Removed says that somebody has removed the contact.
func (c SyncedContact) Removed() bool { return c.Contact.ID == 0 }

// ByHand says that somebody has changed or removed the contact, so that it stays as it is.
func (c SyncedContact) ByHand() bool { return !c.Was.Same(c.Contact) }

// SyncedContacts are what was made of the address book.
func (s *Store) SyncedContacts(ctx context.Context, household string) ([]SyncedContact, error) {
	now, err := s.Contacts(ctx, household)
	if err != nil {
		return nil, err
	}
	byID := map[int64]Contact{}
	for _, c := range now {
		byID[c.ID] = c
	}
	var all []SyncedContact
	err = sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var one SyncedContact
		var id int64
		if err := scan(append([]any{&one.ID, &id}, wasFields(&one.Was)...)...); err != nil {
			return err
		}
		one.Contact = byID[id]
		all = append(all, one)
		return nil
	}, "SELECT id, coalesce(contact_id, 0), name, numbers, notes, language FROM synced_contacts WHERE "+columns.ByName+" ORDER BY id", household)
	return all, err
}

// ContactSyncChanges are what an address book changes of a household's contacts.
type ContactSyncChanges struct {
	New     []Contact
	Changed []SyncedChange
	Gone    []SyncedContact
	// Forgotten are those that somebody has changed or removed by hand, and that the address book doesn't have any more: what was made of it is forgotten.
	Forgotten []SyncedContact
}

// Will are the contacts that change, as they will be.
func (c ContactSyncChanges) Will() (all []Contact) {
	for _, one := range c.Changed {
		all = append(all, one.To)
	}
	return all
}

// Were are the contacts that go, as the address book had them.
func (c ContactSyncChanges) Were() (all []Contact) {
	for _, one := range c.Gone {
		all = append(all, one.Was)
	}
	return all
}

// SyncedChange is a contact that gets what the address book has now.
type SyncedChange struct {
	SyncedContact
	To Contact
}

func changedOf(all []SyncedChange) []SyncedContact {
	some := make([]SyncedContact, 0, len(all))
	for _, one := range all {
		some = append(some, one.SyncedContact)
	}
	return some
}

func removeContacts(ctx context.Context, tx *sql.Tx, home int64, ids []int64) error {
	return deleteThese(ctx, tx, "DELETE FROM contacts WHERE household_id = ? AND id IN (SELECT value FROM json_each(?))", home, ids)
}

// deleteThese runs a statement that takes a household and a JSON array.
func deleteThese[T any](ctx context.Context, tx *sql.Tx, statement string, home int64, these []T) error {
	text, err := json.Marshal(append([]T{}, these...)) // none is [], not null
	if err != nil {
		return err
	}
	return sqlite.Exec(ctx, tx, statement, home, string(text))
}

// writeSynced writes what is new and what has changed. It takes a handful of statements, as ImportContacts does.
func writeSynced(ctx context.Context, tx *sql.Tx, home int64, changes ContactSyncChanges, at time.Time) error {
	last, err := sqlite.Value[int64](ctx, tx, "SELECT coalesce(max(id), 0) FROM contacts")
	if err != nil {
		return err
	}
	people, numbers, count, err := syncedRows(changes, last)
	if err != nil {
		return err
	}
	free, err := sqlite.Value[bool](ctx, tx, `SELECT NOT EXISTS (SELECT 1 FROM json_each(?2) j JOIN blocks b ON b.household_id = ?1 AND b.is_prefix = 0 AND b.digits = j.value ->> 0)`,
		home, numbers)
	if err == nil && !free {
		err = ErrContactsChanged
	}
	if err != nil {
		return err
	}
	for _, statement := range []string{
		"DELETE FROM contact_numbers WHERE household_id = ?1 AND contact_id IN (SELECT value ->> 0 FROM json_each(?2)) AND ?3",
		`INSERT INTO contacts (id, household_id, name, notes, language, added_at)
			SELECT value ->> 0, ?1, value ->> 1, value ->> 2, value ->> 3, ?3 FROM json_each(?2) WHERE true
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, notes = excluded.notes, language = excluded.language`,
		`INSERT INTO synced_contacts (id, household_id, contact_id, name, numbers, notes, language)
			SELECT nullif(value ->> 5, 0), ?1, value ->> 0, value ->> 1, value ->> 4, value ->> 2, value ->> 3 FROM json_each(?2) WHERE ?3
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, numbers = excluded.numbers, notes = excluded.notes, language = excluded.language`,
	} {
		if err := sqlite.Exec(ctx, tx, statement, home, people, at.Unix()); err != nil {
			return err
		}
	}
	n, err := sqlite.Affected(ctx, tx, `INSERT INTO contact_numbers (household_id, number, contact_id)
		SELECT ?, value ->> 0, value ->> 1 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`, home, numbers)
	if err == nil && n != count {
		err = ErrContactsChanged
	}
	return err
}

// syncedRows are the contacts that are written, and their numbers, as JSON arrays for SQLite's json_each. New contacts come after the last ID.
func syncedRows(changes ContactSyncChanges, last int64) (people, numbers string, count int64, err error) {
	peopleRows, numberRows := [][]any{}, [][]any{}
	add := func(id, synced int64, c Contact) error {
		if c, err = fit(c); err != nil {
			return err
		}
		kept, err := keys(c.Numbers)
		if err != nil {
			return err
		}
		peopleRows = append(peopleRows, []any{id, c.Name, c.Notes, c.Language, kept, synced})
		for _, n := range c.Numbers {
			numberRows = append(numberRows, []any{n.Key(), id})
		}
		return nil
	}
	for _, c := range changes.New {
		last++
		if err := add(last, 0, c); err != nil {
			return "", "", 0, err
		}
	}
	for _, c := range changes.Changed {
		if err := add(c.Contact.ID, c.ID, c.To); err != nil {
			return "", "", 0, err
		}
	}
	peopleText, err := json.Marshal(peopleRows)
	if err != nil {
		return "", "", 0, err
	}
	numbersText, err := json.Marshal(numberRows)
	return string(peopleText), string(numbersText), int64(len(numberRows)), err
}

// relink has a contact that is back follow the address book again, if it is as it was made of it.
func relink(ctx context.Context, tx *sql.Tx, home, id int64, c Contact) error {
	kept, err := keys(c.Numbers)
	if err != nil {
		return err
	}
	return sqlite.Exec(ctx, tx, `UPDATE synced_contacts SET contact_id = ?2 WHERE id = (SELECT id FROM synced_contacts WHERE household_id = ?1 AND contact_id IS NULL
		AND name = ?3 AND numbers = ?4 ORDER BY id LIMIT 1)`, home, id, c.Name, kept)
}
