package store

import (
	"context"
	"errors"
	"testing"
)

// What a Memo has found holds until somebody writes, through whatever connection, and an error is not kept.
func TestMemoHoldsUntilSomethingIsWritten(t *testing.T) {
	s, _ := open(t)
	looks, fails := 0, error(nil)
	var m Memo[int]
	look := func(want int) {
		t.Helper()
		_, err := m.Look(t.Context(), s, func(context.Context) (int, error) { looks++; return looks, fails })
		if !errors.Is(err, fails) || looks != want {
			t.Errorf("looked %d times, not %d: %v", looks, want, err)
		}
	}
	look(1)
	look(1)
	if err := s.EnsureHousehold(t.Context(), "one more"); err != nil {
		t.Fatal(err)
	}
	look(2)
	look(2)
	if err := s.SetOption(t.Context(), "one more", "dial_guard", true); err != nil {
		t.Fatal(err)
	}
	fails = errors.New("a fault")
	look(3)
	look(4)
	fails = nil
	look(5)
	look(5)
	if _, err := s.relaxed.ExecContext(t.Context(), "UPDATE households SET title = 'x'"); err != nil {
		t.Fatal(err)
	}
	look(6)
	if err := s.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	look(6)
}
