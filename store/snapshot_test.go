package store

import (
	"database/sql"
	"errors"
	"testing"
)

// There is one at a time: each keeps one of the few connections with which calls are looked up. The next waits for it, but not for long.
func TestOneSnapshotAtATime(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	nothing := func(*sql.Tx, int64) error { return nil }
	var inside error
	must(t, s.Snapshot(t.Context(), "home", func(*sql.Tx, int64) error {
		inside = s.Snapshot(t.Context(), "other", nothing)
		return nil
	}))
	if !errors.Is(inside, ErrOneSnapshot) {
		t.Errorf("a second one: %v", inside)
	}
	waits := make(chan error)
	must(t, s.Snapshot(t.Context(), "home", func(*sql.Tx, int64) error {
		go func() { waits <- s.Snapshot(t.Context(), "other", nothing) }()
		return nil
	}))
	must(t, <-waits)
}
