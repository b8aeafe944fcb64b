package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// know has the statements of a verdict, prepared: a call waits for them.
type know struct {
	situation, spans, found *sql.Stmt
}

// situationQuery is all that is asked for every call, in one: what the household has chosen, and whether it has a schedule; who the caller
// is, when they last rang if they are a contact, when an emergency number was last dialled, when the household rang this
// number and when it reported it. See below for the plus signs.
var situationQuery = `SELECT h.mode, threshold, emergency_s, temporary_mode, temporary_until, expecting_until, quiet_contacts, human_check,
		ring_dialled, dial_guard, carer_number, carer_when, ` + kindColumns() + `EXISTS (SELECT 1 FROM schedule_spans WHERE household_id = h.id),
		c.id, c.name, c.language,
		CASE WHEN c.id IS NOT NULL THEN (SELECT max(at_ms) FROM calls WHERE household_id = h.id AND number = +?2) END,
		(SELECT max(at) FROM emergencies WHERE household_id = h.id),
		(SELECT at FROM dialled WHERE household_id = h.id AND number = +?2),
		(SELECT at FROM reports WHERE household_id = h.id AND number = +?2 AND withdrawn_at IS NULL) FROM households h
		LEFT JOIN contact_numbers n ON n.household_id = h.id AND n.number = +?2
		LEFT JOIN contacts c ON c.id = n.contact_id WHERE h.name = +?1`

// kindColumns are those of the kinds of callers, in their order, with a comma behind each.
func kindColumns() string {
	text := ""
	for _, kind := range screening.CallerKinds() {
		text += string(KindColumn(kind.Code)) + ", "
	}
	return text
}

// The plus signs before parameters do nothing but spare the calls: where the planner might look at a parameter's value,
// SQLite (here 3.54.1, for an "x = ?" in whereLoopOutputAdjust) prepares the statement anew after every binding, and
// that takes several times as long as the look-up. With the sign it cannot look.
const (
	spansQuery = `SELECT days, from_min, to_min, s.mode, quiet FROM households h
		JOIN schedule_spans s ON s.household_id = h.id WHERE h.name = +? ORDER BY s.id`
	// A number and all that it begins with, and then zeros, with which none begins; of the negative key of a short number what
	// is divided is no prefix's key. A recursion, which looks nicer, takes as long as the whole look-up.
	begun = `(VALUES (?2), (?2/10), (?2/100), (?2/1000), (?2/10000), (?2/100000), (?2/1000000), (?2/10000000), (?2/100000000),
		(?2/1000000000), (?2/10000000000), (?2/100000000000), (?2/1000000000000), (?2/10000000000000), (?2/100000000000000)) `
	// What the household and its lists have of the number: a block, and a list's entry, that is itself, and one that it begins with;
	// and what an update changes of a list. In one, for each statement takes half as long again as what it does; each part goes
	// by the whole of an index, and each of the tables of beginnings is read once, and so need not be kept.
	aBlock  = `SELECT 1, b.id, b.farewell, 0.0, '', b.note, b.is_prefix, b.digits, 0, 0, 0, 0, 0 FROM households h `
	anEntry = `SELECT 0, l.id, l.name, e.confidence, e.category, e.note, e.is_prefix, e.number, e.expires_day,
		coalesce(s.valid_until, 0), coalesce(s.only_warns, 0), `
	foundQuery = `WITH o(digits) AS ` + begun + `, p(digits) AS ` + begun + `, q(digits) AS ` + begun + aBlock + `
		CROSS JOIN blocks b ON b.household_id = h.id AND b.is_prefix = 0 AND b.digits = +?2 WHERE h.name = +?1
		UNION ALL ` + aBlock + `CROSS JOIN o
		CROSS JOIN blocks b ON b.household_id = h.id AND b.is_prefix = 1 AND b.digits = o.digits WHERE h.name = +?1 AND o.digits <> 0
		UNION ALL ` + anEntry + `0, 0 FROM households h CROSS JOIN lists l ON l.household_id = h.id
		CROSS JOIN list_entries e ON e.version_id = l.version_id AND e.number = +?2 AND e.is_prefix = 0
		LEFT JOIN subscriptions s ON s.list_id = l.id WHERE h.name = +?1
		UNION ALL ` + anEntry + `0, 0 FROM p CROSS JOIN list_entries e INDEXED BY list_prefixes ON e.number = p.digits AND e.is_prefix = 1
		CROSS JOIN lists l ON l.version_id = e.version_id CROSS JOIN households h ON h.id = l.household_id AND h.name = +?1
		LEFT JOIN subscriptions s ON s.list_id = l.id WHERE p.digits <> 0
		UNION ALL ` + anEntry + `1, e.removed FROM households h
		CROSS JOIN lists l ON l.household_id = h.id AND l.update_id IS NOT NULL CROSS JOIN q
		CROSS JOIN list_changes e ON e.version_id = l.update_id AND e.number = q.digits AND (e.is_prefix = 1 OR q.digits = +?2)
		LEFT JOIN subscriptions s ON s.list_id = l.id WHERE h.name = +?1 AND q.digits <> 0`
)

