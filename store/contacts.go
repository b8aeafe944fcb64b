package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Contact is a person who always rings, with all their numbers.
type Contact struct {
	ID      int64
	Name    string
	Numbers []screening.Number
	// Language is that in which they are spoken to, such as "fr-FR"; "" is the household's.
	Language string
	Notes    string   // for carers, of several lines; nothing else reads them
	PassCode PassCode // the contact's own; with the Code "" there is none
	Added    time.Time
	Book     BookState `json:"-"` // only read
}

// BookState says what an address book that the household is kept in step with has to do with a contact.
type BookState string

// The states. They are a contract: /api/v1 has them.
const (
	NotOfBook   BookState = ""        // somebody has made the contact here
	FollowsBook BookState = "follows" // the contact is as the address book has it, and changes with it
	LeftByBook  BookState = "changed" // it was made of the address book, and somebody has changed it here since: it stays as it is
)

// Nameless says that a contact has one of their numbers for a name, as one who was allowed by telephone.
func (c Contact) Nameless() bool { return slices.Contains(c.Numbers, screening.Number(c.Name)) }

// Called is a contact's name, or that of a nameless one: the number, as people of the region write it.
func (c Contact) Called(region string) string {
	if c.Nameless() {
		return screening.Number(c.Name).National(region)
	}
	return c.Name
}

// What a contact has at most.
const (
	MaxContactName    = 100  // characters
	MaxContactNotes   = 2000 // characters
	MaxContactNumbers = 50
	// MaxContactLanguage is how long the code of a language is, such as "fr-FR", in bytes (RFC 5646, section 4.4.1).
	MaxContactLanguage = 35
)

// ErrNoContact says that a household has no contact of that ID.
var ErrNoContact = errors.New("there is no such contact any more: somebody may have removed it meanwhile")

// Collision is why a contact is not saved until somebody has confirmed it: a number is another contact's or blocked, or another contact has
// the same name.
type Collision struct {
	Number  screening.Number // "" where it is about the name
	Blocked bool             // the household blocks exactly this number
	Note    string           // the block's
	Contact Contact          // whose number or name it is: only ID and Name
}

// CollisionError says that a contact was not saved because of collisions. Saving it with evenSo means that somebody has confirmed them.
type CollisionError struct{ Collisions []Collision }

func (e *CollisionError) Error() string {
	switch first := e.Collisions[0]; {
	case first.Number == "":
		return fmt.Sprintf("there is a contact called %s already", first.Contact.Name)
	case first.Blocked:
		return fmt.Sprintf("%s is blocked: lift the block first", first.Number)
	default:
		return fmt.Sprintf("%s is the number of %s: take it away there first", first.Number, first.Contact.Name)
	}
}

// UnfitContactError says in a plain sentence what is wrong with a contact.
type UnfitContactError struct{ why error }

func (e *UnfitContactError) Error() string { return e.why.Error() }

func unfit(format string, args ...any) error { return &UnfitContactError{fmt.Errorf(format, args...)} }

// Contacts lists a household's contacts by name.
func (s *Store) Contacts(ctx context.Context, household string) ([]Contact, error) {
	return contacts(ctx, s.read, household, 0)
}

// Contact finds a contact by its ID; the error is ErrNoContact where the household has none.
func (s *Store) Contact(ctx context.Context, household string, id int64) (Contact, error) {
	return contact(ctx, s.read, household, id)
}

// ContactByNumber finds the contact who has a number; false where nobody has it.
func (s *Store) ContactByNumber(ctx context.Context, household string, n screening.Number) (Contact, bool, error) {
	id, err := sqlite.Value[int64](ctx, s.read, `SELECT n.contact_id FROM contact_numbers n JOIN households h ON h.id = n.household_id
		WHERE h.name = ? AND n.number = ?`, household, n.Key())
	if err != nil || id == 0 {
		return Contact{}, false, err
	}
	c, err := s.Contact(ctx, household, id)
	return c, err == nil, err
}

