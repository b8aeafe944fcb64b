package watch

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/store"
)

// A second shortage on the same day is told, too: messages are refused before the day is over.
func TestCarersAreToldOfEachShortage(t *testing.T) {
	const mega = 1 << 20
	var free int64
	now, n := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC), &told{}
	d := &disk{
		Options: Options{Households: func() []string { return []string{"home"} }, Notices: n, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)},
		free:    func() (int64, error) { return free, nil },
	}
	for i, step := range []struct {
		after time.Duration
		free  int64 // in MB
		told  int   // notices so far
	}{
		{0, 150, 1}, {time.Hour, 400, 1}, {5 * time.Hour, 150, 2}, {time.Minute, 400, 2}, {time.Minute, 150, 2}, {time.Hour, 150, 3}, {time.Hour, 150, 3},
	} {
		free, now = step.free*mega, now.Add(step.after)
		if err := d.look(t.Context()); err != nil || len(n.kinds) != step.told {
			t.Errorf("step %d: told %q (%v)", i, n.kinds, err)
		}
	}
	d = &disk{Options: d.Options, free: d.free} // a restart: the next one is told when there was none for a day
	for _, step := range []struct {
		after time.Duration
		told  int
	}{{time.Hour, 3}, {22 * time.Hour, 4}, {25 * time.Hour, 4}} {
		now = now.Add(step.after)
		if err := d.look(t.Context()); err != nil || len(n.kinds) != step.told {
			t.Errorf("after a restart: told %q (%v)", n.kinds, err)
		}
	}
}

// Carers are told of a disk that fills before a message is refused, and once.
func TestCarersAreToldOfADiskThatFills(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "data", "ringfence.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, h := range []string{"home", "other"} {
		if err := db.EnsureHousehold(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	const mega = 1 << 20
	var free int64
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	newWatch := func() *disk {
		return &disk{
			Options: Options{Households: func() []string { return []string{"home", "other"} }, Notices: db, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)},
			free:    func() (int64, error) { return free, nil },
		}
	}
	d := newWatch()
	for i, step := range []struct {
		free int64 // in MB
		told int   // notices so far
	}{{500, 0}, {201, 0}, {199, 1}, {150, 1}, {250, 1}, {190, 1}, {400, 1}, {180, 2}} {
		free, now = step.free*mega, now.Add(25*time.Hour)
		if err := d.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, h := range d.Households() {
			notices, err := db.Notices(t.Context(), h, 10)
			if err != nil || len(notices) != step.told {
				t.Errorf("step %d, %s: %+v (%v)", i, h, notices, err)
			}
			if len(notices) == 1 && (notices[0].Kind != store.NoticeDiskFull || !strings.Contains(notices[0].Text, "199 MB are left. Below 100 MB no messages are taken.")) {
				t.Errorf("told %+v", notices[0])
			}
		}
	}
	if free < store.LeastFree {
		t.Error("they were told when messages were refused already")
	}
	now = now.Add(time.Hour)
	if err := newWatch().look(t.Context()); err != nil { // after a restart
		t.Fatal(err)
	}
	if notices, err := db.Notices(t.Context(), "home", 10); err != nil || len(notices) != 2 {
		t.Errorf("%+v %v", notices, err)
	}
}
