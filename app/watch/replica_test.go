package watch

import (
	"log/slog"
	"testing"
	"time"

	"ringfence/store"
)

// Carers are told of a replica that is an hour behind, or has not been complete for an hour since the start, and once a week at most.
func TestCarersAreToldOfAReplicaThatFallsBehind(t *testing.T) {
	begun, n := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC), &told{}
	now, complete := begun, time.Time{}
	b := behind{
		Options: Options{Households: func() []string { return []string{"home"} }, Notices: n, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)},
		begun:   begun, complete: func() time.Time { return complete },
	}
	for i, step := range []struct {
		at       time.Duration // since the start
		complete time.Duration // until when it is; 0: not at all
		told     int           // alerts so far
	}{
		{59 * time.Minute, 0, 0}, {61 * time.Minute, 0, 1}, {3 * time.Hour, 0, 1}, {4 * time.Hour, 4 * time.Hour, 1},
		{6 * time.Hour, 4 * time.Hour, 1}, {8 * 24 * time.Hour, 4 * time.Hour, 2}, {9 * 24 * time.Hour, 9 * 24 * time.Hour, 2},
	} {
		if now = begun.Add(step.at); step.complete != 0 {
			complete = begun.Add(step.complete)
		}
		if err := b.look(t.Context()); err != nil || len(n.kinds) != step.told {
			t.Errorf("step %d: told %q (%v)", i, n.texts, err)
		}
	}
	if n.last.Kind != store.NoticeReplicaBehind {
		t.Errorf("told %+v", n.last)
	}
}
