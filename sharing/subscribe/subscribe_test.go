package subscribe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
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
	p := &parish{t: t, dir: t.TempDir(), secret: secret, made: monday}
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
	p.source = Source{server.URL + "/", public.String()}
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
		Name: "Great Dunmow", Publisher: "The parish council", Purpose: "Scams", Region: "GB", Licence: "CC0-1.0",
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
	h.ok(storetest.Ready(h.at, func(path string) (io.Closer, error) { return store.Open(context.Background(), path) }))
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
			return screening.Household{Region: "GB", Telecare: []screening.Number{"+441632960222"}}
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
	l, err := h.db.Lookup(h.t.Context(), "home", screening.Line{Region: "GB"}, string(number), h.now)
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

func TestSubscribing(t *testing.T) {
	p, h := newParish(t), newHome(t)
	p.publish("442079460666", "442079461*")
	m, err := h.u.Look(t.Context(), p.source)
	if err != nil || m.Name != "Great Dunmow" || m.Entries != 2 {
		t.Errorf("%+v %v", m, err)
	}
	sub := h.subscribe(p.source, Choices{By: "Susan"})
	if sub.List != "Great Dunmow" || sub.Publisher != "The parish council" || sub.Period != UsualPeriod || sub.By != "Susan" || sub.Serial != 0 || sub.OnlyWarns {
		t.Errorf("%+v", sub)
	}
	p.sent()
	done, err := h.update()
	if want := (Outcome{Full: true, Serial: 1, Counts: lists.Counts{Added: 2, Entries: 2}}); err != nil || fmt.Sprint(done) != fmt.Sprint(want) {
		t.Errorf("%+v %v", done, err)
	}
	if files := p.sent(); !slices.Equal(files, []string{"manifest.json", "manifest.json.minisig", "full-1.ndjson.gz"}) {
		t.Errorf("%v", files)
	}
	if h.verdict(steve) != screening.TurnAway || h.verdict(joan) != screening.Screen || h.verdict("+442079461999") != screening.TurnAway {
		t.Error("the list is not in force")
	}
	h.now = h.now.Add(time.Hour)
	done, err = h.update()
	if err != nil || !done.Unchanged || len(p.sent()) != 0 {
		t.Errorf("what has not changed is got again: %+v %v", done, err)
	}
	p.made = p.made.Add(time.Hour)
	p.publish("442079460001", "442079461*")
	done, err = h.update()
	if want := (Outcome{Serial: 2, Counts: lists.Counts{Added: 1, Removed: 1, Entries: 2}}); err != nil || fmt.Sprint(done) != fmt.Sprint(want) {
		t.Errorf("%+v %v", done, err)
	}
	if files := p.sent(); !slices.Equal(files, []string{"manifest.json", "manifest.json.minisig", "delta-1-2.ndjson.gz"}) {
		t.Errorf("%v", files)
	}
	if h.verdict(steve) != screening.Screen || h.verdict(joan) != screening.TurnAway {
		t.Error("the change is not in force")
	}
	if sub = h.state(); sub.Serial != 2 || sub.Entries != 2 || !sub.Checked.Equal(h.now) || !sub.Changed.Equal(h.now) || !sub.Next.Equal(h.now.Add(UsualPeriod)) || sub.Failures != 0 {
		t.Errorf("%+v", sub)
	}
	if files, err := os.ReadDir(h.u.Folder); err != nil || len(files) != 0 {
		t.Errorf("files are left: %v %v", files, err)
	}
}

// Whoever was away for longer than there are deltas gets the full list.
func TestTooFarBehind(t *testing.T) {
	p, h := subscribed(t)
	p.keep = 2
	for i := range 4 {
		p.made = p.made.Add(time.Minute)
		p.publish(fmt.Sprint(442079460100 + i))
	}
	h.now = p.made
	done, err := h.update()
	if err != nil || !done.Full || done.Serial != 5 || done.Added != 1 || done.Removed != 1 || h.verdict("+442079460103") != screening.TurnAway {
		t.Errorf("%+v %v", done, err)
	}
}

