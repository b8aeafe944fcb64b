package web

import (
	"bytes"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

// follows posts a form, and returns the page that it leads to.
func (c *client) follows(path string, fields ...string) string {
	c.site.t.Helper()
	a := c.post(path, fields...)
	if a.status != http.StatusSeeOther {
		c.site.t.Fatalf("%s answered %d: %s", path, a.status, faultIn(a.body))
	}
	c.last = c.get(a.header.Get("Location")).body
	return c.last
}

// refuses posts a form that is to be refused with some words.
func (c *client) refuses(path, words string, fields ...string) {
	c.site.t.Helper()
	if a := c.post(path, fields...); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, words) {
		c.site.t.Errorf("%s %q answered %d: %s, not %q", path, fields, a.status, faultIn(a.body), words)
	}
}

// faultIn is what a page says in its beginning.
func faultIn(body string) string {
	_, main, _ := strings.Cut(body, "<main")
	return main[:min(len(main), 600)]
}

func (s *site) home(t *testing.T) screening.Household {
	t.Helper()
	h, err := s.db.Household(t.Context(), "mum")
	s.ok(err)
	return h
}

// undoes presses Undo behind a form that was sent last, whose page it is given.
func (c *client) undoes(page string) {
	c.site.t.Helper()
	changes, err := c.site.db.AuditLog(c.site.t.Context(), "mum", 0, 1)
	c.site.ok(err)
	path := "/h/mum/undo/" + itoa(changes[0].ID)
	if body := c.last; !strings.Contains(body, `action="`+path+`"`) {
		c.site.t.Errorf("%s offers no undo", page)
	}
	c.follows(path)
}

func TestModeOfTheHousehold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	const page = "/h/mum/settings/mode"
	if body := c.follows(page, "mode", "known-only"); !strings.Contains(body, "“Only people you know” holds from now on.") || s.home(t).Mode != screening.KnownOnly {
		t.Errorf("%+v", s.home(t))
	}
	for _, to := range []struct {
		until string
		want  time.Time
	}{
		{"2h", siteNow.Add(2 * time.Hour)},
		{"tomorrow", time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)},
		{"date", time.Date(2026, 12, 1, 18, 30, 0, 0, time.UTC)},
	} {
		c.follows(page, "mode", "off", "until", to.until, "date", "2026-12-01", "time", "18:30")
		if h := s.home(t); h.Times.Temporary != screening.Off || !h.Times.TemporaryUntil.Equal(to.want) || h.Mode != screening.KnownOnly {
			t.Errorf("%s: %+v", to.until, h.Times)
		}
	}
	before := s.home(t)
	// Who saves the page as it is leaves the end as it is.
	body := c.get(page).body
	if !strings.Contains(body, `<option value="as-before" selected>Until Tuesday 1 December 2026 at 18:30, as before`) || !strings.Contains(body, "That holds until Tuesday 1 December 2026 at 18:30.") {
		t.Error(faultIn(body))
	}
	c.follows(page, "mode", "off", "until", "as-before")
	if h := s.home(t); h.Times.Temporary != screening.Off || !h.Times.TemporaryUntil.Equal(before.Times.TemporaryUntil) || h.Mode != screening.KnownOnly {
		t.Errorf("saved as it was, it is %+v", h)
	}
	c.follows(page, "mode", "ask")
	c.refuses(page, "That time is in the past", "mode", "off", "until", "as-before")
	if h := s.home(t); h.Times.Temporary != "" || h.Mode != screening.Ask {
		t.Errorf("%+v", h)
	}
	c.undoes(page)
	if h := s.home(t); h.Mode != before.Mode || h.Times.Temporary != before.Times.Temporary || !h.Times.TemporaryUntil.Equal(before.Times.TemporaryUntil) {
		t.Errorf("undone, it is %+v", h)
	}
	c.refuses(page, "no mode", "mode", "fortress")
	c.refuses(page, "Please say until which day and time", "mode", "off", "until", "date", "date", "yesterday", "time", "18:30")
	for _, kept := range []string{`value="off" checked`, `<option value="date" selected>`, `name="time" value="18:30"`} {
		c.refuses(page, kept, "mode", "off", "until", "date", "date", "", "time", "18:30")
	}
	c.refuses(page, "is over already", "mode", "off", "until", "date", "date", "2026-11-23", "time", "18:30")
	c.refuses(page, "90 days", "mode", "off", "until", "date", "date", "2036-11-23", "time", "18:30")
	if body := c.follows(page + "/expect"); !strings.Contains(body, "A call is expected until 13:00") || !s.home(t).ExpectingAt(siteNow) {
		t.Error("no call is expected")
	}
	c.follows(page+"/expect", "expect", "off")
	if s.home(t).ExpectingAt(siteNow) {
		t.Error("a call is still expected")
	}
	if changes, err := s.db.AuditLog(t.Context(), "mum", 0, 100); err != nil || len(changes) != 8 || changes[0].By != "Carer Taylor" || changes[0].What != "expecting" || changes[1].What != "expecting" || changes[2].What != "undone" || changes[3].What != "mode-changed" {
		t.Errorf("the log of changes has %d: %+v %v", len(changes), changes, err)
	}
}

func TestWeekByForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	const page = "/h/mum/settings/week"
	has := func(want ...string) {
		t.Helper()
		spans, err := s.db.Spans(t.Context(), "mum")
		s.ok(err)
		var got []string
		for _, span := range spans {
			got = append(got, span.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("the week is %q, not %q", got, want)
		}
	}
	if body := c.follows(page+"/add", "day", "mon", "day", "tue", "day", "wed", "from", "22:00", "to", "07:00", "what", "quiet"); !strings.Contains(body, "Added: Monday to Wednesday, 22:00 to 07:00 the next morning: quiet hours.") {
		t.Error(faultIn(body))
	}
	c.follows(page+"/add", "day", "sat", "from", "09:15", "to", "10:00", "what", "off")
	has("mon-wed 22:00-07:00 quiet", "sat 09:15-10:00 off")
	c.refuses(page+"/add", "Choose at least one day", "from", "22:00", "to", "07:00", "what", "quiet")
	c.refuses(page+"/add", "not a time of day", "day", "mon", "from", "", "to", "07:00", "what", "quiet")
	c.refuses(page+"/add", "no mode", "day", "mon", "from", "22:00", "to", "07:00", "what", "loud")

	// Painted over: Saturday 09:00, in which the time above begins, stays as it is.
	cells := []byte(strings.Repeat("?", 7*48))
	cells[0], cells[1], cells[6*48+20] = 'k', 'K', '_'
	c.follows(page, "cells", string(cells), "was", was(t, c.get(page).body))
	spans, err := s.db.Spans(t.Context(), "mum")
	s.ok(err)
	h := screening.Household{Mode: screening.Ask, Times: screening.Times{Week: spans}}
	at := func(day, clock string) time.Time {
		when, err := time.Parse("2006-01-02 15:04", map[string]string{"mon": "2026-11-23", "sat": "2026-11-28", "sun": "2026-11-29"}[day]+" "+clock)
		s.ok(err)
		return when
	}
	if h.ModeAt(at("mon", "00:10")) != screening.KnownOnly || h.QuietAt(at("mon", "00:10")) || !h.QuietAt(at("mon", "00:40")) || !h.QuietAt(at("sun", "10:10")) ||
		h.ModeAt(at("sat", "09:10")) != screening.Ask || h.ModeAt(at("sat", "09:20")) != screening.Off || !h.QuietAt(at("mon", "23:00")) {
		t.Errorf("painted: %v", spans)
	}
	c.refuses(page, "Somebody else has just changed this", "cells", string(cells), "was", `{"week":"mon-wed 22:00-07:00 quiet"}`)
	c.refuses(page, "did not arrive whole", "cells", "kkk")
	cells[5] = 'z'
	c.refuses(page, "cannot be read", "cells", string(cells))

	c.undoes(page)
	has("mon-wed 22:00-07:00 quiet", "sat 09:15-10:00 off")
	c.follows(page+"/remove", "span", "mon-wed 22:00-07:00 quiet")
	has("sat 09:15-10:00 off")
	c.refuses(page+"/remove", "in the week any more", "span", "mon-wed 22:00-07:00 quiet")
	c.follows(page + "/clear")
	has()
	c.follows(page+"/contacts", "quiet-contacts", "message")
	if s.home(t).Times.QuietContacts != screening.Message {
		t.Error("contacts ring in quiet hours")
	}
	c.refuses(page+"/contacts", "must be ring or message", "quiet-contacts", "turn-away")
}

// Every mode, quiet or not, is written as a letter of its own, and read back.
func TestLettersOfTheWeek(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for mode := range cellLetters {
		for _, quiet := range []bool{false, true} {
			want := screening.Cell{Mode: mode, Quiet: quiet}
			letter := letterOf(want)
			if got, ok := cellOf(letter[0]); !ok || got != want || len(letter) != 1 || seen[letter] {
				t.Errorf("%+v is %q, which is %+v", want, letter, got)
			}
			seen[letter] = true
		}
	}
	for _, letter := range []byte{untouched, 0, 'z', ' ', '*'} {
		if _, ok := cellOf(letter); ok {
			t.Errorf("%q is a cell", letter)
		}
	}
}

