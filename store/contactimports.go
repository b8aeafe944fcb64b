package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// ContactImport is an import of an address book that can still be undone.
type ContactImport struct {
	ID       int64
	At       time.Time
	Source   string // the file's name
	Contacts int    // with numbers from it
	Numbers  int
}

// ErrContactsChanged says that contacts or blocks are not as they were in the preview of an import.
var ErrContactsChanged = errors.New("somebody has just changed contacts or blocks, so nothing was imported: check the preview again")

// ErrNoImport says that nothing is left of an import.
var ErrNoImport = errors.New("there is nothing left of this import to undo")

// ImportContacts imports an address book, whole or not at all. A contact with the ID 0 is new; an existing one gets the numbers in addition,
// and the name if it is not "". The error is ErrContactsChanged where a number is a contact's or blocked by now, or a contact is gone. Texts
// are cleaned, and have to be within the limits of a contact.
//
// It takes a handful of statements, however many contacts there are, because calls have to write, too: 5,000 contacts take a few tens of
// milliseconds.
func (s *Store) ImportContacts(ctx context.Context, household, source string, contacts []Contact) (done ContactImport, err error) {
	done = ContactImport{At: time.Now(), Source: screening.CleanLine(source, MaxContactName), Contacts: len(contacts)}
	contacts = slices.Clone(contacts)
	for i := range contacts {
		c := &contacts[i]
		c.Name, c.Notes = screening.CleanLine(c.Name, MaxContactName+1), CleanNotes(c.Notes)
		if utf8.RuneCountInString(c.Name) > MaxContactName || utf8.RuneCountInString(c.Notes) > MaxContactNotes || c.Name == "" && (c.ID == 0 || len(c.Numbers) == 0) || c.ID == 0 && len(c.Numbers) == 0 {
			return done, fmt.Errorf("a contact to import does not fit: %d characters of name, %d of notes, %d numbers",
				utf8.RuneCountInString(c.Name), utf8.RuneCountInString(c.Notes), len(c.Numbers))
		}
		done.Numbers += len(c.Numbers)
	}
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		// Somebody who imports the same file again and undoes that means the last import.
		done.ID, err = sqlite.Insert(ctx, tx, "INSERT INTO contact_imports (household_id, at, source) VALUES (?, ?, ?)", home, done.At.Unix(), done.Source)
		if err != nil {
			return err
		}
		last, err := sqlite.Value[int64](ctx, tx, "SELECT coalesce(max(id), 0) FROM contacts")
		if err != nil {
			return err
		}
		all, err := rowsToImport(contacts, last)
		if err != nil {
			return err
		}
		return all.write(ctx, tx, home, done)
	})
	return done, err
}

// importRows are the rows of an import as JSON arrays, for SQLite's json_each.
type importRows struct {
	people, renamed, numbers string
	existing                 map[int64]bool
}

func rowsToImport(contacts []Contact, last int64) (importRows, error) {
	people, renamed, numbers := [][]any{}, [][]any{}, [][]any{}
	existing := map[int64]bool{}
	for _, c := range contacts {
		id := c.ID
		switch {
		case id == 0:
			last++
			id = last
			people = append(people, []any{id, c.Name, c.Notes, c.Language})
		case c.Name != "":
			renamed = append(renamed, []any{id, c.Name})
			existing[id] = true
		default:
			existing[id] = true
		}
		for _, n := range c.Numbers {
			numbers = append(numbers, []any{n.Key(), id})
		}
	}
	var texts [3]string
	for i, rows := range [][][]any{people, renamed, numbers} {
		text, err := json.Marshal(rows)
		if err != nil {
			return importRows{}, err
		}
		texts[i] = string(text)
	}
	return importRows{texts[0], texts[1], texts[2], existing}, nil
}

