package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"ringfence/config"
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

// Stopped while they wait for the set-up, the application and Asterisk's keeper end well: systemd would take anything else for a failure.
func TestStoppedBeforeTheSetUp(t *testing.T) {
	s, err := config.Read(filepath.Join(t.TempDir(), "ringfence.toml"), t.TempDir())
	if !errors.Is(err, config.ErrNoHousehold) {
		t.Fatal(err)
	}
	s.Web.Listen = ""
	ctx, stop := context.WithCancel(t.Context())
	stop()
	log := slog.New(slog.DiscardHandler)
	if err := Serve(ctx, Options{Settings: s, Out: io.Discard, Log: log}, nil); err != nil {
		t.Error(err)
	}
	if err := (AsteriskConfig{File: s.File, Data: s.Data, Dir: t.TempDir()}).Keep(ctx, io.Discard, log); err != nil {
		t.Error(err)
	}
}