// Nothing that a server sends, or that comes to be on the way, changes what is in force unless all of it is right; what is wrong is
// said, and when all is right again the list goes on.
func TestWhatIsWrongChangesNothing(t *testing.T) {
	old := func(p *parish) map[string][]byte {
		files := map[string][]byte{}
		for _, name := range []string{list.ManifestFile, list.SignatureFile} {
			files[name], _ = os.ReadFile(filepath.Join(p.dir, name))
		}
		return files
	}
	replay := func(p *parish, files map[string][]byte) {
		p.faulty(func(w http.ResponseWriter, r *http.Request) bool {
			text, ours := files[filepath.Base(r.URL.Path)]
			if ours {
				_, _ = w.Write(text)
			}
			return ours
		})
	}
	instead := func(part string, answer func(http.ResponseWriter)) func(*testing.T, *parish, *home) {
		return func(_ *testing.T, p *parish, _ *home) {
			p.publish("442079460001")
			p.faulty(func(w http.ResponseWriter, r *http.Request) bool {
				if it := strings.Contains(r.URL.Path, part); !it {
					return false
				}
				answer(w)
				return true
			})
		}
	}
	for what, test := range map[string]struct {
		spoil func(t *testing.T, p *parish, h *home)
		want  error
	}{
		"another's key": {func(_ *testing.T, p *parish, _ *home) {
			p.publish("442079460001")
			_, p.secret, _ = minisign.GenerateKey(nil)
			_ = os.Remove(filepath.Join(p.dir, list.ManifestFile))
			p.publish("442079460001")
		}, list.ErrSignature},
		"no signature": {func(t *testing.T, p *parish, _ *home) {
			p.publish("442079460001")
			if err := os.Remove(filepath.Join(p.dir, list.SignatureFile)); err != nil {
				t.Fatal(err)
			}
		}, ErrNoSignature},
		"a changed manifest": {func(t *testing.T, p *parish, _ *home) {
			p.publish("442079460001")
			file := filepath.Join(p.dir, list.ManifestFile)
			text, _ := os.ReadFile(file)
			if err := os.WriteFile(file, bytes.Replace(text, []byte(`"serial": 2`), []byte(`"serial": 3`), 1), 0o600); err != nil {
				t.Fatal(err)
			}
		}, list.ErrSignature},
		"an old list once more": {func(_ *testing.T, p *parish, h *home) {
			before := old(p)
			p.publish("442079460666", "442079460002")
			if _, err := h.update(); err != nil {
				panic(err)
			}
			replay(p, before)
		}, list.ErrOlder},
		"past its time": {func(_ *testing.T, p *parish, h *home) {
			p.publish("442079460001")
			h.now = monday.AddDate(0, 0, 30)
		}, list.ErrOutdated},
		"from the future": {func(_ *testing.T, p *parish, _ *home) {
			p.made = monday.AddDate(0, 1, 0)
			p.publish("442079460001")
		}, list.ErrFuture},
		"too large": {func(_ *testing.T, p *parish, h *home) {
			p.publish("442079460001", "442079460002")
			h.u.Limits.Entries = 1
		}, list.ErrTooLarge},
		"a manifest without end": {instead(list.ManifestFile, func(w http.ResponseWriter) {
			_, _ = w.Write(make([]byte, list.MaxManifest+1))
		}), fetch.ErrTooLarge},
		"nothing there": {instead("/", func(w http.ResponseWriter) { w.WriteHeader(404) }), fetch.ErrAnswer},
		"parts gone":    {instead(".gz", func(w http.ResponseWriter) { w.WriteHeader(404) }), fetch.ErrAnswer},
		"another part":  {instead(".gz", func(w http.ResponseWriter) { _, _ = io.WriteString(w, "x") }), list.ErrPart},
		"a part without end": {instead(".gz", func(w http.ResponseWriter) {
			_, _ = w.Write(make([]byte, 1<<20))
		}), fetch.ErrTooLarge},
		"cut off": {instead(".gz", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "x")
			panic(http.ErrAbortHandler)
		}), fetch.ErrCutOff},
		"a full disk": {func(_ *testing.T, p *parish, h *home) {
			p.publish("442079460001")
			h.u.Folder = filepath.Join(h.u.Folder, "not there")
		}, os.ErrNotExist},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p, h := subscribed(t)
			good, folder, limits := p.secret, h.u.Folder, h.u.Limits
			test.spoil(t, p, h)
			before, now := h.state(), h.now
			done, err := h.update()
			if !errors.Is(err, test.want) {
				t.Errorf("%+v %v, want %v", done, err, test.want)
			}
			after := h.state()
			if after.Failures != 1 || after.Error == "" || !after.Next.Equal(now.Add(firstAgain)) {
				t.Errorf("%+v", after)
			}
			after.Failures, after.Error, after.Next = before.Failures, before.Error, before.Next
			if after != before {
				t.Errorf("%+v\nwas\n%+v", after, before)
			}
			h.now = monday.Add(2 * time.Hour)
			if h.verdict(steve) != screening.TurnAway || h.verdict(joan) != screening.Screen {
				t.Error("the last good list is not in force")
			}
			// All is well again.
			p.faulty(nil)
			p.secret, h.u.Folder, h.u.Limits = good, folder, limits
			p.made = monday.Add(2 * time.Hour)
			_ = os.Remove(filepath.Join(p.dir, list.ManifestFile))
			_ = os.Remove(filepath.Join(p.dir, list.SignatureFile))
			p.publishAs(10, "442079460001")
			if done, err := h.update(); err != nil || h.verdict(joan) != screening.TurnAway || h.verdict(steve) != screening.Screen {
				t.Errorf("%+v %v", done, err)
			}
			if after := h.state(); after.Failures != 0 || after.Error != "" {
				t.Errorf("%+v", after)
			}
		})
	}
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