func (r importRows) write(ctx context.Context, tx *sql.Tx, home int64, as ContactImport) error {
	ids := make([]int64, 0, len(r.existing))
	for id := range r.existing {
		ids = append(ids, id)
	}
	known, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	unchanged, err := sqlite.Value[bool](ctx, tx, `SELECT json_array_length(?2) =
			(SELECT count(*) FROM contacts WHERE household_id = ?1 AND id IN (SELECT value FROM json_each(?2)))
		AND NOT EXISTS (SELECT 1 FROM json_each(?3) j JOIN blocks b ON b.household_id = ?1 AND b.is_prefix = 0 AND b.digits = j.value ->> 0)`,
		home, string(known), r.numbers)
	if err == nil && !unchanged {
		err = ErrContactsChanged
	}
	if err != nil {
		return err
	}
	n, err := sqlite.Affected(ctx, tx, `INSERT INTO contacts (id, household_id, name, notes, language, added_at)
		SELECT value ->> 0, ?, value ->> 1, value ->> 2, value ->> 3, ? FROM json_each(?);
		INSERT INTO contact_numbers (household_id, number, contact_id, import_id)
		SELECT ?, value ->> 0, value ->> 1, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
		home, as.At.Unix(), r.people, home, as.ID, r.numbers)
	if err == nil && n != int64(as.Numbers) {
		err = ErrContactsChanged
	}
	if err != nil {
		return err
	}
	// As elsewhere, a pass code that was made for a name is that contact's, and has the contact's name.
	return sqlite.Exec(ctx, tx, `UPDATE contacts SET name = j.value ->> 1 FROM json_each(?) j WHERE contacts.id = j.value ->> 0 AND household_id = ?;
		UPDATE OR IGNORE pass_codes SET contact_id = (SELECT min(id) FROM contacts WHERE household_id = ?1
		AND name = pass_codes.name COLLATE NOCASE) WHERE household_id = ?1 AND contact_id IS NULL;
		UPDATE OR IGNORE pass_codes SET name = (SELECT name FROM contacts WHERE id = contact_id)
		WHERE household_id = ? AND contact_id IS NOT NULL`, r.renamed, home, home, home)
}

// ContactImports lists the imports that can be undone, the newest first.
func (s *Store) ContactImports(ctx context.Context, household string) ([]ContactImport, error) {
	return sqlite.Rows(ctx, s.read, func(i *ContactImport) []any {
		return []any{&i.ID, columns.ScanTime(&i.At), &i.Source, &i.Contacts, &i.Numbers}
	}, `SELECT i.id, i.at, i.source, count(DISTINCT n.contact_id), count(*) FROM households h
		JOIN contact_imports i ON i.household_id = h.id JOIN contact_numbers n ON n.import_id = i.id
		WHERE h.name = ? GROUP BY i.id ORDER BY i.id DESC`, household)
}

// UndoContactImport removes the numbers that came with an import, and the contacts that have none left. What was changed by hand since then
// stays. It returns what was removed.
func (s *Store) UndoContactImport(ctx context.Context, household string, id int64) (undone ContactImport, err error) {
	undone.ID = id
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		numbers, err := sqlite.Affected(ctx, tx, "DELETE FROM contact_numbers WHERE import_id = ? AND household_id = ?", id, home)
		if err == nil && numbers == 0 {
			err = ErrNoImport
		}
		if err != nil {
			return err
		}
		// A pass code that was there before somebody of its name was imported stays: whoever has it relies on it.
		err = sqlite.Exec(ctx, tx, `UPDATE OR IGNORE pass_codes SET contact_id = NULL WHERE household_id = ?1 AND contact_id IN (SELECT c.id FROM contacts c
			WHERE c.household_id = ?1 AND c.added_at >= pass_codes.added_at AND NOT EXISTS (SELECT 1 FROM contact_numbers n WHERE n.contact_id = c.id))`, home)
		if err != nil {
			return err
		}
		contacts, err := sqlite.Affected(ctx, tx, dropEmptyContacts, home)
		if err != nil {
			return err
		}
		undone.Numbers, undone.Contacts = int(numbers), int(contacts)
		return sqlite.Exec(ctx, tx, "DELETE FROM contact_imports WHERE id = ? AND household_id = ?", id, home)
	})
	return undone, err
}
