package metrics

import (
	"context"
	"maps"
	"sync"
	"time"

	"ringfence/app/endedcalls"
	"ringfence/store"
)

// callKind is the labels that calls are counted by.
type callKind struct{ household, action, outcome string }

// callCount counts calls in the log when Prometheus asks: no call pays for it.
type callCount struct {
	db  *store.Store
	now func() time.Time

	mu      sync.Mutex
	cursors map[string]int64 // by household: up to which all calls are counted
	once    endedcalls.Once
	counts  map[callKind]int
}

func newCallCount(db *store.Store, now func() time.Time) *callCount {
	return &callCount{db: db, now: now, cursors: map[string]int64{}, once: endedcalls.Once{}, counts: map[callKind]int{}}
}

// count counts what has ended since it was first asked; it is asked once at the start.
func (c *callCount) count(ctx context.Context, households []string) (map[callKind]int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, household := range households {
		if err := c.countHousehold(ctx, household); err != nil {
			return maps.Clone(c.counts), err
		}
	}
	return maps.Clone(c.counts), nil
}

func (c *callCount) countHousehold(ctx context.Context, household string) error {
	cursor, begun := c.cursors[household]
	if !begun {
		latest, err := c.db.LatestCall(ctx, household)
		c.cursors[household] = latest
		return err
	}
	for {
		calls, err := c.db.CallsAfter(ctx, household, cursor, endedcalls.LookAhead)
		if err != nil {
			return err
		}
		over, last := c.once.Pick(calls, cursor, c.now())
		for _, call := range over {
			c.counts[callKind{household, string(call.Action), string(call.Outcome)}]++
		}
		c.once.Picked(calls, over, last)
		moved := last > cursor
		cursor = last
		c.cursors[household] = last
		if len(calls) < endedcalls.LookAhead || !moved {
			return nil
		}
	}
}
