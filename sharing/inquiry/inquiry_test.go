package inquiry

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/sharing/fetch"
	"ringfence/sharing/phoneblock"
	"ringfence/sharing/phoneblock/phoneblocktest"
	"ringfence/store"
	"ringfence/store/lists"
)

const (
	steve = screening.Number("+442079460666")
	joan  = screening.Number("+442079460001")
)

// house is a household that asks a server.
type house struct {
	*Asker
	*phoneblocktest.Server
	t    *testing.T
	db   *store.Store
	path string
	now  time.Time
	log  *bytes.Buffer
}

func newHouse(t *testing.T) *house {
	h := &house{Server: phoneblocktest.New(t), t: t, path: filepath.Join(t.TempDir(), "ringfence.db"), now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), log: &bytes.Buffer{}}
	h.begins()
	ctx := t.Context()
	for _, name := range []string{"home", "silent"} {
		h.ok(h.db.EnsureHousehold(ctx, name))
		h.ok(h.db.Lists.SubscribeBlocklist(ctx, lists.Subscription{Household: name, List: "PhoneBlock", URL: h.URL + "/", Period: time.Hour, Begun: h.now, Next: h.now}, phoneblocktest.Key))
	}
	h.ok(h.db.Lists.AskOfCallers(ctx, "home", "PhoneBlock", true))
	h.Knows(string(steve), "G_FRAUD", 4)
	return h
}

// begins is the program's beginning: nothing is left but the database.
func (h *house) begins() {
	if h.db != nil {
		h.ok(h.db.Close())
	}
	db, err := store.Open(h.t.Context(), h.path)
	h.ok(err)
	h.t.Cleanup(func() { _ = db.Close() })
	client := fetch.New(fetch.Options{AllowPrivate: true})
	h.t.Cleanup(client.Close)
	h.db = db
	h.Asker = &Asker{Store: db, Fetch: client, Log: slog.New(slog.NewTextHandler(h.log, nil)), Now: func() time.Time { return h.now }}
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// says checks what comes of asking; it was asked, or not.
func (h *house) says(n screening.Number, want string, asked int) {
	h.t.Helper()
	said, spam := h.LookupSpam(h.t.Context(), "home", n)
	if got := fmt.Sprint(said, " ", spam); got != want {
		h.t.Errorf("%s: %q, not %q", n, got, want)
	}
	all := h.Asked()
	if len(all) != asked {
		h.t.Errorf("%s: asked %q", n, all)
	}
	for _, one := range all {
		if one != strings.TrimPrefix(strings.Replace(phoneblock.CheckURL("", n), "format=json", "", 1), "phoneblock/api/") {
			h.t.Errorf("asked %q", one)
		}
	}
}

const none = " false"

func TestAsking(t *testing.T) {
	h := newHouse(t)
	h.says(steve, "PhoneBlock: 4 votes, fraud true", 1)
	h.says(joan, "PhoneBlock knows nothing against this number false", 1)
	// Once a day, also after the program has begun anew.
	h.Knows(string(joan), "G_FRAUD", 40)
	h.begins()
	h.now = h.now.Add(23 * time.Hour)
	h.says(steve, "PhoneBlock: 4 votes, fraud true", 0)
	h.says(joan, "PhoneBlock knows nothing against this number false", 0)
	h.now = h.now.Add(time.Hour)
	h.says(joan, "PhoneBlock: 40 votes, fraud true", 1)
	if said, _ := h.LookupSpam(t.Context(), "silent", steve); said != "" || len(h.Asked()) != 0 {
		t.Errorf("a household that has not chosen so asks: %q", said)
	}
	h.ok(h.db.Lists.AskOfCallers(t.Context(), "home", "PhoneBlock", false))
	h.says("+442079460777", none, 0)
	for _, secret := range []string{phoneblocktest.Key, "207946", "sha1="} {
		if strings.Contains(h.log.String(), secret) {
			t.Errorf("the log has %s: %s", secret, h.log)
		}
	}
}

// The database has no number that was asked of, and after a day nothing.
func TestNoNumberIsKept(t *testing.T) {
	h := newHouse(t)
	h.says(steve, "PhoneBlock: 4 votes, fraud true", 1)
	if a, b := MarkOf("a key", steve), MarkOf("another", steve); bytes.Equal(a, b) || len(a) != 16 {
		t.Errorf("%x %x", a, b)
	}
	before, isNew, err := h.db.Lists.BeginInquiry(t.Context(), "home", MarkOf(phoneblocktest.Key, steve), h.now, 1)
	if isNew || err != nil || !before.Spam {
		t.Errorf("%+v %v %v", before, isNew, err)
	}
}

func TestNoMoreThanSoManyADay(t *testing.T) {
	h := newHouse(t)
	number := func(i int) screening.Number { return screening.Number(fmt.Sprintf("+4420794610%02d", i)) }
	for i := range dailyMost {
		h.says(number(i), "PhoneBlock knows nothing against this number false", 1)
	}
	h.says(steve, none, 0)
	h.begins()
	h.says(steve, none, 0)
	h.says(number(3), "PhoneBlock knows nothing against this number false", 0)
	h.now = h.now.Add(24 * time.Hour)
	h.says(steve, "PhoneBlock: 4 votes, fraud true", 1)
}

// What goes wrong ends in nothing known, and in peace for PhoneBlock.
func TestServersThatAreOfNoHelp(t *testing.T) {
	for what, fault := range map[string]phoneblocktest.Fault{
		"a refusal": phoneblocktest.Status(http.StatusUnauthorized), "busy": phoneblocktest.Status(http.StatusTooManyRequests),
		"a page": phoneblocktest.Answer("<html>"), "another kind": phoneblocktest.Answer(`{"votes":"many"}`), "NUL": phoneblocktest.Answer("{\"votes\":\x00}"),
		"a huge one": phoneblocktest.Answer(`{"votes":9,"label":"` + strings.Repeat("x", 1<<20) + `"}`),
		"another server": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "http://127.0.0.9:9/", http.StatusFound)
			return true
		},
	} {
		h := newHouse(t)
		h.Fails(fault)
		h.says(steve, noAnswer+none, 1)
		h.says(joan, none, 0) // left alone
		h.Fails(nil)
		h.now = h.now.Add(firstPause)
		h.says(joan, "PhoneBlock knows nothing against this number false", 1)
		h.says(steve, none, 0) // once a day all the same
		if strings.Contains(h.log.String(), phoneblocktest.Key) || !strings.Contains(h.log.String(), "gave no answer") {
			t.Errorf("%s: %s", what, h.log)
		}
	}
}

