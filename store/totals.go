package store

import (
	"context"

	"ringfence/store/columns"
	"ringfence/store/sqlite"
)

const openCallsQuery = "SELECT h.name, count(*) FROM calls c JOIN households h ON h.id = c.household_id WHERE c.ended_ms IS NULL GROUP BY c.household_id"

// OpenCalls counts the calls that have no end yet, by household.
func (s *Store) OpenCalls(ctx context.Context) (map[string]int, error) {
	open := map[string]int{}
	err := sqlite.Each(ctx, s.read, func(scan func(...any) error) error {
		var household string
		var calls int
		err := scan(&household, &calls)
		open[household] = calls
		return err
	}, openCallsQuery)
	if err != nil {
		return nil, err
	}
	return open, nil
}

// CallEnd is a call of any household, with what counts of it.
type CallEnd struct {
	Household string
	Call
}

// CallEnds lists the calls of all households behind one, in the order in which they came in. Of each it has the times, what was done and how it ended.
func (s *Store) CallEnds(ctx context.Context, after int64) ([]CallEnd, error) {
	return sqlite.Rows(ctx, s.read, func(c *CallEnd) []any {
		return []any{&c.ID, &c.Household, columns.ScanMilliseconds(&c.At), &c.Action, &c.Outcome, columns.ScanMilliseconds(&c.Ended)}
	}, `SELECT c.id, h.name, c.at_ms, c.action, c.outcome, c.ended_ms FROM calls c JOIN households h ON h.id = c.household_id WHERE c.id > ? ORDER BY c.id`, after)
}

// LatestCall is the call with the highest ID; 0 where there was none.
func (s *Store) LatestCall(ctx context.Context) (call int64, err error) {
	return sqlite.Value[int64](ctx, s.read, "SELECT coalesce(max(id), 0) FROM calls")
}
