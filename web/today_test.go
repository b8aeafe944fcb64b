package web

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/rescue"
	"ringfence/web/backend"
)

// A carer sees within a look whether all is well, who rang and what became of it; one tap makes a caller a contact, and
// another takes it back.
func TestTodayInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("carer", "/")
	b.sees("All is well. The line works, and both phones are connected.")
	b.sees("Unknown callers say who they are first.")
	b.sees("Sent away as a scam.")
	b.sees(hostileName) // as text
	b.shot("today")
	b.axe()
	b.fits()

	b.sees("Their message, 6 seconds") // unfolded, as nobody has heard it yet
	b.press("Always allow Surgery")
	b.sees("Surgery (020 7946 0666) is one of your contacts now, and always gets through.")
	b.shot("today-undo")
	if _, known, err := s.db.Situation(t.Context(), "mum", "+442079460666"); err != nil || known.Contact == nil {
		t.Fatalf("no contact was made: %v", err)
	}
	b.press("Undo")
	b.sees("Undone: Surgery (020 7946 0666) isn't a contact any more.")
	if _, known, err := s.db.Situation(t.Context(), "mum", "+442079460666"); err != nil || known.Contact != nil {
		t.Fatalf("the contact is still there: %v", err)
	}
}

// A call comes in while the page is open: it is there, with its step and what the caller said, and the carer's keys work.
func TestACallInProgressIsLiveInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("carer", "/h/mum/")
	b.sees("Last calls")
	call := s.ringing()
	b.sees("On the phone now")
	b.sees("020 7946 0444")
	b.sees("The phone is ringing…")
	b.shot("today-live")
	b.axe()
	// What they say grows without anything else being touched, or announced; then there are the words of the whole.
	b.until("a mark", `(document.querySelector("#in-progress").firstElementChild.dataset.untouched = "yes") === "yes"`)
	s.board.says(call, store.Words{Text: "Hello, this."})
	b.sees("has written down so far: Hello, this …")
	s.board.says(call, store.Words{Text: "Hello, this is <b>Steve</b>", Unsure: true})
	b.sees("A machine, which isn’t sure, has written down so far: Hello, this is <b>Steve</b> …")
	b.until("nothing else touched", `document.querySelector("#in-progress").firstElementChild.dataset.untouched === "yes" && document.querySelector("[aria-live] #saying, #saying [aria-live]") === null`)
	b.shot("today-saying")
	b.axe()
	b.fits()
	s.ok(s.db.KeepWords(t.Context(), call, calllog.RecordedName, "Hello, this is Steve from Microsoft.", false))
	s.board.changed()
	b.until("the words of the whole alone", `!document.body.innerText.includes("so far") && document.querySelector("#in-progress").innerText.includes("Steve from Microsoft")`)
	s.ok(s.db.CallStep(t.Context(), call, siteNow, calllog.PickedUp{}))
	s.board.changed()
	b.sees("Picked up: the household hears who it is…")
	b.press("Let through")
	b.sees("020 7946 0444 is put through to whoever answers.")
	if got := s.board.log(); got != "mum let-through Carer Taylor" {
		t.Errorf("pressed: %q", got)
	}
	s.board.set(backend.Line{Asterisk: backend.Part{Name: "Asterisk", Known: true}})
	b.sees("Ringfence can't screen calls at the moment.")
	b.until("the command as code, without its backticks", `document.querySelector("#line code").innerText === "ringfence check" && !document.body.innerText.includes("\u0060")`)
	b.shot("today-down")
	b.axe()
}

// Who was sent away as a scam from the page is blocked and reported, which the page can undo.
func TestSendingAwayIsUndone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	known := func() (blocked, reported bool) {
		_, k, err := s.db.Situation(t.Context(), "mum", "+442079460444")
		s.ok(err)
		return k.Block != nil, !k.Reported.IsZero()
	}
	a := c.post("/h/mum/calls/" + itoa(s.ringing()) + "/away")
	if blocked, reported := known(); a.status != http.StatusSeeOther || !blocked || !reported || s.board.log() != "mum away Carer Taylor" {
		t.Fatalf("answered %d: %s", a.status, a.body)
	}
	body := c.get("/h/mum/").body
	if !strings.Contains(body, "020 7946 0444 was sent away as a scam, blocked and reported.") {
		t.Error("the page does not say so")
	}
	if a := c.post(undoOf(t, body)); a.status != http.StatusSeeOther {
		t.Errorf("the undo answered %d", a.status)
	}
	if blocked, reported := known(); blocked || reported {
		t.Error("it is not undone")
	}
}

