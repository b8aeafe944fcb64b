package metrics

import (
	"context"
	"maps"
	"sync"
	"time"

	"ringfence/app/endedcalls"
	"ringfence/store"
)

// callKind is the labels that calls are counted by. household is one of those with metrics of their own, or others; "" is all households together.
type callKind struct{ household, action, outcome string }

// callCount counts calls in the log when Prometheus asks: no call pays for it.
type callCount struct {
	db  *store.Store
	now func() time.Time

	mu     sync.Mutex
	begun  bool
	cursor int64 // up to which all calls are counted
	once   endedcalls.Once
	counts map[callKind]int
}

func newCallCount(db *store.Store, now func() time.Time) *callCount {
	return &callCount{db: db, now: now, once: endedcalls.Once{}, counts: map[callKind]int{}}
}

// begin has calls counted from now on.
func (c *callCount) begin(ctx context.Context) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cursor, err = c.db.LatestCall(ctx); err == nil {
		c.begun = true
	}
	return err
}

// count counts what has ended since the beginning. chosen are the households with metrics of their own at this moment. What was counted before stays with the household,
// or the others, that it was counted for: a counter that goes down looks to Prometheus like a restart.
func (c *callCount) count(ctx context.Context, chosen map[string]bool) (map[callKind]int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.read(ctx, chosen)
	maps.DeleteFunc(c.counts, func(k callKind, _ int) bool {
		return k.household != "" && k.household != others && !chosen[k.household]
	})
	return maps.Clone(c.counts), err
}

func (c *callCount) read(ctx context.Context, chosen map[string]bool) (err error) {
	if !c.begun { // the database could not be read then
		c.cursor, err = c.db.LatestCall(ctx)
		c.begun = err == nil
		return err
	}
	ends, err := c.db.CallEnds(ctx, c.cursor)
	if err != nil {
		return err
	}
	calls, whose := make([]store.LoggedCall, len(ends)), make(map[int64]string, len(ends))
	for i, e := range ends {
		calls[i], whose[e.ID] = store.LoggedCall{Call: e.Call}, e.Household
	}
	over, last := c.once.Pick(calls, c.cursor, c.now())
	for _, call := range over {
		for _, household := range []string{"", label(chosen, whose[call.ID])} {
			c.counts[callKind{household, string(call.Action), string(call.Outcome)}]++
		}
	}
	c.once.Picked(calls, over, last)
	c.cursor = last
	return nil
}
