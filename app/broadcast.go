package app

import (
	"context"
	"sync"
	"time"
)

// broadcast tells pages that something has happened in a call, or to a line: not what, nor to whom. Who is slow to look finds
// one change waiting, however many there were, so that nobody who tells has to wait.
type broadcast struct {
	mu          sync.Mutex
	subscribers map[chan struct{}]bool
}

// notify never blocks.
func (c *broadcast) notify() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for w := range c.subscribers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// subscribe brings a value after each change, at most one at a time, until cancel is called.
func (c *broadcast) subscribe() (changed <-chan struct{}, cancel func()) {
	w := make(chan struct{}, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.subscribers == nil {
		c.subscribers = map[chan struct{}]bool{}
	}
	c.subscribers[w] = true
	return w, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.subscribers, w)
	}
}

// throttlePause is how long whoever need not know at once leaves calls alone after a look.
const throttlePause = 2 * time.Second

// throttle brings changes no more often than that, and the last one always.
func throttle(ctx context.Context, changed <-chan struct{}) <-chan struct{} {
	throttled := make(chan struct{})
	go func() {
		for {
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
			select {
			case throttled <- struct{}{}:
			case <-ctx.Done():
				return
			}
			select {
			case <-time.After(throttlePause):
			case <-ctx.Done():
				return
			}
		}
	}()
	return throttled
}
