package store

import (
	"database/sql"
	"errors"
	"testing"
)

// There is one at a time: each keeps one of the few connections with which calls are looked up.
func TestOneSnapshotAtATime(t *testing.T) {
	s, _ := open(t)
	for range 2 { // and the next when it is over
		inside := errors.New("never inside")
		must(t, s.Snapshot(t.Context(), "home", func(*sql.Tx, int64) error {
			inside = s.Snapshot(t.Context(), "other", func(*sql.Tx, int64) error { return nil })
			return nil
		}))
		if !errors.Is(inside, ErrOneSnapshot) {
			t.Errorf("a second one: %v", inside)
		}
	}
}
