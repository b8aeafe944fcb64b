package setuppages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ringfence/config"
	"ringfence/internal/servetest"
	"ringfence/setup"
	"ringfence/setup/fritzbox/fritzboxtest"
	"ringfence/web/browse"
)

func TestMain(m *testing.M) {
	code := m.Run()
	browse.Close()
	os.Exit(code)
}

const code = "acorn river table zebra onion lamp"

// site is the pages on a machine with nothing set up.
type site struct {
	*testing.T
	*Server
	file    string
	own     atomic.Pointer[http.Handler] // the program's own pages
	account atomic.Pointer[string]
	over    atomic.Bool                   // nobody can set up anything any more
	blank   atomic.Bool                   // the settings' file is not read
	router  atomic.Pointer[func() string] // finds a FRITZ!Box; nil: there is none
	web     *httptest.Server              // as the settings say
	door    *httptest.Server              // as in the home network, but for the encryption
}

func newSite(t *testing.T) *site {
	s := &site{T: t, file: filepath.Join(t.TempDir(), "ringfence.toml")}
	var err error
	s.Server, err = New(Options{
		Code: code, Log: slog.New(slog.DiscardHandler),
		Look: func(context.Context) (setup.Machine, error) {
			now, err := config.Read(s.file, "")
			if s.blank.Load() {
				now, err = config.Defaults(), nil
				now.File = s.file
			}
			if err != nil && !errors.Is(err, config.ErrNoHousehold) {
				return setup.Machine{}, err
			}
			return setup.Machine{Settings: now, Interfaces: []setup.Interface{{Name: "eth0", Address: "192.168.1.10"}}}, nil
		},
		FindRouter: func(context.Context) string {
			if find := s.router.Load(); find != nil {
				return (*find)()
			}
			return ""
		},
		Account: func(context.Context) (string, error) {
			if to := s.account.Load(); to != nil {
				return *to, nil
			}
			return "", nil
		},
		Open: func(context.Context) bool { return !s.over.Load() },
	})
	if err != nil {
		t.Fatal(err)
	}
	next := func() http.Handler {
		if own := s.own.Load(); own != nil {
			return *own
		}
		return nil
	}
	s.web, s.door = httptest.NewServer(s.Before(next)), httptest.NewServer(s.handler(next, true))
	t.Cleanup(s.web.Close)
	t.Cleanup(s.door.Close)
	return s
}

// visitor is a browser.
func visitor(t *testing.T) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Transport: servetest.Browser{}}
}

func (s *site) get(c *http.Client, address string) (path, body string) {
	s.Helper()
	answer, err := c.Get(address)
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer.Request.URL.Path, string(text)
}

func (s *site) post(c *http.Client, address string, form url.Values) (status int, path, body string) {
	s.Helper()
	answer, err := c.PostForm(address, form)
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer.StatusCode, answer.Request.URL.Path, string(text)
}

// A household is set up in a browser, from the code to the page for the first account, on a phone and on a computer.
func TestSetupInABrowser(t *testing.T) {
	s := newSite(t)
	b := browse.Open(t, s.web.URL, "/")
	look := func(name string) {
		t.Helper()
		b.Axe()
		b.Fits()
		b.Shot("setup-" + name)
		b.Wide(1280)
		b.Shot("setup-" + name + "-wide")
		b.Wide(390)
	}
	b.Sees("a code of six words")
	look("code")
	b.Fill("The six words", "wrong words")
	b.Press("Continue")
	b.Sees("That isn’t the code.")
	b.Fill("The six words", code)
	b.Press("Continue")
	b.Sees("How does the phone line reach the house?")
	b.Sees("step 1 of 4")
	look("wiring")
	b.Press("Continue")
	b.Sees("What is the line's own number?")
	b.Fill("What is the line's own number?", "12")
	b.Press("Continue")
	b.Sees("Please check what’s marked below.")
	look("line-wrong")
	b.Fill("What is the line's own number?", "020 7946 0100")
	b.Press("Continue")
	b.Sees("What is the adapter's address")
	b.Fill("What is the adapter's address on the home network?", "192.168.1.20")
	b.Fill("What is the adapter's MAC address? (optional)", "00:0b:82:12:34:56")
	look("adapter")
	b.Press("Continue")
	b.Sees("Which phones are in the house?")
	b.Fill("Which phones are in the house?", "hall, bedroom")
	look("phones")
	b.Press("Save")
	b.Sees("The settings are saved.")
	b.Sees("Let it fetch them now")
	b.Sees("home-bedroom")
	look("done")
	now, err := config.Read(s.file, "")
	if err != nil || now.Trunks[0].Address != "192.168.1.20:5062" || len(now.Households[0].Phones) != 2 || now.Asterisk.SIP != "eth0:5060" {
		t.Errorf("%+v %v", now, err)
	}
	b.Press("Continue: your account")
	b.Sees("One moment")
	to := "/start/a-token"
	own := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the first account") }))
	s.own.Store(&own)
	s.account.Store(&to)
	b.Sees("the first account")
	if path := browse.Eval[string](b, "location.pathname"); path != to {
		t.Errorf("it leads to %s", path)
	}
}

