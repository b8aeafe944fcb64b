package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ringfence/accounts"
	"ringfence/config"
	"ringfence/config/configtest"
	"ringfence/internal/servetest"
	"ringfence/screening"
	"ringfence/sound"
	"ringfence/store"
	"ringfence/store/people"
)

// walk is all of Ringfence on one database: its pages, its interface for programs, its commands and its telephones. Every time that
// something is done it is done to a household of its own, so that all can go on at once.
type walk struct {
	*Service
	*testing.T
	web          string                 // the address of the pages
	program      func() (string, error) // where it lies, once it is built
	config, data string
	phones       *phones
	viewer       *person
	carer, owner *person

	households atomic.Int64
	mu         sync.Mutex
	used       map[string]bool // the forms, requests and feature codes that were used
	once       sync.Once
	columns    map[string][]string // of each table with rows of households
}

// person is somebody who has signed in, and has a program.
type person struct {
	people.Person
	browser *http.Client
	token   string
}

func newWalk(t *testing.T, households int) *walk {
	t.Helper()
	w := &walk{T: t, used: map[string]bool{}, phones: &phones{homes: map[string]*home{}}}
	settings := w.settings(households)
	db, err := OpenStore(t.Context(), settings)
	w.must(err)
	t.Cleanup(func() { w.must(db.Close()) })
	_, err = settings.MakeARIPassword()
	w.must(err)
	ctx, end := context.WithCancel(context.Background())
	t.Cleanup(end)
	w.Service, err = New(ctx, Options{Settings: settings, Out: servetest.NewText(), Log: slog.New(slog.DiscardHandler)}, db)
	w.must(err)
	t.Cleanup(w.queue.Close)
	w.screener.Telephones = w.phones
	// What a telephone does is looked at next, so it is waited for, however slow the disk is.
	w.queue.Patience, w.screener.Recordings = time.Hour, patient{w.screener.Recordings}
	server, err := w.pageServer(ctx)
	w.must(err)
	pages := httptest.NewServer(server.Handler)
	t.Cleanup(pages.Close)
	w.web = pages.URL
	w.program = sync.OnceValues(w.build)
	w.people()
	return w
}

// settings are those of so many households on one line.
func (w *walk) settings(households int) config.Settings {
	w.Helper()
	trunk, one, _ := strings.Cut(configtest.Usual, "[[household]]")
	trunk = "[lists]\nallow_private = true\n" + trunk
	text, dir := trunk, w.TempDir()
	for i := range households {
		name := fmt.Sprintf("home-%d", i+1)
		house := "[[household]]" + strings.NewReplacer(`"home"`, strconv.Quote(name), "020 7946 0100", fmt.Sprintf("+44121496%04d", i)).Replace(one)
		text += house
		// A command need not read about all the others each time.
		w.must(os.WriteFile(filepath.Join(dir, name+".toml"), []byte(trunk+house), 0o600))
	}
	w.config, w.data = filepath.Join(dir, "ringfence.toml"), filepath.Join(dir, "data")
	w.must(os.WriteFile(w.config, []byte(text), 0o600))
	settings, err := config.Read(w.config, w.data)
	w.must(err)
	return settings
}

// build makes the program, as people run it.
func (w *walk) build() (path string, err error) {
	path = filepath.Join(w.TempDir(), "ringfence")
	if out, err := exec.CommandContext(w.Context(), "go", "build", "-o", path, "ringfence/cmd/ringfence").CombinedOutput(); err != nil {
		return "", fmt.Errorf("the program does not build: %w\n%s", err, out)
	}
	return path, nil
}

// password is everybody's.
const password = "seven wet herons on a wall" //nolint:gosec // of nobody

// people are one of each role, in all households.
func (w *walk) people() {
	w.Helper()
	ctx := w.Context()
	hash, err := accounts.NewPasswords().Hash(ctx, password)
	w.must(err)
	for _, p := range []struct {
		as   **person
		role store.Role
	}{{&w.owner, store.RoleOwner}, {&w.carer, store.RoleCarer}, {&w.viewer, store.RoleViewer}} {
		email := string(p.role) + "@example.org"
		made, err := w.db.People.Add(ctx, strings.ToUpper(string(p.role[:1]))+string(p.role[1:])+" Taylor", email)
		w.must(err)
		w.must(w.db.People.SetPassword(ctx, made.ID, hash, 0))
		for _, h := range w.Settings.Households {
			w.must(w.db.SetMembership(ctx, h.Name, made.ID, p.role, true))
		}
		token, err := w.db.AddToken(ctx, made.ID, store.Token{Name: "walker", Scope: store.ScopeChange}, time.Now())
		w.must(err)
		jar, err := cookiejar.New(nil)
		w.must(err)
		*p.as = &person{Person: made, token: token, browser: &http.Client{Jar: jar, Transport: servetest.Browser{}}}
		answer, err := (*p.as).browser.PostForm(w.web+"/sign-in", url.Values{"email": {email}, "password": {password}})
		w.must(err)
		w.must(answer.Body.Close())
		if answer.Request.URL.Path == "/sign-in" {
			w.Fatalf("%s cannot sign in", email)
		}
	}
}