func TestChecksCarerAndEmergency(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	body := c.follows("/h/mum/settings/checks", "withheld", "screen", "unavailable", "message", "international", "turn-away", "premium-rate", "mode",
		"human-check", "hidden", "ring-dialled", "on", "dial-guard", "on")
	want := screening.Policy{Withheld: screening.Screen, Unavailable: screening.Message, International: screening.TurnAway}
	if h := s.home(t); h.Policy != want || h.HumanCheck != screening.CheckHidden || !h.RingDialled || !h.DialGuard || !strings.Contains(body, "Calls from other countries: “Turn them away” from now on.") {
		t.Errorf("%+v", h)
	}
	c.follows("/h/mum/settings/checks", "withheld", "mode", "unavailable", "mode", "international", "mode", "premium-rate", "mode", "human-check", "off")
	if h := s.home(t); h.Policy != (screening.Policy{}) || h.HumanCheck != screening.CheckOff || h.RingDialled || h.DialGuard {
		t.Errorf("%+v", h)
	}
	c.refuses("/h/mum/settings/checks", "must be mode, ring", "withheld", "shout")

	const carer = "/h/mum/settings/carer"
	c.follows(carer, "carer-when", "no-answer", "carer-number", "07700 900123")
	if h := s.home(t); h.CarerWhen != screening.CarerNoAnswer || h.CarerNumber != "+447700900123" {
		t.Errorf("%+v", h)
	}
	c.refuses(carer, "without a number", "carer-when", "always", "carer-number", "")
	c.refuses(carer, "emergency services", "carer-when", "always", "carer-number", "999")
	c.refuses(carer, "own number", "carer-when", "always", "carer-number", "020 7946 0100")
	if h := s.home(t); h.CarerWhen != screening.CarerNoAnswer {
		t.Errorf("what was refused was kept: %+v", h)
	}
	c.follows(carer, "carer-when", "off", "carer-number", "")
	if h := s.home(t); h.CarerWhen != screening.CarerOff || h.CarerNumber != "" {
		t.Errorf("%+v", h)
	}

	const emergency = "/h/mum/settings/emergency"
	c.follows(emergency, "emergency", "48h")
	if h := s.home(t); h.Emergency != 48*time.Hour {
		t.Errorf("%+v", h)
	}
	// With a command:
	s.ok(s.db.SetOption(t.Context(), "mum", "emergency_s", int64(100*60*60)))
	if body := c.follows(emergency, "emergency", "100h"); !strings.Contains(body, "100 hours, as it is now") || s.home(t).Emergency != 100*time.Hour {
		t.Error("what was set with a command is lost")
	}
	c.refuses(emergency, "an hour up to a week", "emergency", "169h")
	c.refuses(emergency, "an hour up to a week", "emergency", "-1h")
}

func TestNameAndCountry(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	const page = "/h/mum/settings/house"
	if body := c.follows(page, "title", "The bungalow", "region", "FR"); !strings.Contains(body, "called “The bungalow” from now on. The line is in France from now on.") ||
		!strings.Contains(body, "&#43;44 20 7946 0100") {
		t.Error(faultIn(body))
	}
	if body := c.get("/h/mum/settings/emergency").body; !strings.Contains(body, "In France:") || !strings.Contains(body, ", 15, ") {
		t.Error("the emergency numbers have not followed")
	}
	c.follows(actionOf(t, c.get("/h/mum/changes").body, "/h/mum/undo/"))
	if s.rest.moved(s.Households())[0].Region != "GB" {
		t.Error("what calls and Asterisk have does not follow an undo")
	}
	c.refuses(page, "write its numbers there with", "title", "The bungalow", "region", "AD")
	c.refuses(page, "longer than 60 letters", "title", strings.Repeat("long ", 20))
	c.refuses(page, "can&#39;t be shown", "title", "a\u202eb")
	if body := c.follows(page, "title", `"><script>document.title='taken'</script>`, "region", "FR"); strings.Contains(body, "<script>document") {
		t.Error("a name is taken for a script")
	}
	s.rest.mu.Lock()
	s.rest.fault = "Asterisk does not answer"
	s.rest.mu.Unlock()
	for _, path := range []string{page, "/h/mum/settings/telephones"} {
		if !strings.Contains(c.get(path).body, "Asterisk does not answer") {
			t.Errorf("%s does not say what is wrong", path)
		}
	}
}

