package main_test

import (
	"sync"
	"testing"
)

// turns bounds how many stages are open at a time: what people hear must not depend on how many others speak. Tests that take long go first, so
// that at the end not everybody waits for them.
type turns struct {
	mu          sync.Mutex
	free        int
	long, short []chan struct{} // those who wait, closed when it is their turn
}

// take waits for a test's turn, which is until its end.
func (t *turns) take(of *testing.T, long bool) {
	<-t.line(long)
	of.Cleanup(t.giveBack)
}

func (t *turns) line(long bool) <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	turn := make(chan struct{})
	switch {
	case t.free > 0:
		t.free--
		close(turn)
	case long:
		t.long = append(t.long, turn)
	default:
		t.short = append(t.short, turn)
	}
	return turn
}

// giveBack ends a turn, and begins the next one's.
func (t *turns) giveBack() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, waiting := range []*[]chan struct{}{&t.long, &t.short} {
		if len(*waiting) > 0 {
			close((*waiting)[0])
			*waiting = (*waiting)[1:]
			return
		}
	}
	t.free++
}
