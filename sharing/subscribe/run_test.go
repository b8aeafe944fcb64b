package subscribe

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/lists"
)

// A list that asks for it is left alone; and each failure doubles the time, up to the period.
func TestBackingOff(t *testing.T) {
	p, h := subscribed(t)
	after := ""
	p.faulty(func(w http.ResponseWriter, _ *http.Request) bool {
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	for i, want := range []time.Duration{10, 20, 40, 80, 160, 320, 360, 360} {
		_, err := h.update()
		if sub := h.state(); err == nil || sub.Next.Sub(h.now) != want*time.Minute || sub.Failures != i+1 {
			t.Errorf("%d: %v %v", i, sub.Next.Sub(h.now), err)
		}
	}
	after = "86400"
	if _, err := h.update(); err == nil || h.state().Next.Sub(h.now) != 24*time.Hour {
		t.Errorf("%v %v", h.state().Next.Sub(h.now), err)
	}
	h.u.Random = func() float64 { return 0 }
	if least := h.u.around(time.Hour); least != 45*time.Minute {
		t.Error(least)
	}
	h.u.Random = func() float64 { return 0.9999 }
	if most := h.u.around(time.Hour); most < 74*time.Minute || most > 75*time.Minute {
		t.Error(most)
	}
}

// Run does what is due when it is, and at once when it is told so; and a list that is wrong keeps no other from being updated.
func TestRun(t *testing.T) {
	good, bad, h := newParish(t), newParish(t), newHome(t)
	good.publish("442079460666")
	bad.publish("442079460777")
	ctx, stop := context.WithCancel(t.Context())
	updated := make(chan string, 100)
	h.u.Log = slog.New(told{slog.NewTextHandler(io.Discard, nil), updated})
	var running sync.WaitGroup
	running.Go(func() { h.u.Run(ctx) })
	defer running.Wait()
	defer stop()
	h.subscribe(bad.source, Choices{Name: "Bad"})
	h.subscribe(good.source, Choices{Name: "Good"})
	for range 2 {
		if message := <-updated; message != "a list was updated" {
			t.Error(message)
		}
	}
	if h.verdict(steve) != screening.TurnAway {
		t.Error("the list is not in force")
	}
	bad.faulty(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); return true })
	good.publish("442079460001")
	for _, name := range []string{"Bad", "Good"} {
		h.ok(h.db.Lists.SetNext(t.Context(), "home", name, h.now.Add(-time.Hour)))
	}
	h.u.Wake()
	got := []string{<-updated, <-updated}
	slices.Sort(got)
	if !slices.Equal(got, []string{"a list could not be updated; the last good one stays in force", "a list was updated"}) || h.verdict(joan) != screening.TurnAway {
		t.Errorf("%q", got)
	}
	if wait := h.u.due(t.Context()); wait != poll {
		t.Errorf("the next look is in %v", wait)
	}
}

// Somebody wants a list to be updated now, and waits for it; or not for as long as it takes, and it is updated all the same.
func TestSoon(t *testing.T) {
	p, h := subscribed(t)
	p.publish("442079460001")
	busy, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.u.Soon(busy, "home", "Great Dunmow"); !errors.Is(err, ErrUnderWay) || !h.state().Next.Equal(h.now.Truncate(time.Second)) {
		t.Errorf("nobody runs: %v %v", err, h.state().Next)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { h.u.Run(ctx) })
	defer running.Wait()
	defer stop()
	if _, err := h.u.Soon(t.Context(), "home", "Great Dunmow"); err != nil || h.verdict(joan) != screening.TurnAway {
		t.Error(err)
	}
	if _, err := h.u.Soon(t.Context(), "home", "no such"); !errors.Is(err, lists.ErrNoSubscription) {
		t.Error(err)
	}
	p.publish("442079460666")
	reached, leave := make(chan struct{}), make(chan struct{})
	var once sync.Once
	p.faulty(func(http.ResponseWriter, *http.Request) bool {
		once.Do(func() {
			close(reached)
			<-leave
		})
		return false
	})
	impatient, goOn := context.WithCancel(t.Context())
	go func() { <-reached; goOn() }()
	if _, err := h.u.Soon(impatient, "home", "Great Dunmow"); !errors.Is(err, ErrUnderWay) {
		t.Error(err)
	}
	close(leave)
	if done, err := h.u.Soon(t.Context(), "home", "Great Dunmow"); err != nil || !done.Unchanged || h.verdict(steve) != screening.TurnAway {
		t.Errorf("%+v %v", done, err)
	}
}

