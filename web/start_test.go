package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// A household is set up in a browser, from the one-time address to Today: account, name, contacts, a test call that is watched.
//
// Long: one story, each step of which rests on those before it.
func TestFirstRunInABrowser(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	token, err := s.db.MakeStartToken(t.Context())
	s.ok(err)
	b := s.browse("", "/start/"+token)
	look := func(name string) {
		t.Helper()
		b.shot("start-" + name)
		b.axe()
		b.fits()
	}
	b.sees("Setting up, step 1 of 6")
	b.fill("Your name", "Anna Taylor")
	b.fill("Your e-mail address", "anna@example.org")
	b.fill("A password", "password1234")
	b.press("Make my account")
	b.sees("too easy to guess")
	look("account-wrong")
	b.fill("A password", goodPassword)
	b.press("Make my account")

	b.sees("Setting up, step 2 of 6")
	look("house")
	b.fill("What you call it", "Mum’s house")
	b.press("Continue")
	b.sees("Setting up, step 3 of 6")
	look("contacts")
	eval[int](b, `(() => { const set = (id, v) => document.getElementById(id).value = v; set("name-1", "Ben"); set("number-1", "07700 900456"); set("name-2", "Nobody"); set("number-2", "12"); return 0; })()`)
	b.press("Save and continue")
	b.sees("Some couldn't be saved")
	b.sees("Contacts already: Ben.")
	look("contacts-wrong")
	b.press("Skip this step")

	b.sees("Setting up, step 4 of 6")
	look("test")
	b.press("Ring the phone")
	b.sees("The phone is about to ring")
	s.rest.step("ringing", false)
	b.sees("The phone is ringing. Pick it up")
	s.rest.step("picked-up", false)
	b.sees("Somebody has picked up, and hears: this is a test.")
	look("test-running")
	s.rest.step("no-key", true)
	b.sees("Calls work. If keys don't")
	look("test-no-key")
	b.press("Ring it again")
	b.sees("The phone is about to ring")
	for i, step := range []string{"ringing", "picked-up", "heard", "pressed"} {
		s.rest.step(step, i == 3)
	}
	b.sees("All of it works.")
	look("test-good")
	b.press("Continue")
	b.sees("Setting up, step 5 of 6")
	b.sees("Unconditional Call Forward to VOIP") // what to do if no call comes
	look("outside")
	s.calledFromOutside()
	b.sees("The call has come in, from 07700 900123.")
	b.sees("All of it works.")
	look("outside-works")
	b.press("Continue")
	b.sees("Mum’s house is ready")
	b.sees("One contact rings straight through.")
	look("done")
	b.press("Go to Today")
	b.sees("Mum’s house is set up.")

	about, err := s.db.About(t.Context(), "mum")
	if err != nil || about.Title != "Mum’s house" || !about.Finished.Equal(siteNow) {
		t.Errorf("%+v %v", about, err)
	}
	if _, known, err := s.db.Situation(t.Context(), "mum", "+447700900456"); err != nil || known.Contact == nil || known.Contact.Name != "Ben" {
		t.Errorf("%+v %v", known.Contact, err)
	}
}

