package main

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

	"ringfence/store"
	"ringfence/web"
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

func TestMetrics(t *testing.T) {
	x := newTellings(t, nil, "generic://x", store.EventLetThrough)
	x.call(numbered("+442079460009", "OLD"), "talked") // before it was asked
	s := settings{Data: filepath.Dir(x.path), Households: []householdSettings{{Name: "home"}}}
	line := web.Line{Asterisk: web.Part{Up: true, Known: true}, Trunk: web.Part{Name: "line", Up: true, Known: true},
		Phones: []web.Part{{Name: "hall", Known: true}, {Name: "bedroom"}}}
	m := newMetrics(s, x.db, func(string) web.Line { return line }, slog.New(slog.NewTextHandler(io.Discard, nil)))
	m.calls.now = func() time.Time { return x.at }
	h, err := m.handler()
	x.no(err)
	has(t, scrape(t, h), "ringfence_asterisk_connected 1", `ringfence_trunk_up{household="home",trunk="line"} 1`, `ringfence_phone_up{household="home",phone="hall"} 0`,
		`ringfence_notify_messages_total{result="failed"} 0`, `ringfence_notify_failing{household="home"} 0`, "ringfence_calls_in_progress 0")

	open := x.call(numbered("+442079460001", "J SMITH"), "")
	x.call(numbered("+442079460002", ""), "accepted")
	x.at = x.at.Add(time.Minute)
	memory := timedMemory{choices{Store: x.db}, m.lookups}
	if _, _, err := memory.Situation(t.Context(), "home", "+442079460001"); err != nil {
		t.Error(err)
	}
	x.teller.became = m.became
	x.told()
	x.no(outbox{x.teller}.Failed(t.Context(), x.channel, x.at, x.at, "It does not answer."))
	for range 2 { // nothing is counted twice
		got := scrape(t, h)
		has(t, got, `ringfence_calls_total{action="",household="home",outcome="accepted"} 1`, "ringfence_calls_in_progress 1", "ringfence_lookup_seconds_count 1",
			`ringfence_notify_messages_total{result="failed"} 1`, `ringfence_notify_failing{household="home"} 1`, `ringfence_notify_waiting{household="home"} 1`)
		if strings.Contains(got, `outcome="talked"`) || strings.Contains(got, "bedroom") {
			t.Errorf("it counts what was before, or tells what cannot be known:\n%s", got)
		}
		for _, personal := range []string{"7946", "SMITH", "anna"} {
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
	x.no(x.db.CallEnded(t.Context(), open, x.at, "talked"))
	x.at = x.at.Add(time.Minute)
	has(t, scrape(t, h), `ringfence_calls_total{action="",household="home",outcome="accepted"} 1`, `ringfence_calls_total{action="",household="home",outcome="talked"} 1`)
}

// With the address taken it is tried again, and the end of the program waits for nothing.
func TestMetricsServe(t *testing.T) {
	x := newTellings(t, nil, "generic://x")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	x.no(err)
	said := &lockedLines{lines: make(chan string, 100)}
	s := settings{Data: filepath.Dir(x.path), Households: []householdSettings{{Name: "home"}}, Metrics: metricsSettings{Listen: l.Addr().String()}}
	m := newMetrics(s, x.db, func(string) web.Line { return web.Line{} }, slog.New(slog.NewTextHandler(said, nil)))
	run := func() func() {
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() { m.serve(ctx); close(over) }()
		return func() { cancel(); <-over }
	}
	stop := run()
	if line := <-said.lines; !strings.Contains(line, "calls go on, and it is tried again") {
		t.Error(line)
	}
	stop()
	x.no(l.Close())
	stop = run()
	if line := <-said.lines; !strings.Contains(line, "metrics are told") {
		t.Error(line)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Metrics.Listen+"/metrics", nil)
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

func TestMetricsSettings(t *testing.T) {
	if (metricsSettings{Listen: "a:b:c"}).validate() == nil || (metricsSettings{Listen: "127.0.0.1:x"}).validate() == nil {
		t.Error("an address that is none is taken")
	}
	if err := (metricsSettings{Listen: "127.0.0.1:9464"}).validate(); err != nil {
		t.Error(err)
	}
}
