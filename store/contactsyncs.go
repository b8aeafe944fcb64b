package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// ContactSync is an address book on a CardDAV server with which a household's contacts are kept in step.
type ContactSync struct {
	Household string
	URL       string // of the address book itself
	User      string
	AtHome    bool   // the server may be in a home network
	Title     string // the address book's
	By        string // who has begun it, as in a Block
	Begun     time.Time
	Confirmed time.Time // when somebody has confirmed the first preview; zero: nobody has, and no contact is from there
	Version   string    // by which the server tells whether the address book has changed
	Checked   time.Time // the last time that went well
	Changed   time.Time // the last time that contacts were changed
	Next      time.Time
	Failures  int // in a row
	Error     string
	Held      time.Time // since when changes wait for somebody to look at them; zero: none do
}

// SyncedCard is a card of such an address book, as it was the last time.
type SyncedCard struct {
	Href, ETag string
	People     string // JSON: what contacts need of it
}

// The errors.
var (
	ErrNoContactSync = errors.New("the contacts are not kept in step with an address book")
	ErrSyncedAlready = errors.New("the contacts are kept in step with an address book already: stop that first")
)

// BeginContactSync begins to keep a household's contacts in step with an address book, whose cards are there already. No contact changes. The password is a secret.
func (s *Store) BeginContactSync(ctx context.Context, sync ContactSync, password string, cards []SyncedCard) error {
	return s.inHousehold(ctx, sync.Household, func(tx *sql.Tx, home int64) error {
		err := sqlite.Change(ctx, tx, ErrSyncedAlready, `INSERT INTO contact_syncs (household_id, url, username, password, at_home, title, made_by, begun_at,
			version, checked_at, next_at, held_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			home, sync.URL, sync.User, password, sync.AtHome, columns.Bounded(sync.Title), columns.Bounded(sync.By), sync.Begun.Unix(),
			sync.Version, sync.Begun.Unix(), sync.Next.Unix(), sync.Begun.Unix())
		if err != nil {
			return err
		}
		return writeCards(ctx, tx, home, cards)
	})
}

// writeCards takes a handful of statements, however many cards there are, because calls have to write, too.
func writeCards(ctx context.Context, tx *sql.Tx, home int64, cards []SyncedCard) error {
	rows := make([][]string, 0, len(cards))
	for _, c := range cards {
		rows = append(rows, []string{c.Href, c.ETag, c.People})
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	return sqlite.Exec(ctx, tx, `INSERT OR REPLACE INTO synced_cards (household_id, href, etag, people)
		SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)`, home, string(text))
}

// ContactSync is how a household's contacts are kept in step; the error is ErrNoContactSync if they are not.
func (s *Store) ContactSync(ctx context.Context, household string) (ContactSync, error) {
	return sqlite.One(ctx, s.read, ErrNoContactSync, contactSyncFields, contactSyncQuery+" WHERE h.name = ?", household)
}

// ContactSyncs are those of all households, those that are due first.
func (s *Store) ContactSyncs(ctx context.Context) ([]ContactSync, error) {
	return sqlite.Rows(ctx, s.read, contactSyncFields, contactSyncQuery+" ORDER BY c.next_at, c.household_id")
}

const contactSyncQuery = `SELECT h.name, c.url, c.username, c.at_home, c.title, c.made_by, c.begun_at, c.confirmed_at, c.version, c.checked_at, c.changed_at,
	c.next_at, c.failures, c.error, c.held_at FROM contact_syncs c JOIN households h ON h.id = c.household_id`

func contactSyncFields(c *ContactSync) []any {
	return []any{&c.Household, &c.URL, &c.User, &c.AtHome, &c.Title, &c.By, columns.ScanTime(&c.Begun), columns.ScanTime(&c.Confirmed), &c.Version,
		columns.ScanTime(&c.Checked), columns.ScanTime(&c.Changed), columns.ScanTime(&c.Next), &c.Failures, &c.Error, columns.ScanTime(&c.Held)}
}

// ContactSyncPassword is the password for the server. It is only for asking it, and never shown.
func (s *Store) ContactSyncPassword(ctx context.Context, household string) (string, error) {
	return sqlite.OneValue[string](ctx, s.read, ErrNoContactSync, "SELECT password FROM contact_syncs WHERE "+columns.ByName, household)
}

// SetContactSyncPassword replaces user name and password. The server is asked at a time.
func (s *Store) SetContactSyncPassword(ctx context.Context, household, user, password string, due time.Time) error {
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		return sqlite.Change(ctx, tx, ErrNoContactSync, "UPDATE contact_syncs SET username = ?, password = ?, failures = 0, error = '', next_at = ? WHERE household_id = ?",
			user, password, due.Unix(), home)
	})
}

// SyncedCards are the cards of the address book as they were the last time, by their addresses.
func (s *Store) SyncedCards(ctx context.Context, household string) ([]SyncedCard, error) {
	return sqlite.Rows(ctx, s.read, func(c *SyncedCard) []any { return []any{&c.Href, &c.ETag, &c.People} },
		"SELECT href, etag, people FROM synced_cards WHERE "+columns.ByName+" ORDER BY href", household)
}

// theSame is the condition that the household has not begun another one meanwhile, as while a server was asked.
const theSame = "household_id = (SELECT id FROM households WHERE name = ?) AND begun_at = ? AND url = ?"

// OnContactsChecked notes that a server was asked, and what has changed there: cards that are new or other ones, and the addresses of those that are gone.
func (s *Store) OnContactsChecked(ctx context.Context, sync ContactSync, version string, cards []SyncedCard, gone []string, at, next time.Time) error {
	return s.inHousehold(ctx, sync.Household, func(tx *sql.Tx, home int64) error {
		err := sqlite.Change(ctx, tx, ErrNoContactSync, "UPDATE contact_syncs SET version = ?, checked_at = ?, next_at = ?, failures = 0, error = '' WHERE "+theSame,
			version, at.Unix(), next.Unix(), sync.Household, sync.Begun.Unix(), sync.URL)
		if err != nil {
			return err
		}
		err = deleteThese(ctx, tx, "DELETE FROM synced_cards WHERE household_id = ? AND href IN (SELECT value FROM json_each(?))", home, gone)
		if err != nil {
			return err
		}
		return writeCards(ctx, tx, home, cards)
	})
}

// OnContactsNotChecked notes why a server could not be asked, and when it is asked again.
func (s *Store) OnContactsNotChecked(ctx context.Context, sync ContactSync, why string, next time.Time) error {
	return sqlite.Change(ctx, s.write, ErrNoContactSync, "UPDATE contact_syncs SET failures = failures + 1, error = ?, next_at = ? WHERE "+theSame,
		columns.BoundedTo(why, 500), next.Unix(), sync.Household, sync.Begun.Unix(), sync.URL)
}

// HoldContactSync notes that changes wait for somebody to look at them; with the zero time, that none do any more. It is false if that is known already.
func (s *Store) HoldContactSync(ctx context.Context, household string, at time.Time) (isNew bool, err error) {
	return sqlite.Changes(ctx, s.write, "UPDATE contact_syncs SET held_at = ?2 WHERE (held_at = 0) <> (?2 = 0) AND household_id = (SELECT id FROM households WHERE name = ?1)",
		household, columns.Seconds(at))
}

// EndContactSync ends it. The contacts stay as if they had been made by hand; with remove, those go that nobody has changed by hand, and are returned.
func (s *Store) EndContactSync(ctx context.Context, household string, remove bool) (removed []Contact, err error) {
	all, err := s.SyncedContacts(ctx, household)
	if err != nil {
		return nil, err
	}
	var gone []int64
	for _, one := range all {
		if remove && !one.ByHand() {
			gone, removed = append(gone, one.Contact.ID), append(removed, one.Contact)
		}
	}
	return removed, s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		if err := removeContacts(ctx, tx, home, gone); err != nil {
			return err
		}
		return sqlite.Change(ctx, tx, ErrNoContactSync, "DELETE FROM contact_syncs WHERE household_id = ?", home)
	})
}

// ApplyContactSync changes contacts as an address book has it. The error is ErrContactsChanged if a contact has changed since, or a number is somebody's or
// blocked by now; then nothing changes.
func (s *Store) ApplyContactSync(ctx context.Context, household string, changes ContactSyncChanges, at time.Time) error {
	return s.inHousehold(ctx, household, func(tx *sql.Tx, home int64) error {
		for _, one := range slices.Concat(changes.Gone, changedOf(changes.Changed)) {
			now, err := contact(ctx, tx, household, one.Contact.ID)
			if err != nil || !one.Was.Same(now) {
				return ErrContactsChanged
			}
		}
		var gone, dropped []int64
		for _, one := range changes.Gone {
			gone, dropped = append(gone, one.Contact.ID), append(dropped, one.ID)
		}
		for _, one := range changes.Forgotten {
			dropped = append(dropped, one.ID)
		}
		if err := removeContacts(ctx, tx, home, gone); err != nil {
			return err
		}
		err := deleteThese(ctx, tx, "DELETE FROM synced_contacts WHERE household_id = ? AND id IN (SELECT value FROM json_each(?))", home, dropped)
		if err != nil {
			return err
		}
		if err := writeSynced(ctx, tx, home, changes, at); err != nil {
			return err
		}
		return sqlite.Change(ctx, tx, ErrNoContactSync, "UPDATE contact_syncs SET held_at = 0, changed_at = ?1, confirmed_at = iif(confirmed_at = 0, ?1, confirmed_at) WHERE household_id = ?2",
			at.Unix(), home)
	})
}