func contact(ctx context.Context, from sqlite.Querier, household string, id int64) (Contact, error) {
	if id <= 0 {
		return Contact{}, ErrNoContact
	}
	found, err := contacts(ctx, from, household, id)
	if err == nil && len(found) == 0 {
		err = ErrNoContact
	}
	if err != nil {
		return Contact{}, err
	}
	return found[0], nil
}

// contacts lists a household's contacts, or the one with that ID; 0 is all.
func contacts(ctx context.Context, from sqlite.Querier, household string, id int64) (contacts []Contact, err error) {
	was := map[int64]Contact{} // as an address book has made it
	err = sqlite.Each(ctx, from, func(scan func(...any) error) error {
		var c, made Contact
		var number screening.Number
		var synced bool
		p := &c.PassCode
		fields := []any{&c.ID, &c.Name, &c.Language, &c.Notes, columns.ScanTime(&c.Added), columns.ScanNumber(&number),
			&p.Code, columns.ScanTime(&p.Added), columns.ScanTime(&p.Used), &p.Uses, &synced}
		if err := scan(append(fields, wasFields(&made)...)...); err != nil {
			return err
		}
		if synced {
			was[c.ID] = made
		}
		if n := len(contacts); n == 0 || contacts[n-1].ID != c.ID {
			if p.Code != "" {
				p.Name, p.Contact = c.Name, c.ID
			}
			contacts = append(contacts, c)
		}
		last := &contacts[len(contacts)-1]
		last.Numbers = append(last.Numbers, number)
		return nil
	}, `SELECT c.id, c.name, c.language, c.notes, c.added_at, n.number,
		coalesce(p.code, ''), p.added_at, p.used_at, coalesce(p.uses, 0), s.id IS NOT NULL, coalesce(s.name, ''), s.numbers, coalesce(s.notes, ''),
		coalesce(s.language, '') FROM households h
		JOIN contacts c ON c.household_id = h.id JOIN contact_numbers n ON n.contact_id = c.id
		LEFT JOIN pass_codes p ON p.contact_id = c.id LEFT JOIN synced_contacts s ON s.contact_id = c.id
		WHERE h.name = ?1 AND (?2 = 0 OR c.id = ?2) ORDER BY c.name COLLATE NOCASE, c.id, n.number`, household, id)
	for i, c := range contacts {
		if made, is := was[c.ID]; is {
			contacts[i].Book = LeftByBook
			if made.Same(c) {
				contacts[i].Book = FollowsBook
			}
		}
	}
	return contacts, err
}

// wasFields are the name, numbers, notes and language of a contact as it was made of an address book.
func wasFields(c *Contact) []any {
	return []any{&c.Name, numbersAsKeys{&c.Numbers}, &c.Notes, &c.Language}
}

// SaveContact makes a contact where its ID is 0, and otherwise replaces all of it. Of its pass code only Code counts: "" is none,
// MakePassCode a new one. It returns the contact as it is now.
//
// A number belongs to one contact, and a contact is not blocked. Where a number is another contact's or blocked, or another contact has the
// same name, nothing is saved and the error is a *CollisionError. With evenSo the numbers move here, the blocks are lifted, and there are two
// of that name. Other errors are *UnfitContactError and ErrNoContact.
func (s *Store) SaveContact(ctx context.Context, household string, c Contact, evenSo bool) (saved Contact, err error) {
	if c, err = fit(c); err != nil {
		return Contact{}, err
	}
	err = s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		var before Contact
		if c.ID != 0 {
			if before, err = contact(ctx, tx, household, c.ID); err != nil {
				return err
			}
		}
		if !evenSo {
			if err := collisions(ctx, tx, home, before, c); err != nil {
				return err
			}
		}
		if saved = before; c.ID != 0 && c.Same(before) { // not even where it has come from
			return nil
		}
		if c.ID, err = writeContact(ctx, tx, home, c); err != nil {
			return err
		}
		if err := writeOwnCode(ctx, tx, home, household, before, c); err != nil {
			return err
		}
		saved, err = contact(ctx, tx, household, c.ID)
		return err
	})
	return saved, err
}

