package store

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Hits are calls, within what the log keeps of them.
type Hits struct {
	Count int
	Last  time.Time // zero: none
}

func (h *Hits) add(at time.Time) {
	h.Count++
	if at.After(h.Last) {
		h.Last = at
	}
}

// blockHits counts the calls that each block has turned away. The log names no block, so a call belongs to the one that has
// it by the rule of Store.found, of those that had been made when it came: the exact one, else the longest beginning.
func (s *Store) blockHits(ctx context.Context, household string, blocks []Block) error {
	type place struct {
		digits string
		prefix bool
	}
	at := map[place]int{}
	for i, b := range blocks {
		at[place{b.Digits, b.Prefix}] = i
	}
	find := func(digits string, international bool, moment time.Time) *Block {
		if i, found := at[place{digits, false}]; found && !blocks[i].Added.After(moment) {
			return &blocks[i]
		}
		for n := len(digits); n > 0 && international; n-- {
			if i, found := at[place{digits[:n], true}]; found && !blocks[i].Added.After(moment) {
				return &blocks[i]
			}
		}
		return nil
	}
	return sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var key, ms int64
		err := scan(&key, &ms)
		moment := time.UnixMilli(ms)
		if b := find(screening.NumberFromKey(key).Digits(), key > 0, moment); b != nil {
			b.Hits.add(moment)
		}
		return err
	}, `SELECT c.number, c.at_ms FROM households h JOIN calls c ON c.household_id = h.id
		WHERE h.name = ? AND c.action = 'turn-away' AND c.number IS NOT NULL AND c.reasons ->> '$[0].code' = 'block'`, household)
}

// CallsWithin are the calls from numbers that begin with digits, however they went: what a block on them would have met.
func (s *Store) CallsWithin(ctx context.Context, household, digits string) (hits Hits, err error) {
	first, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || first <= 0 || len(digits) > columns.MaxDigits {
		return Hits{}, err
	}
	var last sql.NullInt64
	// The numbers with one digit more are those from ten times the first to ten times the last and nine.
	err = s.read.QueryRowContext(ctx, `WITH RECURSIVE r(low, high) AS (VALUES (?2, ?2) UNION ALL
		SELECT low * 10, high * 10 + 9 FROM r WHERE high < 100000000000000)
		SELECT count(*), max(c.at_ms) FROM households h CROSS JOIN r CROSS JOIN calls c ON c.household_id = h.id AND c.number BETWEEN r.low AND r.high
		WHERE h.name = ?1`, household, first).Scan(&hits.Count, &last)
	if last.Valid {
		hits.Last = time.UnixMilli(last.Int64)
	}
	return hits, err
}

// ListHits are the calls that a shared list has to do with.
type ListHits struct {
	TurnedAway Hits // that it has turned away
	Knew       Hits // whose number it knew, whatever was done with them
}

// ListHits counts them for each of a household's lists, by its name. Calls from before reasons named their list are counted for none.
func (s *Store) ListHits(ctx context.Context, household string) (map[string]ListHits, error) {
	hits := map[string]ListHits{}
	err := sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var list string
		var decided bool
		var n int
		var ms int64
		if err := scan(&list, &decided, &n, &ms); err != nil {
			return err
		}
		one, last := hits[list], time.UnixMilli(ms)
		if decided {
			one.TurnedAway = Hits{n, last}
		}
		one.Knew.Count += n
		if last.After(one.Knew.Last) {
			one.Knew.Last = last
		}
		hits[list] = one
		return nil
	}, `SELECT r.value ->> 'list', r.key = 0 AND c.action = 'turn-away', count(*), max(c.at_ms)
		FROM households h JOIN calls c ON c.household_id = h.id JOIN json_each(c.reasons) r
		WHERE h.name = ? AND r.value ->> 'list' IS NOT NULL GROUP BY 1, 2`, household)
	return hits, err
}