// somebodyInside has typed the code and answered the first two pages.
func (s *site) somebodyInside(wiring string) *http.Client {
	s.Helper()
	c := visitor(s.T)
	s.post(c, s.web.URL+"/setup/code", url.Values{"code": {code}})
	s.post(c, s.web.URL+"/setup/wiring", url.Values{"wiring": {wiring}})
	s.post(c, s.web.URL+"/setup/line", url.Values{"country": {"GB"}, "number": {"020 7946 0100"}, "address": {"127.0.0.1"}})
	return c
}

// A telephone is made in the FRITZ!Box meanwhile, and the page says how somebody confirms it there.
func TestTheFRITZBoxIsConfirmedMeanwhile(t *testing.T) {
	s, box := newSite(t), fritzboxtest.New(t)
	c := s.somebodyInside("router")
	form := url.Values{"router": {box.Address()}, "router-phone": {"make"}}
	if _, at, body := s.post(c, s.web.URL+"/setup/other-end", form); at != "/setup/other-end" || !strings.Contains(body, "sign in to the FRITZ!Box") {
		t.Fatalf("it leads to %s", at)
	}
	form.Set("router-user", fritzboxtest.User)
	form.Set("router-password", fritzboxtest.Password)
	if _, at, _ := s.post(c, s.web.URL+"/setup/other-end", form); at != "/setup/phones" {
		t.Fatalf("it leads to %s", at)
	}
	_, at, body := s.post(c, s.web.URL+"/setup/phones", url.Values{"phones": {"hall"}})
	for !strings.Contains(body, "press any button on the FRITZ!Box") && t.Context().Err() == nil && at == "/setup/working" {
		at, body = s.get(c, s.web.URL+"/setup/working")
	}
	if at != "/setup/working" || len(box.Phones()) != 1 {
		t.Fatalf("%s, before it was confirmed: %s", at, body)
	}
	box.Confirm()
	for at == "/setup/working" && strings.Contains(body, "updates by itself") {
		at, body = s.get(c, s.web.URL+"/setup/working")
	}
	now, err := config.Read(s.file, "")
	if err != nil || at != "/setup/done" || now.Trunks[0].Address != box.Address() || now.Trunks[0].Password != box.Phones()[1]["NewX_AVM-DE_ClientPassword"] {
		t.Errorf("%s: %+v %v", at, now.Trunks, err)
	}
	if text, err := os.ReadFile(s.file); err != nil || strings.Contains(string(text), fritzboxtest.Password) {
		t.Error("the FRITZ!Box's own password is kept")
	}
}

// A FRITZ!Box is looked for over the network, and nobody else's page waits for that.
func TestNobodyWaitsForTheSearch(t *testing.T) {
	s, searching, found, page := newSite(t), make(chan struct{}), make(chan string), make(chan string)
	c, other := s.somebodyInside("router"), visitor(t)
	s.post(other, s.web.URL+"/setup/code", url.Values{"code": {code}})
	find := func() string {
		close(searching)
		return <-found
	}
	s.router.Store(&find)
	go func() {
		answer, err := c.Get(s.web.URL + "/setup/other-end")
		if err != nil {
			page <- err.Error()
			return
		}
		text, err := io.ReadAll(answer.Body)
		page <- fmt.Sprint(string(text), errors.Join(err, answer.Body.Close()))
	}()
	<-searching
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.web.URL+"/setup/line", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := other.Do(r)
	if err != nil {
		t.Error("somebody else's page waits:", err)
	} else if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK || answer.Request.URL.Path != "/setup/line" {
		t.Errorf("somebody else gets %s of %s (%v)", answer.Status, answer.Request.URL, err)
	}
	found <- "192.168.178.1"
	if body := <-page; !strings.Contains(body, "A FRITZ!Box was found at 192.168.178.1.") {
		t.Error(body)
	}
}