// The one-time address opens once; each step can be left and gone on with; and all of it works as forms alone.
//
// Long: one story, each step of which rests on those before it.
func TestFirstRunIsGoneOnWith(t *testing.T) {
	t.Parallel()
	s := emptySite(t)
	token, err := s.db.MakeStartToken(t.Context())
	s.ok(err)
	nobody := s.as("")
	if a := nobody.get("/start/wrong"); a.status != http.StatusGone || !strings.Contains(a.body, "not the newest one") {
		t.Errorf("another address answered %d", a.status)
	}
	if a := nobody.post("/start/wrong", "name", "Anna", "email", "anna@example.org", "new", goodPassword); a.status != http.StatusGone {
		t.Errorf("another address answered %d", a.status)
	}
	if a := nobody.post("/start/"+token, "name", "", "email", "no address", "new", "short"); a.status != http.StatusUnprocessableEntity ||
		strings.Count(a.body, "<li>") < 3 || strings.Contains(a.body, "short\"") {
		t.Errorf("answered %d: %s", a.status, faultIn(a.body))
	}
	anna := s.as("")
	a := anna.post("/start/"+token, "name", "Anna Taylor", "email", "anna@example.org", "new", goodPassword)
	if a.status != http.StatusSeeOther || a.header.Get("Location") != "/h/mum/start" {
		t.Fatalf("answered %d to %q: %s", a.status, a.header.Get("Location"), faultIn(a.body))
	}
	for _, who := range []struct {
		c      *client
		status int
		words  string
	}{{nobody, http.StatusGone, "has been used"}, {anna, http.StatusSeeOther, ""}} {
		if a := who.c.get("/start/" + token); a.status != who.status || !strings.Contains(a.body, who.words) {
			t.Errorf("used, it answered %d", a.status)
		}
	}
	if a := nobody.post("/start/"+token, "name", "Eve", "email", "eve@example.org", "new", goodPassword); a.status != http.StatusGone {
		t.Errorf("used, it answered %d", a.status)
	}
	next := func(household, want string) {
		t.Helper()
		if a := anna.get("/h/" + household + "/start"); a.status != http.StatusSeeOther || a.header.Get("Location") != "/h/"+household+"/start/"+want {
			t.Errorf("%d to %q, not %s", a.status, a.header.Get("Location"), want)
		}
	}
	next("mum", "house")
	anna.refuses("/h/mum/start/house", "Please say what you call this household", "title", " ", "region", "GB", "mode", "watch")
	anna.refuses("/h/mum/start/house", "write its numbers there with", "title", "Mum’s house", "region", "AD", "mode", "watch")
	anna.follows("/h/mum/start/house", "title", "Mum’s house", "region", "GB", "mode", "known-only")
	if h := s.home(t); h.Mode != screening.KnownOnly {
		t.Errorf("%+v", h)
	}
	next("mum", "contacts")
	anna.follows("/h/mum/start/contacts", "name", "Ben", "number", "07700 900456", "name", "", "number", "", "name", `"><script>`, "number", "020 7946 0123")
	next("mum", "test")
	anna.refuses("/h/mum/start/contacts", "Ben", "name", "Somebody else", "number", "07700 900456") // whose number it is
	s.rest.mu.Lock()
	s.rest.refuse = errors.New("A call is under way. Make the test call when it is over.")
	s.rest.mu.Unlock()
	anna.refuses("/h/mum/start/test", "A call is under way")
	if body := anna.follows("/h/mum/start/done"); !strings.Contains(body, "Mum’s house is set up.") {
		t.Error(faultIn(body))
	}
	next("mum", "done")
	if body := anna.get("/h/mum/start/done").body; !strings.Contains(body, `/h/gran/start`) || strings.Contains(body, `href="/h/mum/start"`) {
		t.Error("it does not say what is still to be set up")
	}
	if body := anna.get("/h/mum/settings").body; strings.Contains(body, "Setup isn’t finished") {
		t.Error("it is set up")
	}
	if body := anna.get("/h/gran/settings").body; !strings.Contains(body, "Setup isn’t finished") {
		t.Error("gran's is not set up")
	}
}

// calledFromOutside has somebody ring mum's line, and the household take the call.
func (s *site) calledFromOutside() {
	s.t.Helper()
	ctx, at := s.t.Context(), siteNow.Add(time.Second)
	id := screening.Identity{Number: "+447700900123"}
	call, err := s.db.CallArrived(ctx, "mum", "outside-1", at, id, screening.Caller{Number: "+447700900123"}, screening.Verdict{Action: screening.Screen}, "")
	s.ok(err)
	for _, step := range []calllog.Step{
		calllog.Asked{}, calllog.Said{Length: time.Second}, calllog.Rang{}, calllog.PickedUp{}, calllog.Pressed{Key: calllog.KeyTake},
	} {
		s.ok(s.db.CallStep(ctx, call, at, step))
	}
	s.board.changed()
}
