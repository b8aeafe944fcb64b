package subscribe

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aead.dev/minisign"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/sharing/list"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/store/storetest"
)

const (
	steve = screening.Number("+442079460666")
	joan  = screening.Number("+442079460001")
)

// parish is a publisher with a web server.
type parish struct {
	t      testing.TB
	dir    string
	secret minisign.PrivateKey
	source Source
	made   time.Time
	region string

	mu    sync.Mutex
	asked []string // the files that were sent whole
	fault fault
	keep  int // from how many earlier serials there are deltas; 0 as usual
}

// fault answers instead of a file, if it wants to.
type fault func(w http.ResponseWriter, r *http.Request) (it bool)

func (p *parish) faulty(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

func newParish(t testing.TB) *parish {
	t.Helper()
	public, secret, err := minisign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &parish{t: t, dir: t.TempDir(), secret: secret, made: monday, region: "GB"}
	files := http.FileServer(http.Dir(p.dir))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		instead := p.fault
		p.mu.Unlock()
		if instead != nil && instead(w, r) {
			return
		}
		// The file server's only validator has seconds, and tests are faster.
		if file, err := os.ReadFile(filepath.Join(p.dir, filepath.Base(r.URL.Path))); err == nil {
			w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprintf("%x", crc(file))))
		}
		seen := &statusOf{ResponseWriter: w}
		files.ServeHTTP(seen, r)
		if seen.status == 200 {
			p.mu.Lock()
			p.asked = append(p.asked, strings.TrimPrefix(r.URL.Path, "/"))
			p.mu.Unlock()
		}
	}))
	t.Cleanup(server.Close)
	p.source = Source{URL: server.URL + "/", Key: public.String()}
	return p
}

func crc(b []byte) (sum uint64) {
	for _, c := range b {
		sum = sum*1099511628211 + uint64(c)
	}
	return sum
}

type statusOf struct {
	http.ResponseWriter
	status int
}

func (s *statusOf) WriteHeader(status int) {
	s.status = status
	s.Header().Del("Last-Modified") // by which the file may be another one within the same second
	s.ResponseWriter.WriteHeader(status)
}

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// publish puts numbers on the list; each is "442079460666", or "44207946*" for a beginning.
func (p *parish) publish(numbers ...string) {
	p.t.Helper()
	var entries []list.Entry
	for _, n := range numbers {
		digits, prefix := strings.CutSuffix(n, "*")
		entries = append(entries, list.Entry{Digits: digits, Prefix: prefix, Category: "bank", Confidence: 0.9, Reporters: "5-9", Last: list.DayOf(p.made)})
	}
	p.publishEntries(entries...)
}

func (p *parish) publishEntries(entries ...list.Entry) list.Published {
	p.t.Helper()
	facts := list.Manifest{
		Name: "Great Dunmow", Publisher: "The parish council", Purpose: "Scams", Region: p.region, Licence: "CC0-1.0",
		Contact: "https://parish.example", Appeals: "appeals@parish.example", Made: p.made, ValidUntil: p.made.AddDate(0, 0, 30),
	}
	done, err := list.Publish(p.t.Context(), p.dir, p.secret, facts, inOrder(entries), list.Options{Deltas: p.keep})
	if err != nil {
		p.t.Fatal(err)
	}
	return done
}

// sent are the files that were sent since the last time.
func (p *parish) sent() (files []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	files, p.asked = p.asked, nil
	return files
}

// home is a household that subscribes.
type home struct {
	t   testing.TB
	db  *store.Store
	u   *Updater
	now time.Time
	log *bytes.Buffer
	at  string // the database
}

func newHome(t testing.TB) *home {
	t.Helper()
	h := &home{t: t, now: monday.Add(time.Hour), log: &bytes.Buffer{}}
	h.at = filepath.Join(t.TempDir(), "ringfence.db")
	h.ok(storetest.Ready(context.Background(), h.at, store.Open))
	db, err := store.Open(t.Context(), h.at)
	h.ok(err)
	t.Cleanup(func() { _ = db.Close() })
	h.ok(db.EnsureHousehold(t.Context(), "home"))
	h.db = db
	client := fetch.New(fetch.Options{AllowPrivate: true})
	t.Cleanup(client.Close)
	h.u = New(Options{
		Store: db, Fetch: client, Folder: t.TempDir(), Log: slog.New(slog.NewTextHandler(h.log, nil)), Now: func() time.Time { return h.now },
		House: func(string) screening.Household {
			return screening.Household{Region: "GB"}
		},
		Random: func() float64 { return 0.5 }, Again: time.Millisecond,
	})
	return h
}

func (h *home) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *home) subscribe(s Source, c Choices) lists.Subscription {
	h.t.Helper()
	sub, err := h.u.Prepare(h.t.Context(), "home", s, c)
	h.ok(err)
	h.ok(h.db.Lists.Subscribe(h.t.Context(), sub))
	h.u.Wake() // as the household's deed does
	sub, err = h.db.Lists.Subscription(h.t.Context(), "home", sub.List)
	h.ok(err)
	return sub
}

func (h *home) update() (Outcome, error) { return h.u.Update(h.t.Context(), "home", "Great Dunmow") }

func (h *home) state() lists.Subscription {
	h.t.Helper()
	sub, err := h.db.Lists.Subscription(h.t.Context(), "home", "Great Dunmow")
	h.ok(err)
	return sub
}

// verdict is what would be done with a call now.
func (h *home) verdict(number screening.Number) screening.Action {
	h.t.Helper()
	l, err := h.db.Lookup(h.t.Context(), "home", screening.Line{Region: "GB", Telecare: []screening.Number{"+441632960222"}}, string(number), h.now)
	h.ok(err)
	return l.Verdict.Action
}

// subscribed is a household with a list of Steve's number.
func subscribed(t *testing.T) (*parish, *home) {
	t.Helper()
	p, h := newParish(t), newHome(t)
	p.publish("442079460666")
	h.subscribe(p.source, Choices{})
	if done, err := h.update(); err != nil || !done.Full || done.Added != 1 {
		t.Fatalf("%+v %v", done, err)
	}
	p.sent()
	return p, h
}

func (p *parish) publishAs(serial int64, number string) {
	p.t.Helper()
	facts := list.Manifest{
		Serial: serial, Name: "Great Dunmow", Publisher: "x", Purpose: "x", Region: "GB", Licence: "x", Contact: "x", Appeals: "x", Made: p.made,
	}
	one := list.Entry{Digits: number, Category: "bank", Confidence: 0.9}
	if _, err := list.Publish(p.t.Context(), p.dir, p.secret, facts, func(yield func(list.Entry, error) bool) { yield(one, nil) }, list.Options{}); err != nil {
		p.t.Fatal(err)
	}
}

type fetcher func()

func (f fetcher) Get(context.Context, fetch.Request, io.Writer) (fetch.Answer, error) {
	f()
	return fetch.Answer{}, nil
}

func inOrder(entries []list.Entry) iter.Seq2[list.Entry, error] {
	return func(yield func(list.Entry, error) bool) {
		for _, e := range list.Sort(entries) {
			if !yield(e, nil) {
				return
			}
		}
	}
}