func TestPhrasesByUpload(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	const page = "/h/mum/settings/phrases"
	voice, err := os.ReadFile("../softphone/voices/neighbour.wav")
	s.ok(err)
	if a := c.sendFile(page+"/ask-name", "sound", "../../evil.wav", voice); a.status != http.StatusSeeOther {
		t.Fatalf("answered %d: %s", a.status, faultIn(a.body))
	}
	if _, length, own, err := s.db.Phrase(t.Context(), "mum", store.PhraseAskName); !own || err != nil || length < 2*time.Second {
		t.Error(own, length, err)
	}
	if _, _, own, err := s.db.Phrase(t.Context(), "gran", store.PhraseAskName); own || err != nil {
		t.Error("it is gran's as well", err)
	}
	if a := s.as("viewer").get(page + "/ask-name/own.wav"); a.status != http.StatusOK || a.header.Get("Content-Type") != "audio/wav" || !strings.HasPrefix(a.body, "RIFF") {
		t.Errorf("answered %d, %s", a.status, a.header.Get("Content-Type"))
	}
	if a := c.get(page + "/inspection/standard.wav"); a.status != http.StatusOK || !strings.HasPrefix(a.body, "RIFF") {
		t.Errorf("answered %d", a.status)
	}
	for _, path := range []string{page + "/greeting/own.wav", page + "/greeting/standard.wav", page + "/..%2fringfence/own.wav", page + "/choices/standard.wav"} {
		if a := c.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s answered %d", path, a.status)
		}
	}
	for words, file := range map[string][]byte{
		"MP3 file":             []byte("ID3 and music"),
		"There is no file":     nil,
		"Nothing can be heard": append(bytes.Clone(voice[:44]), make([]byte, 32000)...),
		"larger than 24 MB":    make([]byte, 26<<20),
	} {
		if words == "Nothing can be heard" {
			file = tone(0)
			file = append(file[:40], 0, 125, 0, 0)
			file = append(file, make([]byte, 32000)...)
		}
		a := c.sendFile(page+"/inspection", "sound", "../../evil.wav", file)
		if words == "There is no file" {
			a = c.post(page + "/inspection")
		}
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, words) {
			t.Errorf("%s: answered %d: %s", words, a.status, faultIn(a.body))
		}
	}
	if a := c.sendFile(page+"/choices", "sound", "../../evil.wav", voice); a.status != http.StatusNotFound {
		t.Errorf("another phrase answered %d", a.status)
	}
	c.follows(page + "/ask-name/standard")
	if _, _, own, err := s.db.Phrase(t.Context(), "mum", store.PhraseAskName); own || err != nil {
		t.Error("it is still there", err)
	}
}

func TestKeepingAsksBeforeItDeletes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	const page = "/h/mum/settings/keeping"
	kept := func() int {
		about, err := s.db.About(t.Context(), "mum")
		s.ok(err)
		return about.KeepDays
	}
	if a := c.post(page, "keep-days", "1"); a.status != http.StatusOK || !strings.Contains(a.body, "2 calls will be deleted within a day") || kept() != 0 {
		t.Errorf("answered %d: %s", a.status, faultIn(a.body))
	}
	if body := c.follows(page, "keep-days", "1", "sure", "yes"); !strings.Contains(body, "kept for one day from now on") || kept() != 1 {
		t.Error(faultIn(body))
	}
	c.follows(page, "keep-days", "60") // longer than now: nothing is asked
	if kept() != 60 {
		t.Errorf("%d days", kept())
	}
	// Undoing that deletes them too.
	lines, err := s.db.AuditLog(t.Context(), "mum", 0, 1)
	s.ok(err)
	undo := "/h/mum/undo/" + itoa(lines[0].ID)
	if a := c.post(undo); a.status != http.StatusOK || !strings.Contains(a.body, "2 calls will be deleted within a day") || kept() != 60 {
		t.Errorf("undone: answered %d: %s", a.status, faultIn(a.body))
	}
	if body := c.follows(undo, "sure", "yes"); !strings.Contains(body, "Undone: ") || kept() != 1 {
		t.Error(faultIn(body))
	}
	for _, days := range []string{"0", "-1", "many", "3651", ""} {
		c.refuses(page, "1 to 3650", "keep-days", days)
	}
}

// The card is shown with its own style, and a policy that allows nothing else.
func TestCardIsPrintedInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.as("viewer").get("/h/mum/settings/card/print")
	if policy := a.header.Get("Content-Security-Policy"); a.status != http.StatusOK || !strings.Contains(policy, "style-src 'sha256-") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script") {
		t.Errorf("%d %q", a.status, policy)
	}
	b := s.browse("viewer", "/h/mum/settings/card/print")
	if colour := eval[string](b, `getComputedStyle(document.querySelector("h1")).color`); colour != "rgb(1, 2, 3)" {
		t.Errorf("the style does not hold: %s", colour)
	}
	for _, path := range []string{"", "/telephones", "/card"} {
		if body := s.as("viewer").get("/h/mum/settings" + path).body; strings.Contains(body, "<form method=\"post\" class=\"card\"") {
			t.Errorf("a viewer sees a form on %s", path)
		}
	}
}
