package store

import (
	"context"
	"strconv"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

// Hits counts calls that are still in the log.
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

// CallsWithin counts the calls from numbers that begin with these digits, whatever their outcome: those that a block would have stopped.
func (s *Store) CallsWithin(ctx context.Context, household, digits string) (hits Hits, err error) {
	first, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || first <= 0 || len(digits) > columns.MaxDigits {
		return Hits{}, err
	}
	// The numbers with one digit more are those from ten times the first to ten times the last and nine.
	hits, _, err = sqlite.Row(ctx, s.read, func(h *Hits) []any { return []any{&h.Count, columns.ScanMilliseconds(&h.Last)} }, `WITH RECURSIVE r(low, high) AS (VALUES (?2, ?2) UNION ALL
		SELECT low * 10, high * 10 + 9 FROM r WHERE high < 100000000000000)
		SELECT count(*), max(c.at_ms) FROM households h CROSS JOIN r CROSS JOIN calls c ON c.household_id = h.id AND c.number BETWEEN r.low AND r.high
		WHERE h.name = ?1`, household, first)
	return hits, err
}

// ListHits are the calls from numbers on a shared list.
type ListHits struct {
	TurnedAway Hits // that the list has turned away
	Knew       Hits // all of them
}

// ListHits counts the calls that each of a household's lists knew, by its name. Calls from before reasons named their list don't count.
func (s *Store) ListHits(ctx context.Context, household string) (map[string]ListHits, error) {
	hits := map[string]ListHits{}
	return hits, sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var list string
		var decided bool
		var some Hits
		err := scan(&list, &decided, &some.Count, columns.ScanMilliseconds(&some.Last))
		one := hits[list]
		if decided {
			one.TurnedAway = some
		}
		one.Knew.Count += some.Count
		if some.Last.After(one.Knew.Last) {
			one.Knew.Last = some.Last
		}
		hits[list] = one
		return err
	}, `SELECT r.value ->> 'list', r.key = 0 AND c.action = 'turn-away', count(*), max(c.at_ms)
		FROM households h JOIN calls c ON c.household_id = h.id JOIN json_each(c.reasons) r
		WHERE h.name = ? AND r.value ->> 'list' IS NOT NULL GROUP BY 1, 2`, household)
}

// Kind is a kind of callers, such as those who show no number, with what the household has chosen for it.
type Kind struct {
	Code   screening.Code
	Action screening.Action // "" leaves them to the mode
	Hits   Hits             // the calls that did not ring at once because of it
}

// Kinds lists the kinds, in the order of the rules.
func (s *Store) Kinds(ctx context.Context, household string) ([]Kind, error) {
	house, err := s.Household(ctx, household)
	if err != nil {
		return nil, err
	}
	hits := map[screening.Code]Hits{}
	err = sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var code screening.Code
		var some Hits
		err := scan(&code, &some.Count, columns.ScanMilliseconds(&some.Last))
		hits[code] = some
		return err
	}, `SELECT c.reasons ->> '$[0].code', count(*), max(c.at_ms) FROM households h JOIN calls c ON c.household_id = h.id
		WHERE h.name = ? AND c.action <> 'ring' GROUP BY 1 HAVING c.reasons ->> '$[0].code' IS NOT NULL`, household)
	var all []Kind
	for _, k := range screening.CallerKinds() {
		all = append(all, Kind{k.Code, *k.Of(&house.Policy), hits[k.Code]})
	}
	return all, err
}
