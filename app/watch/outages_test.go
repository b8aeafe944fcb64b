package watch

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"ringfence/store"
	"ringfence/web/backend"
)

// told keeps the notices of a household.
type told struct {
	kinds []string
	texts []string
	last  store.Notice
	asked int // for the last ones
	err   error
}

func (n *told) AddNotice(_ context.Context, _ string, at time.Time, kind, text string, _ int64) error {
	if n.err != nil {
		return n.err
	}
	n.kinds, n.texts, n.last = append(n.kinds, kind), append(n.texts, text), store.Notice{Kind: kind, At: at}
	return nil
}

func (n *told) AddNotices(ctx context.Context, households []string, at time.Time, kind, text string) error {
	for _, household := range households {
		if err := n.AddNotice(ctx, household, at, kind, text, 0); err != nil {
			return err
		}
	}
	return nil
}

func (n *told) LastNotices(context.Context, ...string) (map[string]store.Notice, error) {
	n.asked++
	if n.last.Kind == "" {
		return map[string]store.Notice{}, n.err
	}
	return map[string]store.Notice{"home": n.last}, n.err
}

// A line that is down is told after five minutes and once, and once that it is up again.
func TestOutageIsToldOnce(t *testing.T) {
	up := backend.Part{Up: true, Known: true}
	gone, adapter := backend.Part{Known: true}, backend.Part{Known: true, Address: "192.168.1.20"}
	well := backend.Line{Asterisk: up, Trunk: up, Phones: []backend.Part{up, up}}
	for name, c := range map[string]struct {
		line  backend.Line
		after time.Duration // until carers are told; 0: they are not
	}{
		"without Asterisk":         {backend.Line{Phones: []backend.Part{{}}}, outageAfter},
		"without the trunk":        {backend.Line{Asterisk: up, Trunk: gone, Phones: []backend.Part{up}}, outageAfter},
		"without the adapter":      {backend.Line{Asterisk: up, Trunk: adapter, Phones: []backend.Part{up}}, adapterAfter},
		"without telephones":       {backend.Line{Asterisk: up, Trunk: up, Phones: []backend.Part{gone, gone}}, outageAfter},
		"without one of two":       {backend.Line{Asterisk: up, Trunk: up, Phones: []backend.Part{gone, up}}, 0},
		"trunk not known":          {backend.Line{Asterisk: up, Phones: []backend.Part{up}}, 0},
		"one telephone not known":  {backend.Line{Asterisk: up, Trunk: up, Phones: []backend.Part{gone, {}}}, 0},
		"a line without telephone": {backend.Line{Asterisk: up, Trunk: up}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			now, line, n := time.Unix(0, 0), well, &told{}
			o := newOutages(n, &now, &line)
			look := func(after time.Duration, want ...string) {
				t.Helper()
				now = now.Add(after)
				if err := o.look(t.Context(), "home"); err != nil {
					t.Error(err)
				}
				if !slices.Equal(n.kinds, want) {
					t.Fatalf("told %q, not %q", n.kinds, want)
				}
			}
			look(0)
			line = c.line
			look(time.Second)
			if c.after > 0 {
				look(c.after - time.Second)
			} else {
				look(time.Hour)
				return
			}
			line = well // back in time
			look(time.Second)
			line = c.line
			look(time.Second)
			look(c.after, "line-down")
			look(time.Hour, "line-down")
			o = newOutages(n, &now, &line) // a restart tells nothing anew
			look(time.Hour, "line-down")
			line = well
			look(time.Minute, "line-down", "line-up")
			if want := "The line is up again. It was down for 2 hours."; n.texts[1] != want {
				t.Errorf("%q, not %q", n.texts[1], want)
			}
			look(time.Hour, "line-down", "line-up")
		})
	}
}