func TestPauses(t *testing.T) {
	h := newHouse(t)
	h.Fails(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	h.says(steve, noAnswer+none, 1)
	h.now = h.now.Add(2*time.Hour - time.Second)
	h.says(joan, none, 0)
	h.now = h.now.Add(time.Second)
	h.Fails(phoneblocktest.Status(http.StatusInternalServerError))
	h.says(joan, noAnswer+none, 1)
	h.now = h.now.Add(2*firstPause - time.Second)
	h.says("+442079460003", none, 0)
	h.now = h.now.AddDate(-1, 0, 0) // it was wrong
	h.says("+442079460003", noAnswer+none, 1)
}

// There are a few at a time; the rest are not asked, and do not wait.
func TestAFewAtATime(t *testing.T) {
	h := newHouse(t)
	asked, enough := make(chan bool), make(chan bool)
	h.Fails(func(_ http.ResponseWriter, r *http.Request) bool {
		asked <- true
		select {
		case <-enough:
		case <-r.Context().Done():
		}
		return false
	})
	answers := make(chan string, AtOnce)
	h.Fetch = fetch.New(fetch.Options{AllowPrivate: true, AtOnce: AtOnce})
	for i := range AtOnce {
		go func() {
			said, _ := h.LookupSpam(t.Context(), "home", screening.Number(fmt.Sprintf("+4420794610%02d", i)))
			answers <- said
		}()
	}
	for range AtOnce {
		<-asked
	}
	h.Asked()
	h.says(steve, none, 0)
	close(enough)
	for range AtOnce {
		if said := <-answers; said != "PhoneBlock knows nothing against this number" {
			t.Error(said)
		}
	}
	h.Fails(nil)
	h.says(steve, "PhoneBlock: 4 votes, fraud true", 1)
}
