package app

import (
	"context"
	"sync"
	"time"
)

// broadcast tells subscribers that something has happened to a call or a line, but not what. However many changes there were, a slow subscriber finds
// one waiting, so that notify never blocks.
type broadcast struct {
	mu          sync.Mutex
	subscribers map[chan struct{}]bool
}

// notify tells every subscriber.
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

// subscribe sends a value after each change, at most one at a time, until cancel is called.
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

// throttlePause is how long those who need not know at once wait after each change.
const throttlePause = 2 * time.Second

// throttle passes changes on, at most one each throttlePause, and always the last.
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