// A key that comes too late is told of in a sentence.
func TestAKeyThatComesTooLate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	call := s.ringing()
	s.board.refuse = errors.New("that call is over")
	if a := s.as("carer").post((&backend.Visitor{Household: backend.Household{Name: "mum"}}).Path("calls", itoa(call), "away")); a.status != http.StatusConflict || !strings.Contains(a.body, "that call is over") {
		t.Errorf("answered %d", a.status)
	}
}

// What a carer does with a caller, and its undoing, is all in the database and in the log of changes.
//
// Long: one story, each step of which rests on those before it.
func TestWhatACarerDoesWithACaller(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	path := func(call, what string) string {
		return backend.Household{Name: "mum"}.Path("calls", itoa(s.calls[call]), what)
	}
	blocked := func() bool {
		_, known, err := s.db.Situation(t.Context(), "mum", "+442079460666")
		s.ok(err)
		return known.Block != nil
	}
	follow := func(a answer) string {
		if a.status != http.StatusSeeOther {
			t.Fatalf("answered %d: %s", a.status, a.body)
		}
		return c.get(a.header.Get("Location")).body
	}
	if body := follow(c.post(path("message", "block"))); !strings.Contains(body, "020 7946 0666 is blocked") || !blocked() {
		t.Error("the number is not blocked")
	}
	// Allowed while blocked, and taken back: blocked again.
	undoBlock := undoOf(t, s.as("carer").get("/h/mum/changes").body)
	body := follow(c.post(path("message", "allow")))
	if blocked() {
		t.Error("a contact is blocked")
	}
	follow(c.post(undoOf(t, body)))
	if !blocked() {
		t.Error("what was undone is not as before")
	}
	follow(c.post(undoBlock))
	if blocked() {
		t.Error("blocked in spite of being undone")
	}
	reports := func() int {
		all, err := s.db.Reports(t.Context(), "mum")
		s.ok(err)
		return len(all)
	}
	body = follow(c.post(path("message", "report")))
	if !strings.Contains(body, "is reported as a scam") || reports() != 1 {
		t.Error("the number is not reported")
	}
	follow(c.post(undoOf(t, body)))
	if reports() != 0 {
		t.Error("reported in spite of being undone")
	}
	// A contact is not blocked by one tap.
	if a := c.post(path("contact", "block")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "the contact Anna Taylor") {
		t.Errorf("blocking a contact answered %d", a.status)
	}
	// A caller without a number cannot be known again.
	if a := c.post(path("withheld", "allow")); a.status != http.StatusConflict {
		t.Errorf("allowing nobody answered %d", a.status)
	}
	if body := follow(c.post(path("message", "name"), "name", "  The surgery ")); !strings.Contains(body, "is called The surgery from now on") {
		t.Error("the caller has no name")
	}
	if names, err := s.db.CallerNames(t.Context(), "mum"); err != nil || names[screening.Number("+442079460666")] != "The surgery" {
		t.Errorf("names: %v, %v", names, err)
	}
	changes, err := s.db.AuditLog(t.Context(), "mum", 0, 100)
	s.ok(err)
	var said []string
	for _, c := range changes {
		said = append(said, c.By+" "+c.What)
	}
	if got, want := strings.Join(said, "; "), "Carer Taylor caller-named; Carer Taylor undone; Carer Taylor reported; Carer Taylor undone; Carer Taylor undone; Carer Taylor contact-added; Carer Taylor block-added"; got != want {
		t.Errorf("the log of changes has %q, not %q", got, want)
	}
}

