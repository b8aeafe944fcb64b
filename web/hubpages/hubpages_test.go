package hubpages

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ringfence/sharing/list"
)

// household speaks to the interface as a household's Ringfence does.
func (s *site) household(method, path, key, body string) answer {
	s.t.Helper()
	var headers []string
	if key != "" {
		headers = append(headers, "Authorization", "Bearer "+key)
	}
	return s.client().send(method, path, "application/json", strings.NewReader(body), headers...)
}

// Long: one story, each step of which rests on those before it.
func TestHouseholdsReport(t *testing.T) {
	s := newSite(t)
	a := s.household("POST", "/v1/join", "", `{"invite":"`+s.invite+`","of":"a newer client"}`)
	var joined struct{ Key, List, ListKey string }
	if a.status != http.StatusCreated {
		t.Fatal(a)
	}
	raw := map[string]string{}
	s.ok(json.Unmarshal([]byte(a.body), &raw))
	joined.Key, joined.List, joined.ListKey = raw["key"], raw["list"], raw["list_key"]
	if len(raw) != 3 || !strings.HasPrefix(joined.Key, "rfk_") || joined.List != s.web.URL+"/list/" || joined.ListKey != s.Key.String() {
		t.Errorf("%+v", raw)
	}
	report := func(body string) answer {
		t.Helper()
		return s.household("POST", "/v1/reports", joined.Key, body)
	}
	const number = `"number":"+442079460777"`
	for _, body := range []string{
		`{` + number + `,"category":"tech-support","day":"2026-11-23","kind":"for"}`,
		`{` + number + `,"category":"tech-support","day":"2026-11-23","kind":"for"}`, // the same once more
		`{` + number + `,"day":"2026-11-24","kind":"against"}`,
		`{` + number + `,"kind":"withdraw"}`,
	} {
		if a := report(body); a.status != http.StatusNoContent || a.body != "" {
			t.Errorf("%s: %+v", body, a)
		}
	}
	for _, test := range []struct {
		what         string
		a            answer
		status       int
		says, header string
	}{
		{"a category that there is not", report(`{` + number + `,"category":"fraud","kind":"for"}`), 422, "The category is one of", ""},
		{"a national number", report(`{"number":"020 7946 0777","kind":"for"}`), 422, "international", ""},
		{"999", report(`{"number":"999","kind":"for"}`), 422, "international", ""},
		{"no kind", report(`{` + number + `}`), 422, "for, against or withdraw", ""},
		{"last year", report(`{` + number + `,"kind":"for","day":"2025-11-24"}`), 422, "is the clock right", ""},
		{"no day", report(`{` + number + `,"kind":"for","day":"yesterday"}`), 400, "not the JSON", ""},
		{"no JSON", report(`number=1`), 400, "not the JSON", ""},
		{"too much", report(`{"number":"` + strings.Repeat("1", 5000) + `"}`), 413, "too large", ""},
		{"a form", s.client().send("POST", "/v1/reports", "text/plain", strings.NewReader(`{`+number+`}`), "Authorization", "Bearer "+joined.Key), 415, "Content-Type", ""},
		{"no key", s.household("POST", "/v1/reports", "", `{`+number+`,"kind":"for"}`), 401, "is not one of the group’s", "WWW-Authenticate"},
		{"another key", s.household("POST", "/v1/reports", "rfk_x", `{`+number+`,"kind":"for"}`), 401, "is not one of the group’s", "WWW-Authenticate"},
		{"an invitation that is none", s.household("POST", "/v1/join", "", `{"invite":"x"}`), 410, "ask the group for a new one", ""},
		{"nothing of joining", s.household("POST", "/v1/join", "", ``), 400, "not the JSON", ""},
		{"GET", s.household("GET", "/v1/reports", joined.Key, ``), 405, "POST", "Allow"},
		{"nothing there", s.household("POST", "/v1/other", joined.Key, ``), 404, "nothing at this address", ""},
	} {
		if test.a.status != test.status || !strings.Contains(strings.ReplaceAll(test.a.body, "'", "’"), test.says) || test.a.header.Get("Content-Type") != "application/problem+json" ||
			test.header != "" && test.a.header.Get(test.header) == "" {
			t.Errorf("%s: %+v", test.what, test.a)
		}
	}
	keys, err := s.db.Keys(t.Context(), "", siteNow)
	s.ok(err)
	s.ok(s.db.Expel(t.Context(), keys[0].Pseudonym, true, "Anna", "because", siteNow))
	expelled := 0
	for _, key := range s.keys {
		if a := s.household("POST", "/v1/reports", key, `{`+number+`,"kind":"for"}`); a.status == 403 {
			expelled++
		}
	}
	if expelled != 1 {
		t.Errorf("%d are expelled", expelled)
	}
	if a := s.household("POST", "/v1/leave", joined.Key, ""); a.status != http.StatusNoContent {
		t.Errorf("%+v", a)
	}
	if a := report(`{` + number + `,"kind":"for"}`); a.status != 401 {
		t.Errorf("who has left may report: %+v", a)
	}
	if log := s.log.String(); strings.Contains(log, "2079460777") || strings.Contains(log, "rfk_") {
		t.Error(log)
	}
}

