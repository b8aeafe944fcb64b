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
	situation, spans, block, entries *sql.Stmt
}

// maxDigits is how many digits E.164 has at most.
const maxDigits = 15

// The plus signs before parameters do nothing but spare the calls: where the planner might look at a parameter's value,
// SQLite (here 3.54.1, for an "x = ?" in whereLoopOutputAdjust) prepares the statement anew after every binding, and
// that takes several times as long as the look-up. With the sign it cannot look.
const (
	// All that is asked for every call, in one: what the household has chosen, and whether it has a schedule; who the caller
	// is, when they last rang if they are a contact, when an emergency number was last dialled, when the household rang this
	// number and when it reported it, and whether there are blocks to look through at all.
	situationQuery = `SELECT h.mode, threshold, emergency_s, if_withheld, if_unavailable, if_international, if_premium_rate,
		temporary_mode, temporary_until, expecting_until, quiet_contacts, human_check, ring_dialled, dial_guard, carer_number,
		carer_when, EXISTS (SELECT 1 FROM schedule_spans WHERE household_id = h.id),
		c.id, c.name, c.language,
		CASE WHEN c.id IS NOT NULL THEN (SELECT max(at_ms) FROM calls WHERE household_id = h.id AND number = +?2) END,
		(SELECT max(at) FROM emergencies WHERE household_id = h.id),
		(SELECT at FROM dialled WHERE household_id = h.id AND number = +?2),
		(SELECT at FROM reports WHERE household_id = h.id AND number = +?2 AND withdrawn_at IS NULL),
		EXISTS (SELECT 1 FROM blocks WHERE household_id = h.id) FROM households h
		LEFT JOIN contact_numbers n ON n.household_id = h.id AND n.number = +?2
		LEFT JOIN contacts c ON c.id = n.contact_id WHERE h.name = +?1`
	spansQuery = `SELECT days, from_min, to_min, s.mode, quiet FROM households h
		JOIN schedule_spans s ON s.household_id = h.id WHERE h.name = +? ORDER BY s.id`
	// A number and all that it begins with; of the negative key of a short number only that.
	beginnings = `WITH RECURSIVE p(digits) AS (VALUES (?2) UNION ALL SELECT digits / 10 FROM p WHERE digits > 9) `
	// The exact block comes before a prefix, a longer prefix before a shorter one: of whole numbers that begin alike, the
	// longer is the larger.
	blockQuery = beginnings + `SELECT b.id, b.digits, b.is_prefix, b.note, b.farewell FROM households h CROSS JOIN p
		CROSS JOIN blocks b ON b.household_id = h.id AND b.digits = p.digits AND (b.is_prefix = 1 OR p.digits = +?2)
		WHERE h.name = +?1 ORDER BY b.is_prefix, b.digits DESC LIMIT 1`
	// What each list has of the number: the best first, and what an update changes of it before that itself.
	entriesQuery = beginnings + `SELECT l.id, l.name, e.confidence, e.category, e.note, e.is_prefix, e.number, e.expires_day,
		coalesce(s.valid_until, 0), coalesce(s.only_warns, 0), 0 AS newer, 0 AS removed FROM p
		CROSS JOIN list_entries e ON e.number = p.digits AND (e.is_prefix = 1 OR p.digits = +?2)
		CROSS JOIN lists l ON l.version_id = e.version_id CROSS JOIN households h ON h.id = l.household_id AND h.name = +?1
		LEFT JOIN subscriptions s ON s.list_id = l.id
		UNION ALL SELECT l.id, l.name, e.confidence, e.category, e.note, e.is_prefix, e.number, e.expires_day,
		coalesce(s.valid_until, 0), coalesce(s.only_warns, 0), 1, e.removed FROM households h
		CROSS JOIN lists l ON l.household_id = h.id AND l.update_id IS NOT NULL CROSS JOIN p
		CROSS JOIN list_changes e ON e.version_id = l.update_id AND e.number = p.digits AND (e.is_prefix = 1 OR p.digits = +?2)
		LEFT JOIN subscriptions s ON s.list_id = l.id WHERE h.name = +?1
		ORDER BY 1, 6, 7 DESC, 11 DESC`
)

