package metrics

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/app/cell"
	"ringfence/calllog"
	"ringfence/config"
	"ringfence/ivr"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/outbox"
	"ringfence/web/backend"
)

// scrape asks as Prometheus does.
func scrape(t *testing.T, h http.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("it answers %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			t.Errorf("there is no line %q in\n%s", line, text)
		}
	}
}

// fixture is a household's store, whose clock stands where a test sets it.
type fixture struct {
	*testing.T
	Options
	settings config.Settings
	at       time.Time
}

func newFixture(t *testing.T, line backend.Line) *fixture {
	x := &fixture{T: t, at: time.Now().Truncate(time.Second).Add(time.Second)}
	data := t.TempDir()
	db, err := store.Open(t.Context(), filepath.Join(data, "ringfence.db"))
	x.no(err)
	t.Cleanup(func() { x.no(db.Close()) })
	x.no(db.EnsureHousehold(t.Context(), "home"))
	x.settings = config.Defaults()
	x.settings.Data, x.settings.Households = data, []config.Household{{Name: "home", Trunk: "line"}}
	x.settings.Trunks = []config.Trunk{{Name: "line"}}
	x.Options = Options{Log: slog.New(slog.DiscardHandler), Cell: &cell.Cell{
		Settings: func() config.Settings { return x.settings }, Release: "0", Store: db, Now: func() time.Time { return x.at },
		Line: func(string) backend.Line { return line }, Failed: func(what string, err error) { t.Error(what, err) },
	}}
	return x
}

func (x *fixture) no(err error) {
	x.Helper()
	if err != nil {
		x.Fatal(err)
	}
}

func (x *fixture) call(number screening.Number, name string, outcome calllog.Outcome) int64 {
	x.Helper()
	caller := screening.Caller{Number: number, Name: name, Presentation: screening.Allowed}
	id, err := x.Cell.Store.CallArrived(x.Context(), "home", string(number), x.at, screening.Identity{}, caller, screening.Verdict{}, "")
	x.no(err)
	if outcome != "" {
		x.no(x.Cell.Store.CallEnded(x.Context(), id, x.at, outcome))
	}
	return id
}

// failing is a person whose alert could not be sent.
func (x *fixture) failing() {
	x.Helper()
	p, err := x.Cell.Store.People.Add(x.Context(), "Anna", "anna@example.org")
	x.no(err)
	x.no(x.Cell.Store.SetMembership(x.Context(), "home", p.ID, store.RoleOwner, true))
	choices := outbox.Choices{Events: []outbox.Event{outbox.EventLetThrough}}
	channel, err := x.Cell.Store.Outbox.AddChannel(x.Context(), "home", p.ID, "x", "webhook", "generic://x", choices)
	x.no(err)
	cursor, err := x.Cell.Store.Outbox.Cursor(x.Context(), "home")
	x.no(err)
	told := []outbox.Alert{{Event: outbox.EventLetThrough, Source: "x", At: x.at, Text: "x"}}
	x.no(x.Cell.Store.Outbox.Enqueue(x.Context(), "home", told, cursor))
	x.no(x.Cell.Store.Outbox.ChannelFailed(x.Context(), channel, x.at, x.at, "It does not answer."))
}

// situations only knows callers.
type situations struct {
	ivr.Households
	db *store.Store
}

func (s situations) Situation(ctx context.Context, household string, number screening.Number) (screening.Household, screening.Knowledge, error) {
	return s.db.Situation(ctx, household, number)
}

func TestMetrics(t *testing.T) {
	line := backend.Line{Asterisk: backend.Part{Up: true, Known: true}, Trunk: backend.Part{Name: "line", Up: true, Known: true},
		Phones: []backend.Part{{Name: "hall", Known: true}, {Name: "bedroom"}}}
	x := newFixture(t, line)
	x.call("+442079460009", "OLD", "talked") // before it was asked
	m := New(x.Options)
	h, err := m.Handler(t.Context())
	x.no(err)
	has(t, scrape(t, h), "ringfence_asterisk_connected 1", `ringfence_trunk_up{household="home",trunk="line"} 1`, `ringfence_phone_up{household="home",phone="hall"} 0`,
		`ringfence_notify_messages_total{result="failed"} 0`, `ringfence_notify_failing{household="home"} 0`, "ringfence_calls_in_progress 0")

	open := x.call("+442079460001", "J SMITH", "")
	x.call("+442079460002", "", "accepted")
	x.at = x.at.Add(time.Minute)
	timed := m.Timed(situations{db: x.Cell.Store})
	if _, _, err := timed.Situation(t.Context(), "home", "+442079460001"); err != nil {
		t.Error(err)
	}
	x.failing()
	m.OnMessage(false)
	for range 2 { // nothing is counted twice
		got := scrape(t, h)
		has(t, got, `ringfence_calls_total{action="",household="home",outcome="accepted"} 1`, "ringfence_calls_in_progress 1", "ringfence_lookup_seconds_count 1",
			`ringfence_notify_messages_total{result="failed"} 1`, `ringfence_notify_failing{household="home"} 1`, `ringfence_notify_waiting{household="home"} 1`)
		if strings.Contains(got, `outcome="talked"`) || strings.Contains(got, "bedroom") {
			t.Errorf("it counts what was before, or tells what cannot be known:\n%s", got)
		}
		for _, personal := range []string{"207946", "SMITH", "anna"} {
			if strings.Contains(got, personal) {
				t.Errorf("%q is in it", personal)
			}
		}
		for _, name := range []string{"ringfence_build_info{", "ringfence_database_bytes ", "ringfence_disk_free_bytes ", "go_goroutines ", "process_resident_memory_bytes "} {
			if !strings.Contains(got, "\n"+name) {
				t.Errorf("there is no %s", name)
			}
		}
	}
	x.no(x.Cell.Store.CallEnded(t.Context(), open, x.at, "talked"))
	x.at = x.at.Add(time.Minute)
	has(t, scrape(t, h), `ringfence_calls_total{action="",household="home",outcome="accepted"} 1`, `ringfence_calls_total{action="",household="home",outcome="talked"} 1`)
}

// With the address taken it is tried again, and the end of the program waits for nothing.
func TestMetricsServe(t *testing.T) {
	x := newFixture(t, backend.Line{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	x.no(err)
	said := &lockedLines{lines: make(chan string, 100)}
	x.settings.Metrics.Listen, x.Log = l.Addr().String(), slog.New(slog.NewTextHandler(said, nil))
	m := New(x.Options)
	run := func() func() {
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() { m.Serve(ctx); close(over) }()
		return func() { cancel(); <-over }
	}
	stop := run()
	if line := <-said.lines; !strings.Contains(line, "calls go on, and it is tried again") {
		t.Error(line)
	}
	stop()
	x.no(l.Close())
	stop = run()
	if line := <-said.lines; !strings.Contains(line, "metrics are served") {
		t.Error(line)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+x.settings.Metrics.Listen+"/metrics", nil)
	x.no(err)
	response, err := http.DefaultClient.Do(r)
	x.no(err)
	text, err := io.ReadAll(response.Body)
	x.no(err)
	x.no(response.Body.Close())
	has(t, string(text), "ringfence_calls_in_progress 0")
	stop()
}

// lockedLines is a log whose lines a test waits for.
type lockedLines struct{ lines chan string }

func (l *lockedLines) Write(line []byte) (int, error) {
	l.lines <- string(line)
	return len(line), nil
}
