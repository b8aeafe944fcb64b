package main

import (
	"context"
	"sync"
	"time"

	"ringfence/screening"
)

// changes tells pages that something has happened in a call, or to a line: not what, nor to whom. Who is slow to look finds
// one change waiting, however many there were, so that nobody who tells has to wait.
type changes struct {
	mu      sync.Mutex
	waiting map[chan struct{}]bool
}

// tell never blocks.
func (c *changes) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for w := range c.waiting {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// wait brings a value after each change, at most one at a time, until cancel is called.
func (c *changes) wait() (changed <-chan struct{}, cancel func()) {
	w := make(chan struct{}, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting == nil {
		c.waiting = map[chan struct{}]bool{}
	}
	c.waiting[w] = true
	return w, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waiting, w)
	}
}

// calmPause is how long whoever need not know at once leaves calls alone after a look.
const calmPause = 2 * time.Second

// calm brings changes no more often than that, and the last one always.
func calm(ctx context.Context, changed <-chan struct{}) <-chan struct{} {
	calmly := make(chan struct{})
	go func() {
		for {
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
			select {
			case calmly <- struct{}{}:
			case <-ctx.Done():
				return
			}
			select {
			case <-time.After(calmPause):
			case <-ctx.Done():
				return
			}
		}
	}()
	return calmly
}

// What a call writes is in the database before it is told.

// CallArrived implements ivr.Memory.
func (c choices) CallArrived(ctx context.Context, household, channel string, at time.Time, id screening.Identity,
	caller screening.Caller, v screening.Verdict, outcome string,
) (int64, error) {
	defer c.told.tell()
	return c.Store.CallArrived(ctx, household, channel, at, id, caller, v, outcome)
}

// CallGoesOn implements ivr.Memory.
func (c choices) CallGoesOn(ctx context.Context, channel, outcome string) error {
	defer c.told.tell()
	return c.Store.CallGoesOn(ctx, channel, outcome)
}

// CallStep implements ivr.Memory.
func (c choices) CallStep(ctx context.Context, call int64, at time.Time, step, detail string) error {
	defer c.told.tell()
	return c.Store.CallStep(ctx, call, at, step, detail)
}

// CallEnded implements ivr.Memory.
func (c choices) CallEnded(ctx context.Context, call int64, at time.Time, outcome string) error {
	defer c.told.tell()
	return c.Store.CallEnded(ctx, call, at, outcome)
}

// Keep implements ivr.Memory.
func (c choices) Keep(ctx context.Context, call int64, kind string, wav []byte, length time.Duration) error {
	defer c.told.tell()
	return c.Store.Keep(ctx, call, kind, wav, length)
}