// A delta that cannot be had is no reason to stay behind.
func TestTheFullListInsteadOfABrokenDelta(t *testing.T) {
	for what, answer := range map[string]func(http.ResponseWriter){
		"gone":   func(w http.ResponseWriter) { w.WriteHeader(404) },
		"broken": func(w http.ResponseWriter) { _, _ = io.WriteString(w, "x") },
	} {
		p, h := subscribed(t)
		p.publish("442079460001")
		p.faulty(func(w http.ResponseWriter, r *http.Request) bool {
			it := strings.Contains(r.URL.Path, "delta")
			if it {
				answer(w)
			}
			return it
		})
		if done, err := h.update(); err != nil || !done.Full || h.verdict(joan) != screening.TurnAway || h.verdict(steve) != screening.Screen {
			t.Errorf("%s: %+v %v", what, done, err)
		}
	}
}

// A publication under way: for a moment the signature is the new manifest's and the manifest the old one.
func TestAPublicationUnderWay(t *testing.T) {
	p, h := subscribed(t)
	before, err := os.ReadFile(filepath.Join(p.dir, list.ManifestFile))
	h.ok(err)
	p.publish("442079460001")
	times := 0
	p.faulty(func(w http.ResponseWriter, r *http.Request) bool {
		if filepath.Base(r.URL.Path) != list.ManifestFile {
			return false
		}
		times++
		if times > 1 {
			return false
		}
		_, _ = w.Write(before)
		return true
	})
	if done, err := h.update(); err != nil || done.Serial != 2 || times != 2 {
		t.Errorf("%+v %v", done, err)
	}
}

// The same serial signed anew with more time is taken up; an old manifest of it, with less, changes nothing.
func TestAListThatIsRenewed(t *testing.T) {
	p, h := subscribed(t)
	files := func() map[string][]byte {
		all := map[string][]byte{}
		for _, name := range []string{list.ManifestFile, list.SignatureFile} {
			text, err := os.ReadFile(filepath.Join(p.dir, name))
			h.ok(err)
			all[name] = text
		}
		return all
	}
	before := files()
	for name := range before {
		h.ok(os.Remove(filepath.Join(p.dir, name)))
	}
	p.made = monday.AddDate(0, 0, 20)
	h.now = p.made.Add(time.Hour)
	p.publishAs(1, "442079460666")
	if done, err := h.update(); err != nil || !done.Unchanged || !h.state().ValidUntil.Equal(p.made.AddDate(0, 0, 30)) {
		t.Errorf("%+v %v %+v", done, err, h.state())
	}
	for name, text := range before {
		h.ok(os.WriteFile(filepath.Join(p.dir, name), text, 0o600))
	}
	if done, err := h.update(); err != nil || !done.Unchanged || !h.state().ValidUntil.Equal(p.made.AddDate(0, 0, 30)) {
		t.Errorf("%+v %v %+v", done, err, h.state())
	}
}