// The keys that a call in progress has are those that its step takes: a contact who rings needs no letting through, those who
// talk cannot be asked to wait, and help that calls back is stopped by nobody.
func TestKeysOfACallInProgress(t *testing.T) {
	t.Parallel()
	card := func(action screening.Action, code screening.Code, steps ...store.Step) callCard {
		return callCard{LoggedCall: store.LoggedCall{Call: store.Call{Action: action, Reasons: []screening.Reason{{Code: code}}, Steps: steps}}}
	}
	for what, c := range map[string]struct {
		card                callCard
		let, wait, sendAway bool
	}{
		"unknown":      {card(screening.Screen, screening.CodeUnknown), true, true, true},
		"contact":      {card(screening.Ring, screening.CodeContact), false, true, true},
		"talking":      {card(screening.Ring, screening.CodeContact, store.Step{Step: calllog.PickedUp{}}), false, false, true},
		"pressed 3":    {card(screening.Screen, screening.CodeUnknown, store.Step{Step: calllog.PickedUp{}}, store.Step{Step: calllog.Pressed{Key: calllog.KeyScam}}), false, false, false},
		"turned away":  {card(screening.TurnAway, screening.CodeList), false, false, true},
		"ringing back": {card(screening.Ring, screening.CodeEmergency), false, false, false},
	} {
		if c.card.CanLetThrough() != c.let || c.card.CanWait() != c.wait || c.card.CanGo() != c.sendAway {
			t.Errorf("%s: %v %v %v", what, c.card.CanLetThrough(), c.card.CanWait(), c.card.CanGo())
		}
	}
}

// Whoever looks is told of a database that was damaged: on Today for a week, and a monitor for a day.
func TestADamagedDatabaseIsToldOfOnThePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := rescue.Report{Backup: siteNow.Add(-5 * time.Hour), Lost: []string{"contacts"}}
	s.Rescued = func() (rescue.Report, bool) { return r, !r.At.IsZero() }
	const words = "These may be missing or out of date: contacts."
	for _, c := range []struct {
		at     time.Time
		today  bool
		health int
	}{
		{time.Time{}, false, 200},
		{siteNow.Add(-time.Hour), true, 503},
		{siteNow.Add(-25 * time.Hour), true, 200},
		{siteNow.Add(-8 * 24 * time.Hour), false, 200},
	} {
		r.At = c.at
		if a := s.as("carer").get("/h/mum/"); a.status != 200 || strings.Contains(a.body, words) != c.today {
			t.Errorf("damaged at %v: Today (%d) says so: %v", c.at, a.status, !c.today)
		}
		if a := s.as("carer").get("/health"); a.status != c.health {
			t.Errorf("damaged at %v: the health is %d, not %d", c.at, a.status, c.health)
		}
	}
}

// Calls that may be missing because the file in which they waited cannot be read are told of for a week, beside what else is damaged.
func TestCallsThatMayBeMissingAreToldOfOnToday(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	file := filepath.Join(s.db.Folder(), "unwritten-unreadable-20261124-110000")
	s.ok(os.WriteFile(file, []byte("["), 0o600))
	for days, want := range map[int]bool{0: true, 6: true, 8: false} {
		s.ok(os.Chtimes(file, time.Time{}, siteNow.AddDate(0, 0, -days)))
		if a := s.as("viewer").get("/h/mum/"); a.status != 200 || strings.Contains(a.body, "Some calls from just before Ringfence was started may be missing") != want {
			t.Errorf("after %d days Today (%d) says so: %v", days, a.status, !want)
		}
	}
}

// A password that is easily guessed is told of where all else is well, and never in place of a line that is down.
func TestOpenDoorsOnToday(t *testing.T) {
	part := backend.Part{Name: "x", Up: true, Known: true}
	line := backend.Line{Asterisk: part, Trunk: part, Phones: []backend.Part{part}, Open: []string{"the password of the phone hall is easy to guess"}}
	if got := line.State(); got.Level != "warn" || !strings.Contains(got.Next, "the password of the phone hall is easy to guess") {
		t.Errorf("%+v", got)
	}
	line.Trunk.Up = false
	if got := line.State(); got.Level != "stop" || strings.Contains(got.Next, "password") {
		t.Errorf("%+v", got)
	}
}
