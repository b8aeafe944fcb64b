package store

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/sound"
)

// However many strangers ring, their names take no more than their budget; the oldest go first, and none that somebody needs.
func TestNamesHaveABudget(t *testing.T) {
	s, _ := open(t)
	s.nameBudget = 5 * 3 * sound.BytesPerSecond // five of three seconds
	ctx := t.Context()
	w, _ := writeBehind(t, s)
	ring := func(household string, outcome calllog.Outcome, message bool) int64 {
		t.Helper()
		call, err := w.CallArrived(household, "1.1", time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, outcome)
		must(t, err)
		if message {
			must(t, w.Keep(ctx, call, "message", []byte("a message"), time.Second))
		}
		must(t, w.Keep(ctx, call, "name", []byte("a name"), 3*time.Second))
		return call
	}
	elsewhere := ring("other", "talked", false)
	unheard := ring("home", "message-left", true)
	underWay := ring("home", "", false)
	var all []int64
	for range 20 {
		all = append(all, ring("home", "no-name", false))
	}
	w.Close()
	kept := func(call int64) bool {
		t.Helper()
		_, err := os.Stat(s.recordings + "/" + nameOfRecording(call, "name"))
		there := err == nil
		var rows int
		must(t, s.read.QueryRow("SELECT count(*) FROM recordings WHERE call_id = ? AND kind = 'name'", call).Scan(&rows))
		if there != (rows == 1) {
			t.Errorf("call %d has %d rows, and a file: %v", call, rows, there)
		}
		return there
	}
	if !kept(elsewhere) || !kept(unheard) || !kept(underWay) {
		t.Error("a name that somebody needs is gone")
	}
	for i, call := range all {
		if want := i >= len(all)-5; kept(call) != want {
			t.Errorf("the name of call %d of %d is kept: %v", i, len(all), !want)
		}
	}
}

// The last of the disk is for the log, the database and the machine itself, not for names.
func TestNoNamesOnAFullDisk(t *testing.T) {
	s, _ := open(t)
	w, _ := writeBehind(t, s)
	defer w.Close()
	s.leastFree = 1 << 60
	call, err := w.CallArrived("home", "1.1", time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
	must(t, err)
	if err := w.Keep(context.WithoutCancel(t.Context()), call, "name", []byte("a name"), time.Second); !errors.Is(err, ErrDiskFull) {
		t.Errorf("%v", err)
	}
}
