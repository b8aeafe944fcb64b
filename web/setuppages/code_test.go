package setuppages

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"ringfence/accounts"
	"ringfence/internal/servetest"
)

// Nobody sees or does anything without the code; with it the way leads on. However it is typed, it is the code.
func TestNothingWithoutTheCode(t *testing.T) {
	s := newSite(t)
	s.tries = accounts.NewLimits(rate.Inf, 1)
	c := visitor(t)
	for _, path := range []string{"/", "/setup/", "/setup/wiring", "/setup/done", "/setup/account", "/h/home", "/nowhere"} {
		if at, _ := s.get(c, s.web.URL+path); at != "/setup/code" {
			t.Errorf("%s leads to %s", path, at)
		}
	}
	forged := visitor(t)
	at, err := url.Parse(s.web.URL)
	if err != nil {
		t.Fatal(err)
	}
	forged.Jar.SetCookies(at, []*http.Cookie{{Name: cookieName, Value: "made-up"}})
	if at, _ := s.get(forged, s.web.URL+"/setup/wiring"); at != "/setup/code" {
		t.Errorf("a cookie that was made up leads to %s", at)
	}
	if _, at, _ := s.post(c, s.web.URL+"/setup/wiring", url.Values{"wiring": {"adapter"}}); at != "/setup/code" || len(s.answers) > 0 {
		t.Errorf("an answer leads to %s: %v", at, s.answers)
	}
	for _, wrong := range []string{"", "acorn", code + " x", "zebra"} {
		if status, _, body := s.post(c, s.web.URL+"/setup/code", url.Values{"code": {wrong}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, "isn’t the code") {
			t.Errorf("%q: %d", wrong, status)
		}
	}
	if _, at, _ := s.post(c, s.web.URL+"/setup/code", url.Values{"code": {" Acorn-river,  TABLE zebra onion lamp\n"}}); at != "/setup/wiring" {
		t.Errorf("the code leads to %s", at)
	}
	if at, _ := s.get(visitor(t), s.web.URL+"/setup/"); at != "/setup/code" {
		t.Error("somebody else is inside, too")
	}
}

// Tries are limited, whoever makes them. A guesser at one address does not keep the person out who has the code, and comes from another.
func TestTriesAreLimited(t *testing.T) {
	s := newSite(t)
	s.tries = accounts.NewLimits(rate.Every(time.Hour), triesAtOnce)
	for i := range 60 {
		_, at, body := s.post(visitor(t), s.web.URL+"/setup/code", url.Values{"code": {"wrong"}})
		if at != "/setup/code" || strings.Contains(body, "too fast") != (i >= triesAtOnce) {
			t.Fatalf("try %d: %s", i, body)
		}
	}
	if _, at, body := s.post(visitor(t), s.web.URL+"/setup/code", url.Values{"code": {code}}); at != "/setup/code" || !strings.Contains(body, "too fast") {
		t.Errorf("the guesser's next try leads to %s", at)
	}
	elsewhere := visitor(t)
	elsewhere.Transport = servetest.Browser{From: net.IPv4(127, 0, 0, 2)}
	if _, at, _ := s.post(elsewhere, s.web.URL+"/setup/code", url.Values{"code": {code}}); at != "/setup/wiring" {
		t.Errorf("the right code, from elsewhere, leads to %s", at)
	}
}

// Through the door everything needs the code, also once the program's own pages are there; as the settings say, they do not.
func TestTheDoorNeedsTheCodeForEverything(t *testing.T) {
	s := newSite(t)
	own := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the program's own") }))
	s.own.Store(&own)
	if at, body := s.get(visitor(t), s.door.URL+"/h/home"); at != "/setup/code" || strings.Contains(body, "the program's own") {
		t.Errorf("through the door: %s", at)
	}
	if at, body := s.get(visitor(t), s.web.URL+"/h/home"); at != "/h/home" || body != "the program's own" {
		t.Errorf("as the settings say: %s %s", at, body)
	}
	if at, _ := s.get(visitor(t), s.web.URL+"/setup/"); at != "/setup/code" {
		t.Errorf("the set-up: %s", at)
	}
	s.over.Store(true)
	if at, body := s.get(visitor(t), s.web.URL+"/setup/code"); at != "/setup/code" || body != "the program's own" {
		t.Errorf("afterwards the set-up is still there: %s %s", at, body)
	}
}

// Another site's page changes nothing.
func TestFormsOfOtherSites(t *testing.T) {
	s := newSite(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.web.URL+"/setup/code", strings.NewReader("code="+url.QueryEscape(code)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://evil.example")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden || len(s.inside) > 0 {
		t.Errorf("answered %d", answer.StatusCode)
	}
}

func TestCodesAreSixWords(t *testing.T) {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(wordList) {
		words[word] = true
	}
	if len(words) != 256 {
		t.Errorf("there are %d words", len(words))
	}
	a, err := NewCode()
	b, err2 := NewCode()
	if err != nil || err2 != nil || len(strings.Fields(a)) != 6 || a == b {
		t.Errorf("%q %q", a, b)
	}
}
