package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"ringfence/screening"
)

// know has the statements of a verdict, prepared: a call waits for them.
type know struct {
	household, contact, block, entries *sql.Stmt
}

// maxDigits is how many digits E.164 has at most.
const maxDigits = 15

const (
	householdQuery = `SELECT mode, threshold, emergency_s, if_withheld, if_unavailable, if_international, if_premium_rate
		FROM households WHERE name = ?`
	// What is asked of every caller, in one: who they are, when an emergency number was last dialled, and whether there
	// are blocks to look through at all.
	contactQuery = `SELECT c.id, c.name, (SELECT max(at) FROM emergencies WHERE household_id = h.id),
		EXISTS (SELECT 1 FROM blocks WHERE household_id = h.id) FROM households h
		LEFT JOIN contact_numbers n ON n.household_id = h.id AND n.number = ?2
		LEFT JOIN contacts c ON c.id = n.contact_id WHERE h.name = ?1`
	// A number and all that it begins with; of the negative key of a short number only that.
	beginnings = `WITH RECURSIVE p(digits) AS (VALUES (?2) UNION ALL SELECT digits / 10 FROM p WHERE digits > 9) `
	// The exact block comes before a prefix, a longer prefix before a shorter one: of whole numbers that begin alike, the
	// longer is the larger.
	blockQuery = beginnings + `SELECT b.id, b.digits, b.is_prefix, b.note, b.farewell FROM households h CROSS JOIN p
		CROSS JOIN blocks b ON b.household_id = h.id AND b.digits = p.digits AND (b.is_prefix = 1 OR p.digits = ?2)
		WHERE h.name = ?1 ORDER BY b.is_prefix, b.digits DESC LIMIT 1`
	// Of each list the one entry that fits best.
	entriesQuery = beginnings + `SELECT l.id, l.name, e.confidence, e.category, e.note, e.is_prefix FROM p
		CROSS JOIN list_entries e ON e.number = p.digits AND (e.is_prefix = 1 OR p.digits = ?2)
		CROSS JOIN lists l ON l.version_id = e.version_id CROSS JOIN households h ON h.id = l.household_id AND h.name = ?1
		ORDER BY l.id, e.is_prefix, e.number DESC`
)

func (k *know) prepare(ctx context.Context, db *sql.DB) error {
	return prepareAll(ctx, db, map[string]**sql.Stmt{
		householdQuery: &k.household, contactQuery: &k.contact, blockQuery: &k.block, entriesQuery: &k.entries,
	})
}

func prepareAll(ctx context.Context, db *sql.DB, statements map[string]**sql.Stmt) error {
	for query, statement := range statements {
		var err error
		if *statement, err = db.PrepareContext(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

// Know returns all that a household's store knows about a number. Of "" it knows only when an emergency number was last
// dialled.
func (s *Store) Know(ctx context.Context, household string, number screening.Number) (screening.Knowledge, error) {
	var known screening.Knowledge
	ctx = quick(ctx)
	var key any // no number is nobody's
	if number != "" {
		key = number.Key()
	}
	var contact, emergency sql.NullInt64
	var name sql.NullString
	var blocks bool
	err := s.know.contact.QueryRowContext(ctx, household, key).Scan(&contact, &name, &emergency, &blocks)
	if errors.Is(err, sql.ErrNoRows) {
		return known, fmt.Errorf("%w: %s", ErrNoHousehold, household)
	}
	if err != nil {
		return known, err
	}
	if emergency.Valid {
		known.Emergency = time.Unix(emergency.Int64, 0)
	}
	if contact.Valid {
		known.Contact = &screening.Contact{ID: contact.Int64, Name: name.String}
	}
	if number == "" {
		return known, nil
	}
	if blocks {
		if known.Block, err = s.blockOf(ctx, household, number); err != nil {
			return known, err
		}
	}
	known.Entries, err = s.entriesOf(ctx, household, number)
	return known, err
}

func (s *Store) blockOf(ctx context.Context, household string, number screening.Number) (*screening.Block, error) {
	var b screening.Block
	var key int64
	err := s.know.block.QueryRowContext(ctx, household, number.Key()).Scan(&b.ID, &key, &b.Prefix, &b.Note, &b.Farewell)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	b.Digits = digitsOfKey(key, b.Prefix)
	return &b, err
}

func (s *Store) entriesOf(ctx context.Context, household string, number screening.Number) (entries []screening.Entry, err error) {
	rows, err := s.know.entries.QueryContext(ctx, household, number.Key())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var last int64
	for rows.Next() {
		var list int64
		var e screening.Entry
		if err := rows.Scan(&list, &e.List, &e.Confidence, &e.Category, &e.Note, &e.Prefix); err != nil {
			return nil, err
		}
		if list != last {
			entries = append(entries, e)
		}
		last = list
	}
	return entries, rows.Err()
}

// EmergencyDialled remembers that an emergency number was dialled from the house; number may be "" where only the time
// is known.
func (s *Store) EmergencyDialled(ctx context.Context, household string, at time.Time, number string) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		id, err := householdID(ctx, tx, household)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO emergencies (household_id, at, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			id, at.Unix(), number)
		return err
	})
}
