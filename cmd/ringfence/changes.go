package main

import (
	"context"
	"sync"
	"time"
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