// A clock that is set back during an outage, while this program is not running, makes no outage of minus a year.
func TestOutageWhileTheClockIsSetBack(t *testing.T) {
	now, line, n := time.Unix(1e9, 0), backend.Line{}, &told{}
	if err := n.AddNotice(t.Context(), "home", now.AddDate(1, 0, 0), store.NoticeLineDown, "down", 0); err != nil {
		t.Fatal(err)
	}
	o := newOutages(n, &now, &line)
	line = backend.Line{Asterisk: backend.Part{Up: true, Known: true}, Trunk: backend.Part{Unchecked: true}}
	if err := o.look(t.Context(), "home"); err != nil || n.texts[1] != "The line is up again." {
		t.Errorf("%v %q", err, n.texts)
	}
}

// Just after a start nothing is known yet. That ends no outage, and none begins anew after it.
func TestOutageAcrossAStart(t *testing.T) {
	up, gone := backend.Part{Up: true, Known: true}, backend.Part{Known: true}
	down, started := backend.Line{Asterisk: up, Trunk: gone}, backend.Line{Asterisk: up}
	for name, c := range map[string]struct {
		lines []backend.Line // each a minute less 10 s after the one before
		want  []string
	}{
		"alerted already": {[]backend.Line{down, down, down, down, down, down, down, started, down, down}, []string{"line-down"}},
		"not alerted yet": {[]backend.Line{down, down, down, down, started, down, down, down}, []string{"line-down"}},
		"up again":        {[]backend.Line{down, down, down, down, down, down, down, started, {Asterisk: up, Trunk: up}}, []string{"line-down", "line-up"}},
		"never known":     {[]backend.Line{down, down, down, down, down, down, down, started, started, started}, []string{"line-down", "line-up"}},
	} {
		now, line, n := time.Unix(0, 0), backend.Line{}, &told{}
		o := newOutages(n, &now, &line)
		for i, l := range c.lines {
			if l.Asterisk.Up && !l.Trunk.Known && i == 7 && len(n.kinds) > 0 {
				o = newOutages(n, &now, &line) // the program starts, too
			}
			line, now = l, now.Add(checkedIn-outageEvery)
			if err := o.look(t.Context(), "home"); err != nil {
				t.Error(err)
			}
		}
		if !slices.Equal(n.kinds, c.want) {
			t.Errorf("%s: told %q, not %q", name, n.kinds, c.want)
		}
	}
}

func newOutages(n *told, now *time.Time, line *backend.Line) *outages {
	return &outages{
		Options: Options{Households: func() []string { return []string{"home"} }, Notices: n, Now: func() time.Time { return *now }, Log: slog.New(slog.DiscardHandler)},
		line:    func(string) backend.Line { return *line }, down: map[string]outage{},
	}
}

// What was told before a restart is asked for once, for all households.
func TestOutagesAreAskedForTogether(t *testing.T) {
	now, line, n := time.Unix(1e9, 0), backend.Line{}, &told{}
	o := newOutages(n, &now, &line)
	o.Households = func() []string { return []string{"home", "next door", "the old mill"} }
	for range 2 {
		if err := o.lookAtAll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n.asked != 1 {
		t.Errorf("asked %d times", n.asked)
	}
}

// What could not be written is written later.
func TestOutageThatCannotBeTold(t *testing.T) {
	now, line, n := time.Unix(0, 0), backend.Line{}, &told{}
	o := newOutages(n, &now, &line)
	ctx, end := context.WithCancel(t.Context())
	o.every(ctx, time.Hour, func(ctx context.Context) error { defer end(); return o.lookAtAll(ctx) }, "failed")
	n.err, now = errors.New("disk full"), now.Add(outageAfter)
	if err := o.look(t.Context(), "home"); err == nil {
		t.Error("it was told")
	}
	n.err = nil
	if err := o.look(t.Context(), "home"); err != nil || !slices.Equal(n.kinds, []string{"line-down"}) {
		t.Errorf("%v %q", err, n.kinds)
	}
}

func TestMinutes(t *testing.T) {
	for d, want := range map[time.Duration]string{
		5 * time.Minute: "5 minutes", 119 * time.Minute: "119 minutes", 2 * time.Hour: "2 hours", 49 * time.Hour: "2 days",
	} {
		if got := minutes(d); got != want {
			t.Errorf("%s: %q, not %q", d, got, want)
		}
	}
}