func (k *know) prepare(ctx context.Context, db *sql.DB) error {
	return prepareAll(ctx, db, map[string]**sql.Stmt{
		situationQuery: &k.situation, spansQuery: &k.spans, blockQuery: &k.block, entriesQuery: &k.entries,
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

// Know returns all that a household's store knows about a number; Before only of a contact's. It is asked before the call
// itself is logged. Of "" it knows only when an emergency number was last dialled.
func (s *Store) Know(ctx context.Context, household string, number screening.Number) (screening.Knowledge, error) {
	_, known, err := s.Situation(ctx, household, number)
	return known, err
}

// Situation is what Household and Know return, in one look: every call waits for it.
func (s *Store) Situation(ctx context.Context, household string, number screening.Number) (screening.Household, screening.Knowledge, error) {
	ctx = quick(ctx)
	var key any // no number is nobody's
	if number != "" {
		key = number.Key()
	}
	row := situation{}
	err := s.know.situation.QueryRowContext(ctx, household, key).Scan(row.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("%w: %s", ErrNoHousehold, household)
	}
	if err != nil {
		return screening.Household{}, screening.Knowledge{}, err
	}
	house, known := row.household(), row.knowledge()
	if row.scheduled {
		if house.Times.Week, err = s.Spans(ctx, household); err != nil {
			return house, known, err
		}
	}
	if number == "" {
		return house, known, nil
	}
	if row.blocks {
		if known.Block, err = s.blockOf(ctx, household, number); err != nil {
			return house, known, err
		}
	}
	known.Entries, err = s.entriesOf(ctx, household, number)
	return house, known, err
}

// situation is a row of situationQuery.
type situation struct {
	h                               screening.Household
	afterHelp, temporary, expecting int64
	scheduled, blocks               bool
	contact, before, helped         sql.NullInt64
	dialled, reported               sql.NullInt64
	name, language                  sql.NullString
}

func (r *situation) columns() []any {
	h := &r.h
	return []any{
		&h.Mode, &h.Threshold, &r.afterHelp, &h.Policy.Withheld, &h.Policy.Unavailable, &h.Policy.International, &h.Policy.PremiumRate,
		&h.Times.Temporary, &r.temporary, &r.expecting, &h.Times.QuietContacts, &h.HumanCheck, &h.RingDialled, &h.DialGuard, &h.CarerNumber,
		&h.CarerWhen, &r.scheduled, &r.contact, &r.name, &r.language, &r.before, &r.helped, &r.dialled, &r.reported, &r.blocks,
	}
}

func (r *situation) household() screening.Household {
	r.h.Emergency = time.Duration(r.afterHelp) * time.Second
	r.h.Times.TemporaryUntil, r.h.Times.ExpectingUntil = momentOf(r.temporary), momentOf(r.expecting)
	return r.h
}

func (r *situation) knowledge() (known screening.Knowledge) {
	if r.helped.Valid {
		known.Emergency = time.Unix(r.helped.Int64, 0)
	}
	if r.contact.Valid {
		known.Contact = &screening.Contact{ID: r.contact.Int64, Name: r.name.String, Language: r.language.String}
	}
	if r.before.Valid {
		known.Before = time.UnixMilli(r.before.Int64)
	}
	if r.dialled.Valid {
		known.Dialled = time.Unix(r.dialled.Int64, 0)
	}
	if r.reported.Valid {
		known.Reported = time.Unix(r.reported.Int64, 0)
	}
	return known
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
	var taken int64    // the list whose best entry is found
	var gone listPlace // that an update has taken off a list
	for rows.Next() {
		var at listPlace
		var e screening.Entry
		var expires, validUntil int64
		var newer, removed bool
		if err := rows.Scan(&at.list, &e.List, &e.Confidence, &e.Category, &e.Note, &e.Prefix, &at.number, &expires, &validUntil,
			&e.Unsigned, &newer, &removed); err != nil {
			return nil, err
		}
		at.prefix = e.Prefix
		if removed {
			gone = at
		}
		if at.list == taken || at == gone {
			continue
		}
		e.Expires, e.ValidUntil = momentOf(expires*day), momentOf(validUntil)
		entries = append(entries, e)
		taken = at.list
	}
	return entries, rows.Err()
}

// day is how many seconds one has in UTC.
const day = 24 * 60 * 60

// listPlace is where an entry stands.
type listPlace struct {
	list, number int64
	prefix       bool
}

// EmergencyDialled remembers that an emergency number was dialled from the house, and tells the carers; number may be ""
// where only the time is known. It may be told of the same dialling again and again.
func (s *Store) EmergencyDialled(ctx context.Context, household string, at time.Time, number string) error {
	return s.do(ctx, func(tx *sql.Tx) error {
		id, err := householdID(ctx, tx, household)
		if err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, "INSERT INTO emergencies (household_id, at, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			id, at.Unix(), number)
		if err != nil {
			return err
		}
		if isNew, err := done.RowsAffected(); err != nil || isNew == 0 {
			return err
		}
		if number == "" {
			number = "An emergency number"
		}
		return addNotice(ctx, tx, id, at, NoticeEmergencyDialled, number+" was dialled from the house.", 0)
	})
}

// expireEmergencies keeps the household's newest: until the next one the dialplan tells of it with every call, and the
// carers would be told again.
func (s *Store) expireEmergencies(ctx context.Context, household int64, before time.Time) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM emergencies WHERE household_id = ?1 AND at < ?2 AND at <
		(SELECT max(at) FROM emergencies WHERE household_id = ?1)`, household, before.Unix())
	return err
}