func (w *walk) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *walk) use(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.used[what] = true
}

// house is a household to which one thing is done.
type house struct {
	*walk
	*testing.T
	name           string
	block, contact int64
	call           int64 // the last one
	book           int64 // an address book that was imported
	group          int64 // that it is in
	way            int64 // by which the carer is told
	held           int64 // changes of a list that wait
	person         int64 // a member of this household alone
	invitation     int64
}

func (w *walk) house(t *testing.T) *house {
	return &house{walk: w, T: t, name: "home-" + strconv.FormatInt(w.households.Add(1), 10)}
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// path is an address with what this household has in its places.
func (h *house) path(pattern string) string {
	id := func(n int64) string { return strconv.FormatInt(n, 10) }
	return strings.NewReplacer("{household}", h.name, "{block}", id(h.block), "{contact}", id(h.contact), "{call}", id(h.call), "{book}", id(h.book), "{group}", id(h.group), "{alert}", id(h.way), "{held}", id(h.held), "{data}", h.data,
		"{person}", id(h.person), "{invitation}", id(h.invitation), "{email}", h.name+"@example.org",
		"{number}", string(scammer)).Replace(pattern)
}

const (
	stranger  = screening.Number("+442079460123")
	daughter  = screening.Number("+442079460301")
	neighbour = screening.Number("+442079460302")
	scammer   = screening.Number("+442079460666")
)

// What there can be before something is done.

func (h *house) blocks(n screening.Number, note string) {
	h.Helper()
	h.must(h.db.AddBlock(h.Context(), h.name, screening.Block{Digits: n.Digits(), Note: note, Farewell: screening.Inspection}, "somebody"))
	b, _, err := h.db.BlockOf(h.Context(), h.name, n.Digits(), false)
	h.must(err)
	h.block = b.ID
}

func (h *house) knows(name string, numbers ...screening.Number) {
	h.Helper()
	h.must(h.db.AddContact(h.Context(), h.name, name, numbers...))
	c, _, err := h.db.ContactByNumber(h.Context(), h.name, numbers[0])
	h.must(err)
	h.contact = c.ID
}

func (h *house) reports(n screening.Number, category string) {
	h.Helper()
	h.must(h.db.ReportNumber(h.Context(), h.name, n, category, "somebody"))
}

// rang is a call that is over.
func (h *house) rang(n screening.Number, name string) {
	h.Helper()
	var err error
	id := screening.Identity{Number: string(n), Name: name, Presentation: "allowed"}
	h.call, err = h.queue.CallArrived(h.name, h.name, time.Now(), id, screening.Identify(id, "GB"), screening.Verdict{Action: screening.Screen}, "message-left")
	h.must(err)
	h.flush()
}

// flush waits until all that is queued is in the database, however slow the disk is.
func (h *house) flush() {
	h.Helper()
	h.must(h.queue.Flush(h.Context()))
}

func (h *house) leftMessage() {
	h.Helper()
	h.rang(stranger, "Surgery")
	h.must(h.db.Keep(h.Context(), h.call, "message", aSound(), time.Second))
}

// aSound is a second of a tone.
func aSound() []byte {
	return sound.WAV(sound.Rate, []byte(strings.Repeat("\x00\x20\x00\x20\x00\x20\x00\x20\x00\xe0\x00\xe0\x00\xe0\x00\xe0", sound.Rate/8)))
}

// runs runs a command for this household.
func (h *house) runs(args ...string) {
	h.Helper()
	h.must(h.run(args...))
}

func (h *house) run(args ...string) error {
	h.Helper()
	program, err := h.program()
	h.must(err)
	for i := range args {
		h.use("command " + strings.Join(args[:i+1], " "))
	}
	for i := range args {
		args[i] = h.path(args[i])
	}
	made := exec.CommandContext(h.Context(), program, append([]string{"--config", filepath.Join(filepath.Dir(h.config), h.name+".toml"), "--data", h.data, "--household", h.name}, args...)...)
	out, err := made.CombinedOutput()
	if err != nil {
		return fmt.Errorf("ringfence %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

func (h *house) auditLog() []store.AuditLine {
	h.Helper()
	all, err := h.db.AuditLog(h.Context(), h.name, 0, 100)
	h.must(err)
	return all
}
