package web

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/web/browse"
)

// How long every page is on a phone, in a household with a life and a stranger on the line: `make pages`.
func TestMeasureEveryPageInABrowser(t *testing.T) {
	m := browse.Measuring(t, "web")
	s := withWords(t)
	s.sounds()
	call := s.ringing()
	s.ok(s.db.KeepWords(t.Context(), call, calllog.RecordedName, saidWords, false))
	s.ok(s.db.CallStep(t.Context(), call, siteNow.Add(-10*time.Second), calllog.Script{Level: calllog.ScriptStrong, Reasons: "Says it's Microsoft. Microsoft never rings."}))
	client, b := s.as("owner"), s.browse("owner", "/h/mum/")
	measure := func(path string) {
		b.open(path)
		m.Page(b.Tab, strings.ReplaceAll(path, s.uploaded, "…"))
	}
	for _, rt := range s.allRoutes() {
		method, path := s.sample(rt.pattern, "mum")
		if method != http.MethodGet || strings.HasSuffix(path, "/live") {
			continue
		}
		a := client.get(path)
		if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && a.status == http.StatusOK {
			measure(path)
		}
	}
	measure("/h/mum/calls/" + itoa(call))
	measure("/h/mum/why?number=020+7946+0999")
	measure("/h/mum/nothing-here")
	nobody := s.browse("", "/sign-in")
	m.Page(nobody.Tab, "/sign-in")
}

// loads counts what a browser that has nothing yet asks for to show Today, and what it gets. A request counts when it has been answered: the stream
// that keeps Today up to date stays open, and nothing waits for it.
type loads struct {
	mu       sync.Mutex
	requests []string
	bytes    int
}

func (l *loads) serve(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		counted := &countedAnswer{ResponseWriter: w, loads: l}
		next.ServeHTTP(counted, r)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.requests = append(l.requests, r.URL.Path)
	})
}

// countedAnswer counts the bytes of an answer as it is sent; streams flush through it.
type countedAnswer struct {
	http.ResponseWriter
	loads *loads
}

func (w *countedAnswer) Write(p []byte) (int, error) {
	w.loads.mu.Lock()
	w.loads.bytes += len(p)
	w.loads.mu.Unlock()
	return w.ResponseWriter.Write(p)
}

func (w *countedAnswer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// The first load of Today is small: a phone in a car park may have little of a network.
func TestFirstLoadIsSmallInABrowser(t *testing.T) {
	t.Parallel()
	s := withWords(t)
	s.sounds()
	s.ringing()
	var l loads
	counted := httptest.NewServer(l.serve(s.Handler()))
	t.Cleanup(counted.Close)
	window := browse.Open(t, counted.URL, "/h/mum/", s.cookie("carer"))
	window.Until("the page with all that belongs to it", `document.readyState === "complete" && [...document.images].every((i) => i.complete)`)
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.Sort(l.requests)
	t.Logf("the first load: %d bytes, %d requests: %s", l.bytes, len(l.requests), strings.Join(l.requests, " "))
	if l.bytes > 60_000 || len(l.requests) > 4 {
		t.Errorf("the first load is %d bytes in %d requests", l.bytes, len(l.requests))
	}
}
