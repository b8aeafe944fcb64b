package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// situationQuery is everything that a call needs to know, in one query: the household's options, and whether it has a schedule; who the caller is;
// and when a contact last rang, an emergency number was last dialled, and the household rang or reported this number. See below for the plus signs.
var situationQuery = `SELECT h.mode, temporary_mode, temporary_until, expecting_until, ` + optionNames() + `EXISTS (SELECT 1 FROM schedule_spans WHERE household_id = h.id),
		coalesce(c.id, 0), coalesce(c.name, ''), coalesce(c.language, ''), coalesce(n.number, 0),
		CASE WHEN c.id IS NOT NULL THEN (SELECT max(at_ms) FROM calls WHERE household_id = h.id AND number = +?2) END,
		CASE WHEN h.second_try_s > 0 THEN (SELECT max(at_ms) FROM calls WHERE household_id = h.id AND number = +?2 AND action = 'screen'
			AND ` + triedInVain + `) END,
		CASE WHEN h.hold_strangers_s > 0 THEN (SELECT max(ended_ms) FROM (SELECT ended_ms, outcome FROM calls WHERE household_id = h.id
			ORDER BY at_ms DESC LIMIT 50) WHERE outcome IN ` + inSQL(calllog.SentAway) + `) END,
		(SELECT max(at) FROM emergencies WHERE household_id = h.id),
		(SELECT at FROM dialled WHERE household_id = h.id AND number = +?2),
		(SELECT at FROM reports WHERE household_id = h.id AND number = +?2 AND withdrawn_at IS NULL) FROM households h
		LEFT JOIN contact_numbers n ON n.household_id = h.id AND n.number = ` + columns.NumberOfContact("h.id", "+?2") + `
		LEFT JOIN contacts c ON c.id = n.contact_id WHERE h.name = +?1`

// triedInVain says of a call whose caller was asked who it is that it came to nothing, and that nothing spoke against the caller. Call.InVain is the same of
// a call at hand.
var triedInVain = "outcome IN " + inSQL(vainOutcomes()...) +
	" AND NOT EXISTS (SELECT 1 FROM call_steps WHERE call_id = calls.id AND step IN " + inSQL(againstCaller()...) + ")"

func vainOutcomes() []calllog.Outcome {
	return []calllog.Outcome{calllog.CallerGone, calllog.NoName, calllog.NobodyHome, calllog.Busy, calllog.NoMessage, calllog.MessageLeft}
}

func againstCaller() []calllog.Kind {
	return []calllog.Kind{calllog.KindScript, calllog.KindScriptResult, calllog.KindSuspected}
}