func (k *know) prepare(ctx context.Context, db *sql.DB) error {
	return prepareAll(ctx, db, map[string]**sql.Stmt{
		situationQuery: &k.situation, spansQuery: &k.spans, foundQuery: &k.found,
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
	ctx = sqlite.Quick(ctx)
	var key any // no number is nobody's
	if number != "" {
		key = number.Key()
	}
	row := situation{}
	err := s.know.situation.QueryRowContext(ctx, household, key).Scan(row.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("%w: %s", columns.ErrNoHousehold, household)
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
	known.Block, known.Entries, err = s.found(ctx, household, number)
	return house, known, err
}

// situation is a row of situationQuery.
type situation struct {
	h                               screening.Household
	afterHelp, temporary, expecting int64
	scheduled                       bool
	contact, before, helped         sql.NullInt64
	dialled, reported               sql.NullInt64
	name, language                  sql.NullString
}

func (r *situation) columns() []any {
	h := &r.h
	columns := []any{
		&h.Mode, &h.Threshold, &r.afterHelp, &h.Times.Temporary, &r.temporary, &r.expecting, &h.Times.QuietContacts, &h.HumanCheck,
		&h.RingDialled, &h.DialGuard, &h.CarerNumber, &h.CarerWhen,
	}
	for _, kind := range screening.CallerKinds() {
		columns = append(columns, kind.Of(&h.Policy))
	}
	return append(columns, &r.scheduled, &r.contact, &r.name, &r.language, &r.before, &r.helped, &r.dialled, &r.reported)
}

func (r *situation) household() screening.Household {
	r.h.Emergency = time.Duration(r.afterHelp) * time.Second
	r.h.Times.TemporaryUntil, r.h.Times.ExpectingUntil = columns.Time(r.temporary), columns.Time(r.expecting)
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

// found is the household's block of a number, and what each list has of it.
func (s *Store) found(ctx context.Context, household string, number screening.Number) (block *screening.Block, entries []screening.Entry, err error) {
	rows, err := s.know.found.QueryContext(ctx, household, number.Key())
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var all []entryAt
	var longest int64
	for rows.Next() {
		var l entryAt
		e := &l.entry
		var expires, validUntil int64
		var isBlock bool
		if err := rows.Scan(&isBlock, &l.at.list, &e.List, &e.Confidence, &e.Category, &e.Note, &e.Prefix, &l.at.number, &expires, &validUntil,
			&e.Unsigned, &l.newer, &l.removed); err != nil {
			return nil, nil, err
		}
		if !isBlock {
			l.at.prefix = e.Prefix
			e.Expires, e.ValidUntil = columns.Time(expires*day), columns.Time(validUntil)
			all = append(all, l)
			continue
		}
		// The exact block comes before a prefix, a longer prefix before a shorter one: of whole numbers that begin alike, the
		// longer is the larger.
		if block == nil || !e.Prefix || block.Prefix && l.at.number > longest {
			block = &screening.Block{ID: l.at.list, Digits: columns.Digits(l.at.number, e.Prefix), Prefix: e.Prefix, Note: e.Note, Farewell: screening.Farewell(e.List)}
			longest = l.at.number
		}
	}
	return block, bestOf(all), rows.Err()
}

// bestOf picks the best entry of each list: the number itself before what it begins with, and more of that before less. What an
// update says of a place overrules what is there.
func bestOf(found []entryAt) (entries []screening.Entry) {
	slices.SortFunc(found, func(a, b entryAt) int {
		return cmp.Or(cmp.Compare(a.at.list, b.at.list), order(a.at.prefix, b.at.prefix), cmp.Compare(b.at.number, a.at.number), order(b.newer, a.newer))
	})
	var taken int64    // the list whose best entry is found
	var gone listPlace // that an update has taken off a list
	for _, l := range found {
		if l.removed {
			gone = l.at
		}
		if l.at.list == taken || l.at == gone {
			continue
		}
		entries = append(entries, l.entry)
		taken = l.at.list
	}
	return entries
}

// order puts false before true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// entryAt is an entry where it stands.
type entryAt struct {
	at             listPlace
	entry          screening.Entry
	newer, removed bool // of an update
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
	return s.inHousehold(ctx, household, func(tx *sql.Tx, id int64) error {
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
