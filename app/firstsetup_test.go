package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"
)

// A household can be set up in a browser in the first hour, and later until somebody has an account.
func TestHowLongTheSetUpIsOpen(t *testing.T) {
	nobody := func(context.Context) (bool, error) { return false, nil }
	some := func(context.Context) (bool, error) { return true, nil }
	unknown := func(context.Context) (bool, error) { return false, errors.New("locked") }
	soon, past := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	for _, test := range []struct {
		until  time.Time
		people func(context.Context) (bool, error) // nil: nothing is set up
		want   bool
	}{
		{soon, nil, true}, {past, nil, true}, {soon, some, true}, {past, nobody, true}, {past, some, false}, {past, unknown, false},
	} {
		f := &firstSetUp{until: test.until}
		if test.people != nil {
			f.next, f.people = http.NotFoundHandler(), test.people
		}
		if got := f.open(t.Context(), slog.New(slog.DiscardHandler)); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}
