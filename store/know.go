package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"ringfence/screening"
)

// know has the statements of a verdict, prepared: a call waits for them.
type know struct {
	household, contact, block, entries, emergency *sql.Stmt
}

// maxDigits is how many digits E.164 has at most, and with them the placeholders for the beginnings of a number.
const maxDigits = 15

const (
	householdQuery = `SELECT mode, threshold, emergency_s, if_withheld, if_unavailable, if_international, if_premium_rate
		FROM households WHERE name = ?`
	contactQuery = `SELECT c.id, c.name FROM households h
		JOIN contact_numbers n ON n.household_id = h.id AND n.number = ?2
		JOIN contacts c ON c.id = n.contact_id WHERE h.name = ?1`
	// The exact block comes before a prefix, a longer prefix before a shorter one: of whole numbers that begin alike, the
	// longer is the larger.
	blockQuery = `SELECT b.id, b.digits, b.is_prefix, b.note, b.farewell FROM households h
		JOIN blocks b ON b.household_id = h.id
		WHERE h.name = ?1 AND (b.is_prefix = 0 AND b.digits = ?2 OR b.is_prefix = 1 AND b.digits IN
			(?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17))
		ORDER BY b.is_prefix, b.digits DESC LIMIT 1`
	// Of each list the one entry that fits best.
	entriesQuery = `WITH found AS (
			SELECT version_id, number, is_prefix, confidence, category, note FROM list_entries WHERE number = ?2 AND is_prefix = 0
			UNION ALL
			SELECT version_id, number, is_prefix, confidence, category, note FROM list_entries WHERE is_prefix = 1 AND number IN
				(?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17))
		SELECT l.id, l.name, f.confidence, f.category, f.note, f.is_prefix FROM found f
		JOIN lists l ON l.version_id = f.version_id JOIN households h ON h.id = l.household_id AND h.name = ?1
		ORDER BY l.id, f.is_prefix, f.number DESC`
	emergencyQuery = `SELECT e.at FROM households h JOIN emergencies e ON e.household_id = h.id
		WHERE h.name = ? ORDER BY e.at DESC LIMIT 1`
)

func (k *know) prepare(ctx context.Context, db *sql.DB) error {
	return prepareAll(ctx, db, map[string]**sql.Stmt{
		householdQuery: &k.household, contactQuery: &k.contact, blockQuery: &k.block, entriesQuery: &k.entries,
		emergencyQuery: &k.emergency,
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
	var at int64
	ctx = quick(ctx)
	switch err := s.know.emergency.QueryRowContext(ctx, household).Scan(&at); {
	case err == nil:
		known.Emergency = time.Unix(at, 0)
	case !errors.Is(err, sql.ErrNoRows):
		return known, err
	}
	if number == "" {
		return known, nil
	}
	var err error
	if known.Contact, err = s.contactWith(ctx, household, number); err != nil {
		return known, err
	}
	args := withPrefixes(household, number)
	if known.Block, err = s.blockOf(ctx, args); err != nil {
		return known, err
	}
	known.Entries, err = s.entriesOf(ctx, args)
	return known, err
}

// withPrefixes are the arguments of a look-up: the household, the number, and all that it begins with.
func withPrefixes(household string, number screening.Number) []any {
	key := number.Key()
	args := []any{household, key}
	digits := strconv.FormatInt(key, 10)
	for n := range maxDigits {
		var prefix int64                // 0, which nothing begins with
		if key > 0 && n < len(digits) { // the key of a short number is negative: it begins with nothing
			prefix, _ = strconv.ParseInt(digits[:n+1], 10, 64) // digits only
		}
		args = append(args, prefix)
	}
	return args
}

func (s *Store) contactWith(ctx context.Context, household string, number screening.Number) (*screening.Contact, error) {
	var c screening.Contact
	err := s.know.contact.QueryRowContext(ctx, household, number.Key()).Scan(&c.ID, &c.Name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &c, err
}

func (s *Store) blockOf(ctx context.Context, args []any) (*screening.Block, error) {
	var b screening.Block
	var key int64
	err := s.know.block.QueryRowContext(ctx, args...).Scan(&b.ID, &key, &b.Prefix, &b.Note, &b.Farewell)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	b.Digits = digitsOfKey(key, b.Prefix)
	return &b, err
}

func (s *Store) entriesOf(ctx context.Context, args []any) (entries []screening.Entry, err error) {
	rows, err := s.know.entries.QueryContext(ctx, args...)
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
