package web

import (
	"bufio"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
)

// Links that let somebody in, or choose a new password, last as long as the page says, and no longer.
func TestHowLongLinksLast(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("owner")
	linkIn := func(a answer, before string) string {
		t.Helper()
		_, rest, found := strings.Cut(a.body, before)
		if !found || a.status != http.StatusOK {
			t.Fatalf("answered %d without a link", a.status)
		}
		token, _, _ := strings.Cut(rest, `"`)
		return token
	}
	invited := linkIn(c.post("/h/mum/people/invitations", "name", "Ben", "role", "viewer"), "/invitation/")
	reset := linkIn(c.post("/h/mum/people/"+itoa(s.people["viewer"].ID)+"/password"), "/password/")
	week, day := siteNow.AddDate(0, 0, 7), siteNow.Add(24*time.Hour)
	if _, err := s.db.Invitation(t.Context(), invited, week.Add(-time.Second)); err != nil {
		t.Errorf("within a week: %v", err)
	}
	if _, err := s.db.Invitation(t.Context(), invited, week); err == nil {
		t.Error("an invitation opens after a week")
	}
	if _, err := s.db.People.PasswordLink(t.Context(), reset, day.Add(-time.Second)); err != nil {
		t.Errorf("within a day: %v", err)
	}
	if _, err := s.db.People.PasswordLink(t.Context(), reset, day); err == nil {
		t.Error("a password link opens after a day")
	}
}

// Whoever finds a phone lying about makes no token with it, and no token opens for longer than was asked for.
func TestTokensNeedThePasswordAndEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.password("carer")
	c := s.as("carer")
	made := []string{"token", "Heating", "scope", store.ScopeRead, "days", "30"}
	c.refuses("/me/tokens", "Your password isn&#39;t right", append(made, "current", "wrong")...)
	if a := c.post("/me/tokens", append(made, "current", goodPassword)...); a.status != http.StatusOK {
		t.Errorf("answered %d", a.status)
	}
	tokens, err := s.db.Tokens(t.Context(), s.people["carer"].ID)
	if err != nil || len(tokens) != 1 || !tokens[0].Expires.Equal(siteNow.AddDate(0, 0, 30)) {
		t.Errorf("%+v %v", tokens, err)
	}
}

// A new password signs out every device but the one on which it was chosen.
func TestANewPasswordSignsOutTheOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.password("carer")
	here, lost := s.as("carer"), s.as("carer")
	if a := here.post("/me/password", "current", goodPassword, "new", "sofa walnut orbit kettle"); a.status != http.StatusSeeOther {
		t.Fatalf("answered %d: %s", a.status, faultIn(a.body))
	}
	if a := here.get("/h/mum/"); a.status != http.StatusOK {
		t.Errorf("where it was chosen: %d", a.status)
	}
	if a := lost.get("/h/mum/"); a.status != http.StatusSeeOther {
		t.Errorf("elsewhere: %d", a.status)
	}
}

// Signing out ends the login itself: it is in nobody's list of devices any more.
func TestSigningOutEndsTheLogin(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := s.as("carer")
	c.post("/sign-out")
	if logins, err := s.db.People.Logins(t.Context(), s.people["carer"].ID); err != nil || len(logins) != 0 {
		t.Errorf("%+v %v", logins, err)
	}
}

// A page that is open tells nothing more to somebody who may not see it any more, and holds nothing once it is closed.
func TestRightsEndWhileAPageIsOpen(t *testing.T) {
	t.Parallel()
	for path, lose := range map[string]func(*site) error{
		"/h/mum/live": func(s *site) error {
			_, err := s.db.RemoveMembership(t.Context(), "mum", s.people["owner"].ID)
			return err
		},
		"/h/mum/start/test/live": func(s *site) error {
			return s.db.SetMembership(t.Context(), "mum", s.people["owner"].ID, store.RoleViewer, true)
		},
	} {
		s := newSite(t)
		s.ok(s.db.SetMembership(t.Context(), "mum", s.people["carer"].ID, store.RoleOwner, true)) // one stays
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.web.URL+path, nil)
		s.ok(err)
		r.AddCookie(s.cookie("owner"))
		response, err := (&http.Client{Timeout: time.Minute}).Do(r)
		s.ok(err)
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 1<<20)
		if !lines.Scan() || lines.Text() != "event: part" {
			t.Fatalf("it begins with %q", lines.Text())
		}
		s.ok(lose(s))
		s.ringing() // of which they must not hear
		told := ""
		for lines.Scan() {
			told += lines.Text() + "\n"
		}
		if err := errors.Join(lines.Err(), response.Body.Close()); err != nil || strings.Contains(told, "0444") {
			t.Errorf("%s: %v\n%s", path, err, told)
		}
		s.board.mu.Lock()
		if n := len(s.board.waiting); n != 0 {
			t.Errorf("%s: %d pages are still told of changes", path, n)
		}
		s.board.mu.Unlock()
	}
}

// A recording whose file is lost is one that is not there; nobody sees a fault of ours for it.
func TestARecordingThatIsLost(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	kept, _, err := s.db.Recording(t.Context(), "mum", s.calls["message"], "message")
	s.ok(err)
	s.ok(os.Remove(kept.Path))
	if a := s.as("carer").get("/h/mum/recordings/" + itoa(s.calls["message"]) + "/message"); a.status != http.StatusNotFound {
		t.Errorf("answered %d", a.status)
	}
}

