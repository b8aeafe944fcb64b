package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ringfence/screening"
)

// A carer finds a call by a part of the number, by the name, by its kind and by the day.
func TestCallsAreFoundInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("carer", "/h/mum/calls")
	b.sees("Yesterday")
	b.sees("Talked for")
	b.sees(hostileName) // as text
	b.shot("calls")
	b.axe()
	b.fits()

	search := func(fields ...string) {
		t.Helper()
		for i := 0; i < len(fields); i += 2 {
			b.fill(fields[i], fields[i+1])
		}
		b.press("Search")
	}
	only := func(who string) {
		t.Helper()
		b.until("nothing but "+who, `(() => { const found = [...document.querySelectorAll(".cards h3")].map((e) => e.innerText); return found.length === 1 && found[0] === `+quoted(who)+`; })()`)
	}
	search("Number, name or words", "0999")
	only("020 7946 0999")
	search("Number, name or words", "anna")
	only("Anna Taylor")
	search("Number, name or words", "020 7946 0666")
	only("Surgery")
	b.press("Filter")
	search("Number, name or words", "", "Which calls", "scam") // the one that was turned away, and the one that was sent away
	b.until("two scam calls", `document.querySelectorAll(".cards h3").length === 2`)
	b.press("Show all calls")
	b.until("all calls", `location.search === "" && document.readyState === "complete"`)
	b.press("Filter")
	search("From", "2026-11-22", "To", "2026-11-22")
	only("Anna Taylor")
	b.shot("calls-found")
	b.axe()
	search("From", "2026-11-25", "To", "2026-11-22")
	b.sees("The first day comes after the last one")
	b.shot("calls-refused")
	b.axe()
	b.open("/h/mum/calls?who=nobody")
	b.sees("No calls found.")
	b.axe()
}

// Pages follow each other, and the filter stays.
func TestPagesOfCallsInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range pageOfCalls + 3 {
		s.call("mum", siteNow.Add(-time.Duration(i+200)*time.Hour), screening.Caller{Number: "+442079460321", Presentation: screening.Allowed},
			screening.Verdict{Action: screening.Ring, Would: screening.Ring}, "nobody-home", "rang", "", "no-answer", "no telephone was answered")
	}
	b := s.browse("viewer", "/h/mum/calls?kind=missed")
	b.press("Older calls")
	b.until("four older calls", `document.querySelectorAll(".cards h3").length === 4 || document.querySelectorAll(".cards h3").length === 3`)
	b.press("Newest calls")
	b.until("a full page", fmt.Sprintf(`document.querySelectorAll(".cards h3").length === %d`, pageOfCalls))
	if !strings.Contains(eval[string](b, "location.search"), "kind=missed") {
		t.Error("the filter is lost")
	}
}

// One call is a time line with what was said in it, which Chromium plays; the keyboard works all of it.
func TestACallInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("carer", "/h/mum/calls/"+itoa(s.calls["screened"]))
	b.sees("Sent away as a scam.")
	b.sees("08:00:00 Called from 020 7946 0555.")
	b.sees("The household pressed 3: a scam.")
	b.sees("What they said, 3 seconds")
	b.shot("call")
	b.axe()
	b.fits()

	// The recording stands with the moment at which it was made.
	if !eval[bool](b, `document.querySelector("audio").closest("li").innerText.includes("Said who they were")`) {
		t.Error("the player stands elsewhere")
	}
	if got := eval[string](b, `document.querySelector("audio").getAttribute("aria-label")`); got != "What 020 7946 0555 said today at 08:00, 3 seconds" {
		t.Errorf("a screen reader calls the player %q", got)
	}
	b.until("the recording's length", `Math.abs(document.querySelector("audio").duration - 3) < 0.1`)
	// By keyboard: the player takes the focus, and the space bar plays.
	b.until("the player in focus", `(() => { const a = document.querySelector("audio"); a.focus(); return document.activeElement === a; })()`)
	space := func() { b.do(chromedp.KeyEvent(" ")) }
	space()
	b.until("sound", `!document.querySelector("audio").paused && document.querySelector("audio").currentTime > 0.2`)
	space()
	b.until("silence", `document.querySelector("audio").paused`)
	// And from any place in it, which asks for a part of the file.
	eval[chromedp.Void](b, `document.querySelector("audio").currentTime = 2.5; document.querySelector("audio").play()`)
	b.until("the end", `document.querySelector("audio").ended`)

	b.press("All calls from this number")
	b.until("only this number", `document.querySelector(".cards h3") && [...document.querySelectorAll(".cards h3")].every((e) => e.innerText === "020 7946 0555")`)
	if got := eval[string](b, `document.querySelector("#f-who").value`); got != "020 7946 0555" {
		t.Errorf("the search is for %q", got)
	}
}

