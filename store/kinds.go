package store

import (
	"context"
	"time"

	"ringfence/screening"
	"ringfence/store/sqlite"
)

// Kind is a kind of callers, such as those who show no number, with what the household has chosen for it.
type Kind struct {
	Code   screening.Code
	Action screening.Action // "" leaves them to the mode
	Hits   Hits             // the calls that this has kept from ringing at once
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
		var n int
		var ms int64
		err := scan(&code, &n, &ms)
		hits[code] = Hits{n, time.UnixMilli(ms)}
		return err
	}, `SELECT c.reasons ->> '$[0].code', count(*), max(c.at_ms) FROM households h JOIN calls c ON c.household_id = h.id
		WHERE h.name = ? AND c.action <> 'ring' GROUP BY 1 HAVING c.reasons ->> '$[0].code' IS NOT NULL`, household)
	var all []Kind
	for _, k := range screening.CallerKinds() {
		all = append(all, Kind{k.Code, *k.Of(&house.Policy), hits[k.Code]})
	}
	return all, err
}