// The plus signs before parameters save time: where the planner might look at a parameter's value, SQLite (3.54.1, for an "x = ?" in
// whereLoopOutputAdjust) prepares the statement again after every binding, which takes several times as long as the lookup. With the sign it
// can't look.
const (
	spansQuery = `SELECT days, from_min, to_min, s.mode, quiet FROM households h
		JOIN schedule_spans s ON s.household_id = h.id WHERE h.name = +? ORDER BY s.id`
	// A number and all its prefixes, and then zeros, which match no prefix; nor do the quotients of a short number's negative key. A recursion would
	// look nicer, but takes as long as the whole lookup.
	begun = `(VALUES (?2), (?2/10), (?2/100), (?2/1000), (?2/10000), (?2/100000), (?2/1000000), (?2/10000000), (?2/100000000),
		(?2/1000000000), (?2/10000000000), (?2/100000000000), (?2/1000000000000), (?2/10000000000000), (?2/100000000000000)) `
	// What the household and its lists have on the number: blocks and entries of the number itself and of its prefixes, and what an update changes on
	// a list. It is one query, because each query adds half the cost of what it looks up. Each part goes by the whole of an index, and each table of
	// prefixes is read once, so that SQLite need not keep it.
	aBlock  = `SELECT 1, b.id, b.farewell, 0.0, '', b.note, b.is_prefix, b.digits, 0, 0, 0, 0, 0 FROM households h `
	anEntry = `SELECT 0, l.id, l.name, e.confidence, e.category, e.note, e.is_prefix, e.number, e.expires_day,
		v.valid_until, coalesce(s.only_warns, 0), `
	toState    = ` CROSS JOIN list_versions v ON v.id = l.version_id LEFT JOIN subscriptions s ON s.list_id = l.id `
	foundQuery = `WITH o(digits) AS ` + begun + `, p(digits) AS ` + begun + `, q(digits) AS ` + begun + aBlock + `
		CROSS JOIN blocks b ON b.household_id = h.id AND b.is_prefix = 0 AND b.digits = +?2 WHERE h.name = +?1
		UNION ALL ` + aBlock + `CROSS JOIN o
		CROSS JOIN blocks b ON b.household_id = h.id AND b.is_prefix = 1 AND b.digits = o.digits WHERE h.name = +?1 AND o.digits <> 0
		UNION ALL ` + anEntry + `0, 0 FROM households h CROSS JOIN lists l ON l.household_id = h.id
		CROSS JOIN list_entries e ON e.version_id = l.version_id AND e.number = +?2 AND e.is_prefix = 0` + toState + `WHERE h.name = +?1
		UNION ALL ` + anEntry + `0, 0 FROM p CROSS JOIN list_entries e INDEXED BY list_prefixes ON e.number = p.digits AND e.is_prefix = 1
		CROSS JOIN households h ON h.name = +?1 CROSS JOIN lists l ON l.version_id = e.version_id AND l.household_id = h.id` + toState + `WHERE p.digits <> 0
		UNION ALL ` + anEntry + `1, e.removed FROM list_versions v CROSS JOIN households h
		CROSS JOIN lists l ON l.version_id = v.id AND l.household_id = h.id CROSS JOIN q
		CROSS JOIN list_changes e ON e.version_id = v.update_id AND e.number = q.digits AND (e.is_prefix = 1 OR q.digits = +?2)
		LEFT JOIN subscriptions s ON s.list_id = l.id WHERE v.update_id IS NOT NULL AND h.name = +?1 AND q.digits <> 0`
)

func (k *know) prepare(ctx context.Context, db *sql.DB) error {
	return prepareAll(ctx, db, map[string]**sql.Stmt{
		situationQuery: &k.situation, spansQuery: &k.spans, foundQuery: &k.found,
	})
}

// Situation is what a household has chosen, as Household returns it, and all that it knows about a number; Before only for a contact's. For
// "" that is only when an emergency number was last dialled. It is one lookup, because every call waits for it. It has to come before the call
// itself is logged.
func (s *Store) Situation(ctx context.Context, household string, number screening.Number) (screening.Household, screening.Knowledge, error) {
	ctx = sqlite.Quick(ctx)
	var key any // NULL, which matches no row
	if number != "" {
		key = number.Key()
	}
	row := situation{}
	err := s.know.situation.QueryRowContext(ctx, household, key).Scan(row.columns()...)
	if errors.Is(err, sql.ErrNoRows) {
		err = columns.NoHousehold(household)
	}
	if err != nil {
		return screening.Household{}, screening.Knowledge{}, err
	}
	house, known := row.h, row.knowledge()
	if row.scheduled {
		if house.Times.Week, err = s.Spans(ctx, household); err != nil {
			return house, known, err
		}
	}
	if number == "" {
		return house, known, nil
	}
	known.Block, known.Entries, err = s.found(ctx, household, number)
	return house, known.Settled(), err
}

// Spans is a household's schedule, in the order in which its spans were added.
func (s *Store) Spans(ctx context.Context, household string) (spans []screening.Span, err error) {
	rows, err := s.know.spans.QueryContext(sqlite.Quick(ctx), household) //nolint:rowserrcheck // EachOf looks
	err = sqlite.EachOf(rows, err, func(scan func(...any) error) error {
		var p screening.Span
		err := scan(&p.Days, &p.From, &p.To, &p.Mode, &p.Quiet)
		spans = append(spans, p)
		return err
	})
	return spans, err
}

// situation is a row of situationQuery.
type situation struct {
	h         screening.Household
	known     screening.Knowledge // but for the contact
	scheduled bool
	contact   screening.Contact
	has       screening.Number // of the contact: the number, or its beginning
}