// The adapter fetches its settings while the page waits.
func TestTheAdapterFetchesItsSettings(t *testing.T) {
	s := newSite(t)
	c := s.somebodyInside("adapter")
	s.post(c, s.web.URL+"/setup/other-end", url.Values{"adapter": {"127.0.0.1"}, "mac": {"00:0B:82:12:34:56"}})
	_, at, body := s.post(c, s.web.URL+"/setup/phones", url.Values{"phones": {"hall"}})
	for at == "/setup/working" {
		at, body = s.get(c, s.web.URL+"/setup/working")
	}
	if !strings.Contains(body, "Let it fetch them now") {
		t.Fatalf("%s: %s", at, body)
	}
	if _, _, body = s.post(c, s.web.URL+"/setup/adapter", nil); !strings.Contains(body, "Waiting for the adapter") {
		t.Fatal(body)
	}
	for t.Context().Err() == nil { // until it listens
		answer, err := http.Get("http://127.0.0.1:8813/cfg000b82123456.xml")
		if err != nil {
			continue
		}
		file, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || !strings.Contains(string(file), "<P35>home-hall</P35>") {
			t.Errorf("it gets %s %v", file, err)
		}
		break
	}
	for strings.Contains(body, "Waiting for the adapter") {
		_, body = s.get(c, s.web.URL+"/setup/done")
	}
	if !strings.Contains(body, "The adapter has fetched its settings.") {
		t.Error(body)
	}
}

// What cannot be written is said, and can be tried again; a provider's password is not sent back to the browser.
func TestWhatCannotBeWrittenIsSaid(t *testing.T) {
	s := newSite(t)
	c := s.somebodyInside("provider")
	if _, at, body := s.post(c, s.web.URL+"/setup/other-end", url.Values{"provider": {"sipgate"}, "server": {""}, "user": {"1234567"}, "password": {""}}); at != "/setup/other-end" || !strings.Contains(body, "Must not be empty.") {
		t.Errorf("without a password: %s", at)
	}
	if _, at, _ := s.post(c, s.web.URL+"/setup/other-end", url.Values{"provider": {"sipgate"}, "server": {""}, "user": {"1234567"}, "password": {"of sipgate's"}}); at != "/setup/phones" {
		t.Errorf("with everything it leads to %s", at)
	}
	if _, body := s.get(c, s.web.URL+"/setup/other-end"); strings.Contains(body, "of sipgate") || !strings.Contains(body, `value="sipgate.co.uk"`) {
		t.Error("the page has the password, or lacks the server")
	}
	if err := os.Mkdir(s.file, 0o700); err != nil {
		t.Fatal(err)
	}
	s.blank.Store(true)
	_, at, body := s.post(c, s.web.URL+"/setup/phones", url.Values{"phones": {"hall"}})
	for strings.Contains(body, "updates by itself") {
		at, body = s.get(c, s.web.URL+"/setup/working")
	}
	if at != "/setup/working" || !strings.Contains(body, "can&#39;t be written") {
		t.Errorf("%s: %s", at, body)
	}
	if err := os.Remove(s.file); err != nil {
		t.Fatal(err)
	}
	release, err := setup.Claim(s.file)
	if err != nil {
		t.Fatal(err)
	}
	_, at, body = s.post(c, s.web.URL+"/setup/phones", url.Values{"phones": {"hall"}})
	for strings.Contains(body, "updates by itself") {
		at, body = s.get(c, s.web.URL+"/setup/working")
	}
	if at != "/setup/working" || !strings.Contains(body, "Somebody is running the set-up") {
		t.Errorf("while another sets up: %s: %s", at, body)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	_, at, body = s.post(c, s.web.URL+"/setup/phones", url.Values{"phones": {"hall"}})
	for strings.Contains(body, "updates by itself") {
		at, body = s.get(c, s.web.URL+"/setup/working")
	}
	if at != "/setup/done" || !strings.Contains(body, "The settings are saved.") {
		t.Errorf("again: %s", at)
	}
}
