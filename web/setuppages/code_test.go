package setuppages

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/time/rate"
)

// Nobody sees or does anything without the code; with it the way leads on. However it is typed, it is the code.
func TestNothingWithoutTheCode(t *testing.T) {
	s := newSite(t)
	s.tries = rate.NewLimiter(rate.Inf, 1)
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

// Tries are limited in time and number, whoever makes them.
func TestTriesAreLimited(t *testing.T) {
	s := newSite(t)
	tries := func(n int) (last string) {
		for range n {
			_, _, last = s.post(visitor(t), s.web.URL+"/setup/code", url.Values{"code": {"wrong"}})
		}
		return last
	}
	if body := tries(triesAtOnce + 1); !strings.Contains(body, "too fast") {
		t.Error("nobody has to wait")
	}
	s.tries = rate.NewLimiter(rate.Inf, 1)
	tries(mostWrong - triesAtOnce)
	if _, at, body := s.post(visitor(t), s.web.URL+"/setup/code", url.Values{"code": {code}}); at != "/setup/code" || !strings.Contains(body, "too many wrong codes") {
		t.Errorf("after %d wrong ones it leads to %s", mostWrong, at)
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