// What may be on no list is left out of one all the same, whoever has signed it: here with a key of their own and no guard.
func TestWhatMayBeOnNoList(t *testing.T) {
	p, h := subscribed(t)
	p.publishEntries(list.Entry{Digits: "442079460666", Confidence: 1}, list.Entry{Digits: "441632960222", Confidence: 1},
		list.Entry{Digits: "442079460001", Confidence: 1, Expires: list.DayOf(monday.AddDate(0, 0, 10))},
		list.Entry{Digits: "442079460002", Confidence: 1, Expires: list.DayOf(monday.AddDate(0, 0, 1))})
	h.now = monday.AddDate(0, 0, 1) // which has come
	done, err := h.update()
	if err != nil || done.Refused != 1 || done.Entries != 2 || len(done.Refusals) != 1 || !strings.Contains(fmt.Sprint(done.Refusals), "alarm centre") {
		t.Errorf("%+v %v", done, err)
	}
	h.now = monday.AddDate(0, 0, 9)
	if h.verdict(joan) != screening.TurnAway || h.verdict("+441632960222") == screening.TurnAway {
		t.Error("the wrong ones are turned away")
	}
	h.now = monday.AddDate(0, 0, 10)
	if h.verdict(joan) != screening.Screen {
		t.Error("an entry that has expired turns away")
	}
	h.ok(h.db.AddContact(t.Context(), "home", "Steve", steve))
	if h.verdict(steve) != screening.Ring {
		t.Error("a list turns a contact away")
	}
}

// A list that nobody has signed warns; with the owner's word it turns away, from an encrypted address or from home.
func TestAListThatIsNotSigned(t *testing.T) {
	p, h := newParish(t), newHome(t)
	p.publish("442079460666")
	p.source.Key = ""
	h.subscribe(p.source, Choices{})
	if _, err := h.update(); err != nil || h.verdict(steve) != screening.Screen {
		t.Errorf("%v %v", h.verdict(steve), err)
	}
	if files := p.sent(); slices.Contains(files, list.SignatureFile) {
		t.Errorf("%v", files)
	}
	if _, err := h.u.Prepare(t.Context(), "home", p.source, Choices{MayTurnAway: true, Name: "again"}); !errors.Is(err, ErrPlain) {
		t.Error(err)
	}
	h.u.AllowPlain = true
	again, err := h.u.Prepare(t.Context(), "home", p.source, Choices{MayTurnAway: true, Name: "again"})
	h.ok(err)
	if err := h.db.Lists.Subscribe(t.Context(), again); !errors.Is(err, lists.ErrSubscribedTwice) {
		t.Error(err)
	}
	if removed, err := h.db.Lists.Remove(t.Context(), "home", "Great Dunmow"); !removed || err != nil {
		t.Fatal(removed, err)
	}
	h.ok(h.db.Lists.Clean(t.Context()))
	h.subscribe(p.source, Choices{MayTurnAway: true})
	if _, err := h.update(); err != nil || h.verdict(steve) != screening.TurnAway {
		t.Errorf("%v %v", h.verdict(steve), err)
	}
}

func TestChoices(t *testing.T) {
	p, h := newParish(t), newHome(t)
	p.publish("442079460666")
	for what, c := range map[string]Choices{
		"too often": {Period: time.Minute}, "too rarely": {Period: 30 * 24 * time.Hour}, "a long name": {Name: strings.Repeat("x", lists.MaxName+1)},
		"a name that cannot be read": {Name: "a\u202eb"},
	} {
		if sub, err := h.u.Prepare(t.Context(), "home", p.source, c); err == nil {
			t.Errorf("%s: %+v", what, sub)
		}
	}
	h.now = monday.AddDate(0, 0, 31)
	if _, err := h.u.Look(t.Context(), p.source); !errors.Is(err, list.ErrOutdated) {
		t.Error(err)
	}
	if _, err := h.update(); !errors.Is(err, lists.ErrNoSubscription) {
		t.Error(err)
	}
}

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

// A list goes stale: the carers are told of each step once, and past its time it only warns; with a new one all is well.
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
		{31, 3, "is past its time since 23 December 2026: it turns nobody away any more and only warns", screening.Screen},
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

// A list that finds a fault in us does not end the program, which has calls to handle.
func TestAFaultOfOurs(t *testing.T) {
	_, h := subscribed(t)
	h.u.Fetch = fetcher(func() { panic("a fault") })
	if _, err := h.update(); !errors.Is(err, errBroken) || !strings.Contains(h.log.String(), "a fault") || h.verdict(steve) != screening.TurnAway {
		t.Errorf("%v\n%s", err, h.log)
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
