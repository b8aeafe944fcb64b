package web

import (
	"bufio"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"ringfence/store"
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
	if _, err := s.db.PasswordLink(t.Context(), reset, day.Add(-time.Second)); err != nil {
		t.Errorf("within a day: %v", err)
	}
	if _, err := s.db.PasswordLink(t.Context(), reset, day); err == nil {
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
	c.refuses("/me/tokens", "Your password is not right", append(made, "current", "wrong")...)
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
	if logins, err := s.db.Logins(t.Context(), s.people["carer"].ID); err != nil || len(logins) != 0 {
		t.Errorf("%+v %v", logins, err)
	}
}

// A page that is open tells nothing more to somebody who has been taken out of the household, and holds nothing once it is closed.
func TestRightsEndWhileAPageIsOpen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.web.URL+"/h/mum/live", nil)
	s.ok(err)
	r.AddCookie(s.cookie("carer"))
	response, err := (&http.Client{Timeout: time.Minute}).Do(r)
	s.ok(err)
	defer func() { s.ok(response.Body.Close()) }()
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() || lines.Text() != "event: part" {
		t.Fatalf("it begins with %q", lines.Text())
	}
	_, err = s.db.RemoveMembership(t.Context(), "mum", s.people["carer"].ID)
	s.ok(err)
	s.ringing() // of which they must not hear
	told := ""
	for lines.Scan() {
		told += lines.Text() + "\n"
	}
	if err := lines.Err(); err != nil || strings.Contains(told, "0444") {
		t.Errorf("%v\n%s", err, told)
	}
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	if n := len(s.board.waiting); n != 0 {
		t.Errorf("%d pages are still told of changes", n)
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
