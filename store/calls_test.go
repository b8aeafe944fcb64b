package store

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store/outbox"
)

// A call is looked for by its channel while another one rings: however many calls there have been.
func TestCallsAreFoundByTheirChannel(t *testing.T) {
	s, _ := open(t)
	for _, query := range []string{goesOnQuery, overQuery} {
		var plan []string
		rows, err := s.read.Query("EXPLAIN QUERY PLAN "+query, "1.1", "turned-away")
		must(t, err)
		for rows.Next() {
			var id, parent, unused int
			var step string
			must(t, rows.Scan(&id, &parent, &unused, &step))
			plan = append(plan, step)
		}
		must(t, errors.Join(rows.Err(), rows.Close())) //nolint:sqlclosecheck // the same connection asks the next
		if all := strings.Join(plan, "; "); !strings.Contains(all, "calls_by_channel") {
			t.Errorf("%s: %s", query, all)
		}
	}
}

// Whoever asks which calls go on does not look through those that are over.
func TestOpenCallsAreFoundByThemselves(t *testing.T) {
	s, _ := open(t)
	for _, query := range []string{openCallsQuery, openChannelsQuery, screenedQuery} {
		var args []any
		if strings.Contains(query, "?") {
			args = []any{0}
		}
		if plan := s.plan(t, query, args); !strings.Contains(plan, "calls_open") || strings.Contains(plan, "SCAN h") {
			t.Errorf("%s:\n%s", query, plan)
		}
	}
}

func TestACallFromArrivalToEnd(t *testing.T) {
	s, path := open(t)
	ctx := t.Context()
	at := time.Now().Truncate(time.Millisecond)
	dirty := screening.Identity{Number: strings.Repeat("9", 10000), Name: "a\x00b\xff", Presentation: "allowed"}
	call, err := s.CallArrived(ctx, "home", "1.1", at, dirty, screening.Caller{Number: steve, Name: "Steve", Presentation: screening.Allowed}, screening.Verdict{
		Action: screening.Screen, Would: screening.Screen, Reasons: []screening.Reason{{Code: "unknown", Text: "first"}, {Code: "doubtful", Text: "second"}},
	}, "")
	must(t, err)
	if open, err := s.OpenChannels(ctx); err != nil || len(open) != 1 || open[0] != "1.1" {
		t.Error(open, err)
	}
	must(t, s.CallStep(ctx, call, at.Add(time.Second), calllog.Asked{}))
	must(t, s.Keep(ctx, call, "name", []byte("RIFF one"), time.Second))
	must(t, s.Keep(ctx, call, "name", []byte("RIFF two"), 2*time.Second))
	if s.Keep(ctx, call, "../../etc/passwd", nil, 0) == nil {
		t.Error("a recording of any kind was kept")
	}
	if found, household, err := s.CallByChannel(ctx, "1.1"); found != call || household != "home" || err != nil {
		t.Error(found, err)
	}
	if over, err := s.CallOver(ctx, "1.1"); over || err != nil {
		t.Error(over, err)
	}
	must(t, s.CallEnded(ctx, call, at.Add(time.Minute), "accepted"))
	must(t, s.CallEnded(ctx, call, at.Add(time.Hour), "interrupted")) // a second end changes nothing
	if over, err := s.CallOver(ctx, "1.1"); !over || err != nil {
		t.Error(over, err)
	}
	calls, err := s.Calls(ctx, "home", 10)
	must(t, err)
	c := calls[0]
	if !c.At.Equal(at) || c.Number != steve || c.Outcome != "accepted" || !c.Ended.Equal(at.Add(time.Minute)) || len(c.Reasons) != 2 ||
		c.Reasons[0].Text != "first" || len(c.Steps) != 1 || len(c.Recordings) != 1 || c.Recordings[0].Length != 2*time.Second || len(c.Said) > 256 {
		t.Errorf("%+v", c)
	}
	info, err := os.Stat(c.Recordings[0].Path)
	if err != nil || info.Mode().Perm() != 0o600 || filepath.Dir(c.Recordings[0].Path) != filepath.Join(filepath.Dir(path), "recordings") {
		t.Errorf("%s %v", c.Recordings[0].Path, err)
	}
	if text, _ := os.ReadFile(c.Recordings[0].Path); string(text) != "RIFF two" {
		t.Errorf("%s", text)
	}
	must(t, s.Expire(ctx, at.Add(-time.Hour)))
	if calls, _ := s.Calls(ctx, "home", 10); len(calls) != 1 {
		t.Error("a call has gone too early")
	}
	must(t, os.Chtimes(c.Recordings[0].Path, at.Add(-2*time.Hour), at.Add(-2*time.Hour)))
	must(t, s.Expire(ctx, at.Add(time.Hour)))
	if calls, _ := s.Calls(ctx, "home", 10); len(calls) != 0 {
		t.Error("a call is kept for ever")
	}
	if _, err := os.Stat(c.Recordings[0].Path); err == nil {
		t.Error("its recording is kept for ever")
	}
}

// Alerts are made of the first call after a long silence, in which all others were deleted for their age, and after a restart.
func TestTheNumberOfACallIsNotUsedAgain(t *testing.T) {
	s, _ := open(t)
	ctx, at := t.Context(), time.Now().Add(-time.Hour)
	arrives := func() int64 {
		call, err := s.CallArrived(ctx, "home", "1.1", at, screening.Identity{}, screening.Caller{}, screening.Verdict{}, "talked")
		must(t, err)
		return call
	}
	arrives()
	last := arrives()
	must(t, s.Outbox.Enqueue(ctx, "home", nil, outbox.Cursor{Call: last}))
	must(t, s.Expire(ctx, at.Add(2*time.Hour)))
	if next := arrives(); next != last+1 {
		t.Errorf("the call after %d is %d", last, next)
	}
	must(t, s.Expire(ctx, at.Add(2*time.Hour)))
	w, err := s.WriteBehind(ctx, slog.New(slog.DiscardHandler), func() {})
	must(t, err)
	defer w.Close()
	if next, err := w.CallArrived("home", "1.1", at, screening.Identity{}, screening.Caller{}, screening.Verdict{}, "talked"); next <= last || err != nil {
		t.Errorf("the call after %d is %d: %v", last, next, err)
	}
}

// A call whose end is known when it arrives is one entry; and it can go on all the same.
func TestACallThatEndsAsItArrives(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	_, err := s.CallArrived(ctx, "home", "1.1", time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, "turned-away")
	must(t, err)
	if open, err := s.OpenChannels(ctx); err != nil || len(open) != 0 {
		t.Error(open, err)
	}
	if calls, err := s.Calls(ctx, "home", 1); err != nil || calls[0].Outcome != "turned-away" || calls[0].Ended.IsZero() {
		t.Errorf("%+v %v", calls, err)
	}
	must(t, s.CallGoesOn(ctx, "1.1", "sent-away")) // which is another end
	if open, err := s.OpenChannels(ctx); err != nil || len(open) != 0 {
		t.Error(open, err)
	}
	must(t, s.CallGoesOn(ctx, "1.1", "turned-away"))
	if open, err := s.OpenChannels(ctx); err != nil || len(open) != 1 {
		t.Error(open, err)
	}
	if calls, err := s.Calls(ctx, "home", 1); err != nil || calls[0].Outcome != "" || !calls[0].Ended.IsZero() {
		t.Errorf("%+v %v", calls, err)
	}
}