// A message is marked as heard, and deleted when that was confirmed.
func TestAMessageInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("carer", "/h/mum/calls/"+itoa(s.calls["message"]))
	b.sees("Nobody answered; left a message (0:06).")
	b.sees("Their message, 6 seconds")
	b.shot("call-message")
	b.axe()
	b.press("Mark as heard")
	b.sees("The message from Surgery is marked as heard.")
	if unheard, heard, err := s.db.MessageCount(t.Context(), "mum"); unheard != 0 || heard != 1 || err != nil {
		t.Error(unheard, heard, err)
	}
	b.press("Delete the message…")
	b.sees("It can't be brought back.")
	b.shot("message-delete")
	b.axe()
	b.fits()
	b.press("Keep it")
	b.press("Delete the message…")
	b.press("Delete the message")
	b.sees("The message from Surgery is deleted.")
	b.sees("deleted since")
	if unheard, heard, err := s.db.MessageCount(t.Context(), "mum"); unheard != 0 || heard != 0 || err != nil {
		t.Error(unheard, heard, err)
	}
	changes, err := s.db.AuditLog(t.Context(), "mum", 0, 10)
	s.ok(err)
	var said []string
	for _, c := range changes {
		said = append(said, c.By+" "+c.What)
	}
	if got := strings.Join(said, "; "); got != "Carer Taylor message-deleted; Carer Taylor message-heard" {
		t.Errorf("the log of changes has %q", got)
	}
}

// Somebody who may not hear sees that there is a recording, and nothing to play it with; nor can they mark or delete it. A
// viewer hears, and changes nothing.
func TestWhoMayHearInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("unhearing", "/h/mum/calls/"+itoa(s.calls["message"]))
	b.sees("There is a recording, which you may not hear.")
	b.shot("call-unhearing")
	b.axe()
	for _, who := range []string{"unhearing", "viewer"} {
		body := s.as(who).get("/h/mum/calls/" + itoa(s.calls["message"])).body
		if strings.Contains(body, "Mark as heard") || strings.Contains(body, "Delete the message") {
			t.Errorf("%s can look after messages", who)
		}
		if strings.Contains(body, "<audio") != (who == "viewer") || strings.Contains(body, "recordings/") != (who == "viewer") {
			t.Errorf("%s has or has not a player", who)
		}
	}
	list := s.as("unhearing").get("/h/mum/calls").body
	if strings.Contains(list, "<audio") || !strings.Contains(list, "which you may not hear") {
		t.Error("the search plays to somebody who may not hear")
	}
}

// A recording is sent whole and in parts, to those who may hear it, and stays in no cache.
func TestRecordings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := "/h/mum/recordings/" + itoa(s.calls["message"]) + "/message"
	whole := s.as("viewer").get(path)
	if whole.status != http.StatusOK || whole.body != string(tone(6*time.Second)) {
		t.Errorf("answered %d with %d bytes", whole.status, len(whole.body))
	}
	for name, want := range map[string]string{"Content-Type": "audio/wav", "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff", "Accept-Ranges": "bytes", "Content-Disposition": ""} {
		if got := whole.header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if got := s.as("viewer").get(path + "?download=1").header.Get("Content-Disposition"); got != "attachment; filename=message-2026-11-24-0900.wav" {
		t.Errorf("it is saved by %q", got)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.web.URL+path, nil)
	s.ok(err)
	r.Header.Set("Range", "bytes=44-143")
	if part := s.as("viewer").do(r); part.status != http.StatusPartialContent || part.body != whole.body[44:144] {
		t.Errorf("a part answered %d with %d bytes", part.status, len(part.body))
	}
	for _, wrong := range []string{
		"/h/mum/recordings/" + itoa(s.calls["message"]) + "/name", "/h/mum/recordings/" + itoa(s.calls["message"]) + "/..%2f..%2fringfence.db",
		"/h/mum/recordings/" + itoa(s.calls["gran"]) + "/name", "/h/mum/recordings/0/name", "/h/mum/recordings/x/name", "/h/gran/recordings/" + itoa(s.calls["message"]) + "/message",
	} {
		if got := s.as("both").get(wrong); got.status != http.StatusNotFound {
			t.Errorf("%s answered %d", wrong, got.status)
		}
	}
	// Nobody marks as heard, or deletes, what is not there.
	for _, what := range []string{"heard", "message/delete"} {
		for _, call := range []string{"screened", "gran"} {
			if got := s.as("both").post("/h/mum/calls/"+itoa(s.calls[call])+"/"+what, "", ""); got.status != http.StatusNotFound {
				t.Errorf("%s of %s answered %d", what, call, got.status)
			}
		}
	}
}

// The calls that were found come as a file, and only those.
func TestSheetOfCalls(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.as("viewer").get("/h/mum/calls.csv?kind=screened")
	if a.status != http.StatusOK || a.header.Get("Content-Disposition") != "attachment; filename=calls-mum-2026-11-24.csv" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") {
		t.Errorf("%d %v", a.status, a.header)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 1+5 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if rows[2][3] != "2026-11-24T10:00:00+00:00" || rows[2][6] != hostileName { // behind the one with the long headers
		t.Errorf("%q", rows[2])
	}
	for _, wrong := range []string{"kind=x", "from=yesterday", "from=2026-11-25&to=2026-11-24"} {
		if a := s.as("viewer").get("/h/mum/calls.csv?" + wrong); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s answered %d", wrong, a.status)
		}
		if a := s.as("viewer").get("/h/mum/calls?" + wrong); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s answered %d", wrong, a.status)
		}
	}
	for _, wrong := range []string{"after=x", "after=1", "after=1-x", "after=x-1"} {
		if a := s.as("viewer").get("/h/mum/calls?" + wrong); a.status != http.StatusNotFound {
			t.Errorf("%s answered %d", wrong, a.status)
		}
	}
}