func TestTooManyReports(t *testing.T) {
	s := newSite(t)
	last := answer{}
	report := func(i int) answer {
		return s.household("POST", "/v1/reports", s.keys[11], fmt.Sprintf(`{"number":"+4420794%05d","kind":"for"}`, i))
	}
	for i := range s.PerHour {
		if a := report(i); a.status != 204 {
			t.Fatal(i, a)
		}
	}
	if last = report(99); last.status != 429 || last.header.Get("Retry-After") != "120" {
		t.Errorf("%+v", last)
	}
	s.now = siteNow.Add(1e9 * 3600)
	for i := range s.PerHour {
		if a := report(1000 + i); a.status != 204 {
			t.Fatal(i, a)
		}
	}
	s.now = siteNow.Add(2e9 * 3600)
	last = report(99)
	if after, err := strconv.Atoi(last.header.Get("Retry-After")); last.status != 429 || err != nil || after != 10*3600 || !strings.Contains(last.body, "tomorrow") {
		t.Errorf("%+v", last)
	}
	s.now = siteNow.AddDate(-1, 0, 0) // a clock without a battery
	if a := s.household("POST", "/v1/reports", s.keys[10], `{"number":"+442079460777","kind":"for"}`); a.status != 503 || !strings.Contains(a.body, "clock") {
		t.Errorf("a report is refused for good because the hub does not know the time: %+v", a)
	}
	s.now = siteNow.Add(2e9 * 3600)
	if a := s.household("POST", "/v1/reports", s.keys[10], `{"number":"+442079460777","kind":"for"}`); a.status != 204 {
		t.Errorf("another household has to wait, too: %+v", a)
	}
	for range joinAtOnce {
		s.household("POST", "/v1/join", "", `{"invite":"x"}`)
	}
	if a := s.household("POST", "/v1/join", "", `{"invite":"`+s.invite+`"}`); a.status != 429 || a.header.Get("Retry-After") == "" {
		t.Errorf("invitations can be tried without end: %+v", a)
	}
}

// No page tells who has reported a number: a key's pseudonym stands on one page, on which there are no numbers.
func TestNobodySeesWhoHasReported(t *testing.T) {
	s := newSite(t)
	m := s.moderator()
	m.post("/moderate/numbers/442079460123", "what", "dismiss", "why", "because")
	m.post("/moderate/publish")
	keys, err := s.db.Keys(t.Context(), "", siteNow)
	s.ok(err)
	pages := []string{"/", "/appeal?number=02079460123", "/moderate", "/moderate?show=most", "/moderate?show=disputed", "/moderate?show=again", "/moderate/numbers/442079460123",
		"/moderate/appeals", "/moderate/protected", "/moderate/log", "/moderate/invitations", "/list/manifest.json", "/list/", "/join"}
	for _, page := range pages {
		a := m.get(page)
		m.sees(a, 200)
		if strings.Count(a.body, "<script") > 1 { // all of it works without; the one copies links
			t.Errorf("%s has another script", page)
		}
		for _, k := range keys {
			if strings.Contains(a.body, k.Pseudonym) {
				t.Errorf("%s names the key %s", page, k.Pseudonym)
			}
		}
	}
	a := m.get("/moderate/keys")
	m.sees(a, 200, keys[0].Pseudonym, "1 dismissed number")
	if number := regexp.MustCompile(`\+44|020 ?7946|01371`).FindString(a.body); number != "" {
		t.Errorf("beside the keys stands the number %s", number)
	}
}

