package web

import (
	"context"
	"strings"
	"sync"
	"time"

	"ringfence/calllog"
	"ringfence/store"
	"ringfence/web/backend"
)

// board is a switchboard of which a test says how its line is, and which remembers what was pressed.
type board struct {
	mu      sync.Mutex
	line    backend.Line
	of      map[string]backend.Line // of households whose line differs
	pressed []string
	refuse  error
	waiting map[chan struct{}]bool
	saying  map[int64]store.Words
}

func newBoard() *board {
	since := siteNow.Add(-4 * 24 * time.Hour)
	part := func(name string) backend.Part { return backend.Part{Name: name, Up: true, Known: true, Since: since} }
	return &board{waiting: map[chan struct{}]bool{}, line: backend.Line{
		Asterisk: part("Asterisk"), Trunk: part("bt"), Phones: []backend.Part{part("hall"), part("bedroom")},
	}}
}

func (b *board) Line(household string) backend.Line {
	b.mu.Lock()
	defer b.mu.Unlock()
	if line, differs := b.of[household]; differs {
		return line
	}
	return b.line
}

func (b *board) set(line backend.Line) {
	b.mu.Lock()
	b.line = line
	b.mu.Unlock()
	b.changed()
}

func (b *board) Press(_ context.Context, household string, _ int64, key calllog.CarerKey, by string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse != nil {
		return b.refuse
	}
	b.pressed = append(b.pressed, household+" "+string(key)+" "+by)
	return nil
}

func (b *board) Saying(_ string, call int64) store.Words {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.saying[call]
}

// says has a caller say something at this moment.
func (b *board) says(call int64, words store.Words) {
	b.mu.Lock()
	b.saying = map[int64]store.Words{call: words}
	b.mu.Unlock()
	b.changed()
}

func (b *board) Changed() (<-chan struct{}, func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := make(chan struct{}, 1)
	b.waiting[c] = true
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.waiting, c)
	}
}

func (b *board) changed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.waiting {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (b *board) log() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.pressed, "; ")
}