// Same says whether a contact that is to be saved is the one that is stored.
func (c Contact) Same(there Contact) bool {
	c, err := fit(c)
	return err == nil && c.Name == there.Name && c.Language == there.Language && c.Notes == there.Notes &&
		slices.Equal(c.Numbers, slices.Sorted(slices.Values(there.Numbers))) && strings.ReplaceAll(c.PassCode.Code, " ", "") == there.PassCode.Code
}

// fit cleans a contact's texts, and says what is wrong with it.
func fit(c Contact) (Contact, error) {
	c.Name = screening.CleanLine(c.Name, MaxContactName+1)
	c.Notes = CleanNotes(c.Notes)
	c.Numbers = slices.Compact(slices.Sorted(slices.Values(c.Numbers)))
	switch {
	case c.Name == "":
		return c, unfit("a contact needs a name: write who it is")
	case utf8.RuneCountInString(c.Name) > MaxContactName:
		return c, unfit("a name has at most %d characters: write a shorter one, and the rest into the notes", MaxContactName)
	case utf8.RuneCountInString(c.Notes) > MaxContactNotes:
		return c, unfit("notes have at most %d characters: shorten them", MaxContactNotes)
	case len(c.Numbers) == 0:
		return c, unfit("%s needs a number, or could never ring: write one, or remove the contact", c.Name)
	case len(c.Numbers) > MaxContactNumbers:
		return c, unfit("a contact has at most %d numbers: make two of it", MaxContactNumbers)
	}
	for _, n := range c.Numbers {
		if n.Key() == 0 {
			return c, unfit("%q isn't a phone number", n)
		}
	}
	return c, nil
}

