package group

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/store"
	"ringfence/store/outbox"
	"ringfence/store/storetest"
)

const aHubsKey = "rfk_4aYh3sFqZ9cVb1Lw8XkPmN2tR6uE0jDo"

// hub is a group's hub of which a test says how it answers.
type hub struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string // each request: method, path, Authorization, body
	heads  []string // of each, all else that its head has
	status int
	answer string
	header http.Header
}

func newHub(t *testing.T) *hub {
	t.Helper()
	h := &hub{}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *hub) says(status int, answer string, header ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status, h.answer, h.header = status, answer, http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.header.Set(header[i], header[i+1])
	}
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body) // a test sees what is missing
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, strings.Join(strings.Fields(r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization")+" "+string(text)), " "))
	r.Header.Del("Authorization")
	h.heads = append(h.heads, fmt.Sprint(r.Header))
	for k, v := range h.header {
		w.Header()[k] = v
	}
	w.WriteHeader(h.status)
	_, _ = io.WriteString(w, h.answer) // whoever asked may have left
}

// heard is what was asked since it was looked at last.
func (h *hub) heard() (all []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all, h.asked = h.asked, nil
	return all
}

// bench is a household with a store, a hub and a sender whose clock a test turns.
type bench struct {
	*testing.T
	*Sender
	hub *hub
	log *bytes.Buffer
	now time.Time
}

func newBench(t *testing.T) *bench {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data", "ringfence.db")
	if err := storetest.Ready(context.Background(), path, store.Open); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &bench{T: t, hub: newHub(t), log: &bytes.Buffer{}, now: time.Now()}
	reach := fetch.New(fetch.Options{AllowPrivate: true})
	t.Cleanup(reach.Close)
	b.Sender = &Sender{
		Groups: Groups{
			Store: db, Client: Client{HTTP: reach.Messages(), OwnNetwork: true}, Hold: Hold, Now: func() time.Time { return b.now },
			House: func(context.Context, string) (screening.Household, error) { return house, nil },
		},
		Log: slog.New(slog.NewTextHandler(b.log, nil)), Random: func() float64 { return 0 },
	}
	for _, h := range []string{"home", "other"} {
		b.ok(db.EnsureHousehold(t.Context(), h))
	}
	return b
}

func (b *bench) ok(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) joins(household string, earlier bool) outbox.Group {
	b.Helper()
	b.hub.says(http.StatusOK, `{"key":"`+aHubsKey+`"}`)
	a, err := b.Accept(b.Context(), household, Offer{Link: Link{URL: b.hub.URL, Invite: aSecret}, Name: "Great Dunmow"})
	b.ok(err)
	a.By = "Susan"
	if earlier {
		a.From = time.Time{}
	}
	a.ID, err = b.Store.Outbox.JoinGroup(b.Context(), a.Group, a.Key)
	b.ok(err)
	b.hub.heard()
	b.hub.says(http.StatusNoContent, "")
	return a.Group
}

// leaves leaves a group, as household.Admin does.
func (b *bench) leaves(g outbox.Group) {
	b.Helper()
	key, err := b.Store.Outbox.GroupKey(b.Context(), g.ID)
	b.ok(err)
	b.ok(b.Store.Outbox.LeaveGroup(b.Context(), g.Household, g.ID, b.now))
	b.SayLeft(b.Context(), g, key)
}

func (b *bench) reports(n screening.Number, category string) {
	b.Helper()
	b.ok(b.Store.ReportNumber(b.Context(), "home", n, category, store.ByTelephone))
}

// after turns the clock, has the sender look, and checks what the hub has heard.
func (b *bench) after(d time.Duration, want ...string) {
	b.Helper()
	b.now = b.now.Add(d)
	b.look(b.Context())
	got := b.hub.heard()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		b.Errorf("the hub heard %q, not %q; %s", got, want, b.log)
	}
}

func (b *bench) stage(want Stage) State {
	b.Helper()
	all, err := b.Store.Outbox.Groups(b.Context(), "home")
	b.ok(err)
	standings, err := b.Standings(b.Context(), all[0])
	b.ok(err)
	if len(standings) != 1 || standings[0].Stage != want {
		b.Errorf("%+v is not %s", standings, want)
		return State{}
	}
	return standings[0].State
}