// Of a caller whose name could not be kept, as on a full disk, no page says that nothing was heard.
func TestANameThatCouldNotBeKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	call := s.call("mum", siteNow.Add(-time.Minute), screening.Caller{Number: "+442079460556", Presentation: screening.Allowed},
		screening.Verdict{Action: screening.Screen, Would: screening.Screen}, "caller-gone", "asked", "ask-name", "said", "3s")
	body := s.as("carer").get("/h/mum/calls/" + itoa(call)).body
	if !strings.Contains(body, "Said who they were (0:03).") || strings.Contains(strings.ToLower(body), "nothing") {
		t.Errorf("the page says %s", body)
	}
}

// A browser keeps its cookie for thirty days, and then asks for the password again.
func TestHowLongABrowserStaysSignedIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.password("carer")
	a := s.as("").post("/sign-in", "email", "carer@example.org", "password", goodPassword)
	if len(a.cookies) != 1 || time.Until(a.cookies[0].Expires) > 30*24*time.Hour+time.Minute || time.Until(a.cookies[0].Expires) < 29*24*time.Hour {
		t.Errorf("%v", a.cookies)
	}
}

// A password that was chosen by a link is a line in the log of every household that it opens.
func TestAPasswordByALinkIsLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token, err := s.db.People.MakePasswordLink(t.Context(), s.people["both"].ID, siteNow.Add(time.Hour))
	s.ok(err)
	if a := s.as("").post("/password/"+token, "new", goodPassword); a.status != http.StatusSeeOther {
		t.Fatalf("answered %d: %s", a.status, faultIn(a.body))
	}
	for _, household := range []string{"mum", "gran"} {
		log, err := s.db.AuditLog(t.Context(), household, 0, 1)
		if err != nil || len(log) != 1 || log[0].What != "password-set" || log[0].By != "Both Taylor" {
			t.Errorf("%s: %+v %v", household, log, err)
		}
	}
}

// Whoever has given a password and no code yet is forgotten when somebody else signs in with the same browser.
func TestSigningInForgetsWhoWasHalfSignedIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.password("carer")
	s.password("owner")
	_, err := s.db.People.SetTOTP(t.Context(), s.people["carer"].ID, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", 0)
	s.ok(err)
	c := s.as("")
	if a := c.post("/sign-in", "email", "carer@example.org", "password", goodPassword); a.header.Get("Location") != "/sign-in/code" {
		t.Fatalf("answered %d", a.status)
	}
	if a := c.post("/sign-in", "email", "owner@example.org", "password", goodPassword); a.header.Get("Location") != "/" {
		t.Fatalf("answered %d", a.status)
	}
	if a := c.get("/sign-in/code"); a.status != http.StatusSeeOther {
		t.Errorf("a code is asked for: %d", a.status)
	}
}

// A device's numbers are found out again when their number was changed, and at least once an hour: entries end by the day.
func TestABookIsFoundOutAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, err := s.db.Lists.Replace(t.Context(), "mum", "parish", "", func(yield func(lists.Entry, error) bool) {
		_ = yield(lists.Entry{Digits: "441614960666", Confidence: 0.9}, nil) &&
			yield(lists.Entry{Digits: "441614960667", Confidence: 0.8, Expires: int32(siteNow.Unix()/86400) + 1}, nil)
	})
	s.ok(err)
	read := func(password string) (numbers int) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "PROPFIND", s.web.URL+"/carddav/mum/books/scams/", strings.NewReader(`<propfind xmlns="DAV:"><allprop/></propfind>`))
		s.ok(err)
		r.SetBasicAuth("mum", password)
		r.Header.Set("Content-Type", "application/xml")
		r.Header.Set("Depth", "1")
		a := s.as("").do(r)
		if a.status != http.StatusMultiStatus {
			t.Fatalf("answered %d: %s", a.status, a.body)
		}
		return strings.Count(a.body, ".vcf</")
	}
	if n := read(s.makeBook("mum", 1)); n != 1 {
		t.Errorf("%d of one", n)
	}
	password := s.makeBook("mum", 2)
	if n := read(password); n != 2 {
		t.Errorf("%d of two", n)
	}
	s.Now = func() time.Time { return siteNow.AddDate(0, 0, 3) }
	if n := read(password); n != 1 {
		t.Errorf("%d after one has ended", n)
	}
}

// Invitations that nobody can use any more are not among those that still work.
func TestOldInvitationsAreNotListed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, expires := range map[string]time.Time{"Benjamin": siteNow.Add(time.Hour), "Methuselah": siteNow.Add(-time.Hour)} {
		_, _, err := s.db.Invite(t.Context(), store.Invitation{Household: "mum", Name: name, Role: store.RoleViewer, By: "Owner Taylor", Expires: expires}, siteNow)
		s.ok(err)
	}
	if a := s.as("owner").get("/h/mum/people"); !strings.Contains(a.body, "Benjamin") || strings.Contains(a.body, "Methuselah") {
		t.Errorf("answered %d", a.status)
	}
}