// CleanNotes is a text of several lines without control characters, and without empty lines at its ends.
func CleanNotes(text string) string {
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r", "\n"), "\n") {
		line = screening.CleanLine(line, MaxContactNotes+1)
		if line != "" || len(lines) > 0 && lines[len(lines)-1] != "" {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// collisions is a *CollisionError where a contact, as it was before and is to be, has any.
func collisions(ctx context.Context, tx *sql.Tx, home int64, before, c Contact) error {
	var found []Collision
	if !strings.EqualFold(before.Name, c.Name) {
		namesake, exists, err := sqlite.Row(ctx, tx, func(c *Contact) []any { return []any{&c.ID, &c.Name} },
			"SELECT id, name FROM contacts WHERE household_id = ? AND name = ? COLLATE NOCASE AND id <> ? ORDER BY id", home, c.Name, c.ID)
		if err != nil {
			return err
		}
		if exists {
			found = append(found, Collision{Contact: namesake})
		}
	}
	for _, n := range c.Numbers {
		other, _, err := sqlite.Row(ctx, tx, func(o *Collision) []any { return []any{&o.Blocked, &o.Note, &o.Contact.ID, &o.Contact.Name} },
			`SELECT b.id IS NOT NULL, coalesce(b.note, ''), coalesce(c.id, 0), coalesce(c.name, '') FROM (SELECT 1)
			LEFT JOIN blocks b ON b.household_id = ?1 AND b.is_prefix = 0 AND b.digits = ?2
			LEFT JOIN contact_numbers n ON n.household_id = ?1 AND n.number = ?2
			LEFT JOIN contacts c ON c.id = n.contact_id AND c.id <> ?3`, home, n.Key(), c.ID)
		if err != nil {
			return err
		}
		if other.Blocked || other.Contact.ID != 0 {
			other.Number = n
			found = append(found, other)
		}
	}
	if len(found) > 0 {
		return &CollisionError{found}
	}
	return nil
}

// writeContact writes all but the pass code, and returns the ID.
func writeContact(ctx context.Context, tx *sql.Tx, home int64, c Contact) (id int64, err error) {
	if c.ID == 0 {
		c.ID, err = insertContact(ctx, tx, home, c)
	} else {
		err = sqlite.Exec(ctx, tx, "UPDATE contacts SET name = ?, language = ?, notes = ? WHERE id = ?", c.Name, c.Language, c.Notes, c.ID)
	}
	if err != nil {
		return 0, err
	}
	kept, err := keys(c.Numbers)
	if err != nil {
		return 0, err
	}
	err = sqlite.Exec(ctx, tx, "DELETE FROM contact_numbers WHERE contact_id = ? AND number NOT IN (SELECT value FROM json_each(?))", c.ID, kept)
	if err != nil {
		return 0, err
	}
	return c.ID, giveNumbers(ctx, tx, home, c.ID, c.Numbers)
}

// insertContact makes a contact without numbers. A pass code that was made for that name becomes theirs.
func insertContact(ctx context.Context, tx *sql.Tx, home int64, c Contact) (int64, error) {
	id, err := sqlite.Insert(ctx, tx, "INSERT INTO contacts (household_id, name, language, notes, added_at) VALUES (?, ?, ?, ?, ?)",
		home, c.Name, c.Language, c.Notes, time.Now().Unix())
	if err != nil {
		return 0, err
	}
	return id, sqlite.Exec(ctx, tx, "UPDATE pass_codes SET contact_id = ? WHERE household_id = ? AND name = ? AND contact_id IS NULL", id, home, c.Name)
}

// giveNumbers makes numbers a contact's own: they move here from others, their blocks are lifted and their reports withdrawn, and undoing an
// import does not remove them any more. Contacts that have lost their last number are deleted.
func giveNumbers(ctx context.Context, tx *sql.Tx, home, id int64, numbers []screening.Number) error {
	for _, n := range numbers {
		err := sqlite.Exec(ctx, tx, `INSERT INTO contact_numbers (household_id, number, contact_id) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET contact_id = excluded.contact_id, import_id = NULL;
			DELETE FROM blocks WHERE household_id = ? AND is_prefix = 0 AND digits = ?;
			`+withdrawReport, home, n.Key(), id, home, n.Key(), time.Now().Unix(), home, n.Key())
		if err != nil {
			return err
		}
	}
	return sqlite.Exec(ctx, tx, dropEmptyContacts, home)
}

// dropEmptyContacts deletes the contacts of a household that have no numbers.
const dropEmptyContacts = `DELETE FROM contacts WHERE household_id = ? AND NOT EXISTS
	(SELECT 1 FROM contact_numbers n WHERE n.contact_id = contacts.id)`

// writeOwnCode saves a contact's pass code. A new contact may have got one already, by its name (insertContact).
func writeOwnCode(ctx context.Context, tx *sql.Tx, home int64, household string, before, c Contact) error {
	code := strings.ReplaceAll(c.PassCode.Code, " ", "")
	if code == "" && before.ID != 0 {
		return sqlite.Exec(ctx, tx, "DELETE FROM pass_codes WHERE contact_id = ?", c.ID)
	}
	all, err := passCodes(ctx, tx, household)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(all), func(p PassCode) bool { return p.Contact == c.ID })
	if len(others) == len(all) && code == "" {
		return nil
	}
	if err := freeName(others, c.Name); err != nil {
		return &UnfitContactError{err}
	}
	switch code {
	case "", before.PassCode.Code:
		return sqlite.Exec(ctx, tx, "UPDATE pass_codes SET name = ? WHERE contact_id = ?", c.Name, c.ID)
	case MakePassCode:
		if code, err = makeCode(all); err != nil {
			return err
		}
	default:
		if err := errors.Join(goodCode(code), freeCode(others, code)); err != nil {
			return &UnfitContactError{err}
		}
	}
	return sqlite.Exec(ctx, tx, `DELETE FROM pass_codes WHERE contact_id = ?;
		INSERT INTO pass_codes (household_id, name, code, added_at, contact_id) VALUES (?, ?, ?, ?, ?)`,
		c.ID, home, c.Name, code, time.Now().Unix(), c.ID)
}