func (r *situation) columns() []any {
	h := &r.h
	all := []any{&h.Mode, &h.Times.Temporary, columns.ScanTime(&h.Times.TemporaryUntil), columns.ScanTime(&h.Times.ExpectingUntil)}
	for _, c := range OptionColumns(h) {
		all = append(all, c.Into)
	}
	return append(all, &r.scheduled, &r.contact.ID, &r.contact.Name, &r.contact.Language, columns.ScanNumber(&r.has),
		columns.ScanMilliseconds(&r.known.Before), columns.ScanMilliseconds(&r.known.Tried), columns.ScanMilliseconds(&r.known.SentAway),
		columns.ScanTime(&r.known.Emergency), columns.ScanTime(&r.known.Dialled), columns.ScanTime(&r.known.Reported))
}

func (r *situation) knowledge() screening.Knowledge {
	if r.contact.ID != 0 {
		r.contact.Beginning, _ = r.has.Beginning()
		r.known.Contact = &r.contact
	}
	return r.known
}

// found is the household's block on a number, and what each list has on it.
func (s *Store) found(ctx context.Context, household string, number screening.Number) (block *screening.Block, entries []screening.Entry, err error) {
	var all []entryAt
	var longest int64
	rows, err := s.know.found.QueryContext(ctx, household, number.Key()) //nolint:rowserrcheck // EachOf looks
	err = sqlite.EachOf(rows, err, func(scan func(...any) error) error {
		var l entryAt
		e := &l.entry
		var expires int64
		var isBlock bool
		err := scan(&isBlock, &l.at.list, &e.List, &e.Confidence, &e.Category, &e.Note, &e.Prefix, &l.at.number, &expires,
			columns.ScanTime(&e.ValidUntil), &e.Unsigned, &l.newer, &l.removed)
		if !isBlock {
			l.at.prefix = e.Prefix
			e.Expires = columns.Time(expires * day)
			all = append(all, l)
			return err
		}
		// The exact block comes before a prefix, and a longer prefix before a shorter one. The longer is the larger number, because this number
		// starts with both.
		if block == nil || !e.Prefix || block.Prefix && l.at.number > longest {
			block = &screening.Block{ID: l.at.list, Digits: columns.Digits(l.at.number, e.Prefix), Prefix: e.Prefix, Note: e.Note, Farewell: screening.Farewell(e.List)}
			longest = l.at.number
		}
		return err
	})
	return block, bestOf(all), err
}

// bestOf picks the best entry of each list: the number itself before a prefix, and a longer prefix before a shorter one. What an update has replaces
// the list's own.
func bestOf(found []entryAt) (entries []screening.Entry) {
	slices.SortFunc(found, func(a, b entryAt) int {
		return cmp.Or(cmp.Compare(a.at.list, b.at.list), order(a.at.prefix, b.at.prefix), cmp.Compare(b.at.number, a.at.number), order(b.newer, a.newer))
	})
	var taken int64    // the list whose best entry has been found
	var gone listPlace // removed from the list by an update
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

// entryAt is an entry and its place.
type entryAt struct {
	at             listPlace
	entry          screening.Entry
	newer, removed bool // from an update
}

// day is how many seconds a day has in UTC.
const day = 24 * 60 * 60

// listPlace is the place of an entry.
type listPlace struct {
	list, number int64
	prefix       bool
}

// EmergencyDialled notes that an emergency number was dialled from the house, and alerts the carers; number may be "" if only the time is known. The
// same moment counts once, however often it is reported.
func (s *Store) EmergencyDialled(ctx context.Context, household string, at time.Time, number string) error {
	return s.inHousehold(ctx, household, func(tx *sql.Tx, id int64) error {
		isNew, err := sqlite.Changes(ctx, tx, "INSERT INTO emergencies (household_id, at, number) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			id, at.Unix(), number)
		if err != nil || !isNew {
			return err
		}
		if number == "" {
			number = "An emergency number"
		}
		return addNotice(ctx, tx, id, at, NoticeEmergencyDialled, number+" was dialled from the house.", 0)
	})
}

// expireEmergencies keeps the household's latest: the dialplan reports it with every call until the next one, and the carers would be alerted again.
func (s *Store) expireEmergencies(ctx context.Context, household int64, before time.Time) error {
	return sqlite.Exec(ctx, s.write, `DELETE FROM emergencies WHERE household_id = ?1 AND at < ?2 AND at <
		(SELECT max(at) FROM emergencies WHERE household_id = ?1)`, household, before.Unix())
}