// told is a log that tells each message.
type told struct {
	slog.Handler
	to chan<- string
}

func (l told) Handle(_ context.Context, r slog.Record) error { l.to <- r.Message; return nil }

func (l told) WithAttrs([]slog.Attr) slog.Handler { return l }

// A list goes stale: the carers are told of each step once, and out of date it only warns; with a new one all is well.
func TestGrowingStale(t *testing.T) {
	p, h := subscribed(t)
	p.faulty(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); return true })
	notices := func() (texts []string) {
		h.u.due(t.Context())
		h.u.due(t.Context())
		all, err := h.db.Notices(t.Context(), "home", 100)
		h.ok(err)
		for _, n := range slices.Backward(all) {
			if n.Kind != store.NoticeListStale {
				t.Errorf("%+v", n)
			}
			texts = append(texts, n.Text)
		}
		return texts
	}
	for _, step := range []struct {
		day     int
		notices int
		said    string
		verdict screening.Action
	}{
		{5, 0, "", screening.TurnAway},
		{8, 1, "could not be updated for 7 days (the server does not give the file: its answer was 500). It stays in use until 23 December 2026", screening.TurnAway},
		{20, 1, "", screening.TurnAway},
		{28, 2, "is valid until 23 December 2026, and there is no newer one", screening.TurnAway},
		{31, 3, "has been out of date since 23 December 2026: it no longer turns anybody away and only warns", screening.Screen},
		{60, 3, "", screening.Screen},
	} {
		h.now = monday.AddDate(0, 0, step.day)
		texts := notices()
		if len(texts) != step.notices || step.said != "" && !strings.Contains(texts[len(texts)-1], step.said) {
			t.Errorf("day %d: %q", step.day, texts)
		}
		if got := h.verdict(steve); got != step.verdict {
			t.Errorf("day %d: %s", step.day, got)
		}
	}
	p.faulty(nil)
	p.made = h.now
	p.publish("442079460666")
	h.now = h.now.AddDate(0, 0, 1)
	if texts := notices(); len(texts) != 3 || h.verdict(steve) != screening.TurnAway || Staleness(h.state(), h.now) != lists.StaleNothing {
		t.Errorf("%q %v", texts, h.verdict(steve))
	}
}

// A machine that starts in 1970, or years ahead, keeps its list: before its time it turns away as ever, after it it only warns; and as soon as
// the clock is right the list is got again, with nobody's help.
func TestAMachineThatDoesNotKnowTheTime(t *testing.T) {
	for _, wrong := range []struct {
		at      time.Time
		want    error
		verdict screening.Action
		notices int
	}{
		{time.Unix(90, 0), list.ErrFuture, screening.TurnAway, 0},
		{monday.AddDate(10, 0, 0), list.ErrOutdated, screening.Screen, 1},
	} {
		p, h := subscribed(t)
		p.publish("442079460666", "442079460001")
		h.now = wrong.at
		for range 3 { // as often as Run looks
			h.u.due(t.Context())
			h.now = h.now.Add(poll)
		}
		if got := h.state(); got.Serial != 1 || got.Failures != 1 || !strings.Contains(got.Error, wrong.want.Error()) || h.verdict(steve) != wrong.verdict {
			t.Errorf("%s: %+v %s", wrong.at, got, h.verdict(steve))
		}
		h.now = monday.Add(2 * time.Hour)
		h.u.due(t.Context())
		if got := h.state(); got.Serial != 2 || got.Failures != 0 || h.verdict(joan) != screening.TurnAway || Staleness(got, h.now) != lists.StaleNothing {
			t.Errorf("after %s: %+v", wrong.at, got)
		}
		if all, err := h.db.Notices(t.Context(), "home", 100); err != nil || len(all) != wrong.notices {
			t.Errorf("after %s: %+v %v", wrong.at, all, err)
		}
	}
}
