package store

import (
	"context"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store/sqlite"
)

// RecentCaller is somebody who has rung and is not known.
type RecentCaller struct {
	Number screening.Number
	Name   string // what the network said last, "" mostly
	At     time.Time
	Call   int64 // the last one
	Calls  int   // since the time that was asked for
}

// RecentStrangers lists who has rung since then, the latest first, limit at most, and is neither a contact nor blocked nor was
// sent or turned away the last time: those whom a carer may want to make a contact.
func (s *Store) RecentStrangers(ctx context.Context, household string, since time.Time, limit int) ([]RecentCaller, error) {
	// Of columns beside max(), SQLite takes those of the row that has it (sqlite.org/lang_select.html, 2.5 "Bare columns").
	return sqlite.All(ctx, s.read, func(scan func(...any) error) (c RecentCaller, err error) {
		var key, at int64
		err = scan(&key, &c.Name, &at, &c.Call, &c.Calls)
		c.Number, c.At = screening.NumberFromKey(key), time.UnixMilli(at)
		return c, err
	}, `SELECT c.number, c.name, max(c.at_ms), c.id, count(*) FROM households h
		JOIN calls c ON c.household_id = h.id AND c.at_ms >= ?2 AND c.number IS NOT NULL
		WHERE h.name = ?1 AND NOT EXISTS (SELECT 1 FROM contact_numbers n WHERE n.household_id = h.id AND n.number = c.number)
		AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.household_id = h.id AND b.is_prefix = 0 AND b.digits = c.number)
		GROUP BY c.number HAVING c.outcome NOT IN `+inSQL(calllog.SentAway, calllog.TurnedAway)+` AND c.action <> 'turn-away' ORDER BY 3 DESC LIMIT ?3`,
		household, since.UnixMilli(), limit)
}