func TestTheListIsServed(t *testing.T) {
	s := newSite(t)
	v := s.client()
	v.sees(v.get("/"), 200, "has not been published yet")
	v.sees(v.get("/list/manifest.json"), 404)
	published, err := s.Publish(t.Context())
	s.ok(err)
	a := v.get("/list/manifest.json")
	v.sees(a, 200, `"name": "Great Dunmow"`)
	if a.header.Get("Content-Type") != "application/json" || a.header.Get("Cache-Control") != "no-cache" {
		t.Error(a.header)
	}
	if again := v.send("GET", "/list/manifest.json", "", nil, "If-None-Match", a.header.Get("ETag")); again.status != 304 {
		t.Error("it is sent again:", again.status)
	}
	part := v.get("/list/" + list.FullFile(published.Manifest.Serial))
	if part.status != 200 || part.header.Get("Content-Type") != "application/gzip" || part.header.Get("Content-Encoding") != "" || !strings.HasPrefix(part.body, "\x1f\x8b") {
		t.Error(part.status, part.header)
	}
	_, err = s.Publish(t.Context())
	s.ok(err)
	if again := v.send("GET", "/list/manifest.json", "", nil, "If-None-Match", a.header.Get("ETag")); again.status != 200 {
		t.Error("a new list is not sent:", again.status)
	}
	s.ok(os.WriteFile(filepath.Join(s.folder, ".new-manifest.json"), []byte("half"), 0o600))
	for _, name := range []string{".new-manifest.json", "..%2fhub.db", "..%2flist.key", "hub.db", "manifest.json%2f", "full-x.ndjson.gz", "full-9.ndjson.gz"} {
		if a := v.get("/list/" + name); a.status != 404 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	// The public page says how fresh it is, and when it has passed its time.
	v.sees(v.get("/"), 200, `<span class="count">2</span> numbers on the list`, `<span class="count">12</span> households that can report`, s.Key.String(), "24 November 2026")
	s.now = siteNow.AddDate(0, 0, 31)
	v.sees(v.get("/"), 200, "It only warns now")
}

func TestAppealsAreBounded(t *testing.T) {
	s := newSite(t)
	v := s.client()
	v.sees(v.get("/appeal?number=020+7946+0999"), 200, "isn’t on this list")
	v.sees(v.get("/appeal?number=01371+872121"), 200, "isn’t on this list") // it is protected
	v.sees(v.get("/appeal?number=rubbish"), 422, "contains something that isn&#39;t part of a phone number")
	v.sees(v.get("/appeal?number="+url.QueryEscape(hostile)), 422, "&lt;script&gt;")
	v.sees(v.get("/appeal?number=020+7946+0123"), 200, "is on this list", "How can we reach you?")
	appeal := func(fields ...string) answer {
		t.Helper()
		return v.post("/appeal", append([]string{"number", "020 7946 0123", "text", "It is our office. " + hostile, "reach", "office@example.org"}, fields...)...)
	}
	v.sees(appeal("text", ""), 422, "Please write what is wrong.", "office@example.org")
	v.sees(appeal("website", "https://casino.example"), 200, "Your message has been sent.")
	if n, err := s.db.WaitingAppeals(t.Context()); n != 0 || err != nil {
		t.Error("what a program has filled in is kept:", n, err)
	}
	v.sees(appeal("number", "020 7946 0999"), 200, "isn’t on this list")
	v.sees(v.post("/appeal", "text", strings.Repeat("x", maxForm)), 413, "too large")
	a := appeal()
	v.sees(a, 200, "Keep the address of this page", "haven’t answered yet", "&lt;script&gt;")
	if strings.Contains(a.body, "office@example.org") || strings.Contains(a.body, "<script>") {
		t.Error(a.body)
	}
	v.sees(appeal(), 200)
	v.sees(appeal(), 429, "too many tries")
	v.sees(v.get("/appeal/rubbish"), 404)
	m := s.moderator()
	m.sees(m.get("/moderate/appeals"), 200, "waiting", "&lt;script&gt;")
	m.sees(m.get("/moderate/appeals/1"), 200, "office@example.org", "It is on the list.")
	m.sees(m.get("/moderate/appeals/99"), 404)
	m.sees(m.post("/moderate/appeals/1", "answer", " "), 422, "Please write an answer.")
	m.sees(m.post("/moderate/appeals/1", "answer", "It is off the list from today."), 200, "They can read your answer")
	v.sees(v.get(a.path), 200, "It is off the list from today.", "Anna Taylor")
}

// A file of protected numbers that cannot be read is told to moderators, and nothing is published meanwhile.
func TestHealthAndFaults(t *testing.T) {
	s := newSite(t)
	v := s.client()
	v.sees(v.get("/health"), 200, "ok")
	v.sees(v.get("/nothing"), 404, "There is no such page.")
	v.sees(v.get("/static/style.css"), 200)
	v.sees(v.get("/static/nothing.css"), 404)
	a := v.get("/")
	for _, header := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"} {
		if a.header.Get(header) == "" {
			t.Errorf("%s is not set", header)
		}
	}
	m := s.moderator()
	s.own = "01371 872121\n"
	m.sees(m.post("/moderate/publish"), 422, "say behind 01371 872121 whose number it is")
	m.sees(m.get("/moderate"), 422, "say behind 01371 872121 whose number it is")
	if _, err := os.Stat(s.folder); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the list was published", err)
	}
	v.sees(v.get("/"), 200)
}
