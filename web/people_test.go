package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ringfence/store"
)

// An owner invites somebody by a link; they make an account with it, and are in. The link opens once.
//
// Long: one story, each step of which rests on those before it.
func TestInvitingInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browse("owner", "/h/mum/people")
	b.shot("people")
	b.axe()
	b.fits()
	b.fill("Their name", hostileName)
	b.press("Viewer Sees calls, and changes nothing.")
	b.press("May hear recordings and messages")
	b.press("Make an invitation")
	b.sees("The first person to open it gets in")
	b.shot("people-link")
	b.axe()
	b.fits()
	b.press("Copy the link")
	b.sees("Copied")
	link := b.link()
	path, ok := strings.CutPrefix(link, s.web.URL)
	if !ok {
		t.Fatalf("the link is %s", link)
	}
	b.press("Back to the people")
	b.sees("opens until 1 December 2026")

	new := s.browse("", path)
	new.sees("Owner Taylor asks you to help look after the phone of Mum’s house.")
	new.sees("a viewer: you see who rang and how each call ended, without hearing recordings.")
	new.shot("invitation")
	new.axe()
	new.fits()
	new.fill("Your name", "Nan")
	new.fill("Your e-mail address", "carer@example.org")
	new.fill("A password", "short")
	new.press("Join")
	new.sees("A password needs at least 12 letters or digits.")
	new.shot("invitation-wrong")
	new.axe()
	new.fill("A password", goodPassword)
	new.press("Join")
	new.sees("You have an account with this e-mail address already")
	new.fill("Your e-mail address", "nan@example.org")
	new.fill("A password", goodPassword)
	new.press("Join")
	new.sees("Welcome to Mum’s house.")
	nan, secrets, err := s.db.People.ByEmail(t.Context(), "nan@example.org")
	s.ok(err)
	places, err := s.db.Memberships(t.Context(), nan.ID)
	if want := []store.Membership{{Household: "mum", Title: "Mum’s house", Role: store.RoleViewer}}; err != nil || !slices.Equal(places, want) || !strings.HasPrefix(secrets.Password, "$argon2id$") {
		t.Errorf("%+v %v", places, err)
	}
	again := s.browse("", path)
	again.sees("This link has been used, withdrawn, or is too old.")
	again.shot("link-over")
	again.axe()

	// Who has an account joins with it, signing in on the way.
	s.password("granowner")
	b.fill("Their name", "Grace")
	b.press("Make an invitation")
	link = b.link()
	grace := s.browse("", strings.TrimPrefix(link, s.web.URL))
	grace.press("Sign in with it")
	grace.fill("E-mail", "granowner@example.org")
	grace.fill("Password", goodPassword)
	grace.press("Sign in")
	grace.sees("You are signed in as Granowner Taylor.")
	grace.shot("invitation-join")
	grace.axe()
	grace.press("Join as Granowner Taylor")
	grace.sees("Welcome to Mum’s house.")

	// One that is withdrawn opens nothing.
	b.open("/h/mum/people")
	b.fill("Their name", "Eve")
	b.press("Make an invitation")
	link = b.link()
	b.press("Back to the people")
	b.press("Withdraw the invitation of Eve")
	b.sees("The invitation is withdrawn")
	if a := s.as("").get(strings.TrimPrefix(link, s.web.URL)); a.status != http.StatusGone {
		t.Error(a.status)
	}
	b.press("Who changed what")
	b.sees("Nan has come in, invited by Owner Taylor.")
	b.sees("The invitation of Eve was withdrawn.")
	b.sees("was invited as a viewer who hears no recordings.")
	b.shot("changes")
	b.axe()
	b.fits()
}

// link is the link on the page that shows one.
func (b *tab) link() string {
	b.t.Helper()
	b.until("a link", `!!document.getElementById("link")`)
	return eval[string](b, `document.getElementById("link").value`)
}

// An owner changes what somebody may do, and takes them out: at their next request.
func TestMembersInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	area, err := s.db.AreaByName(t.Context(), "Of areaowner") // whose owner is one of this household, too
	s.ok(err)
	_, err = s.db.RemoveArea(t.Context(), area.ID)
	s.ok(err)
	carer := s.as("carer")
	b := s.browse("owner", "/h/mum/people")
	b.press("Change what Carer Taylor may do")
	b.shot("people-change")
	b.axe()
	b.fits()
	id := itoa(s.people["carer"].ID)
	eval[any](b, `document.getElementById("m`+id+`-viewer").click()`)
	b.press("Save for Carer Taylor")
	b.sees("Carer Taylor is a viewer now.")
	if a := carer.post("/h/mum/calls/" + itoa(s.calls["screened"]) + "/block"); a.status != http.StatusForbidden {
		t.Errorf("a viewer blocks: %d", a.status)
	}
	b.press("Change what Owner Taylor may do")
	eval[any](b, `document.getElementById("m`+itoa(s.people["owner"].ID)+`-carer").click()`)
	b.press("Save for Owner Taylor")
	b.sees("A household keeps at least one owner: make somebody else one first.")
	b.press("Change what Carer Taylor may do")
	b.press("Remove from this household: Carer Taylor")
	b.sees("Carer Taylor does not belong to this household any more.")
	if a := carer.get("/h/mum/"); a.status != http.StatusNotFound {
		t.Errorf("who was taken out sees %d", a.status)
	}
	viewer := s.browse("viewer", "/h/mum/people")
	viewer.sees("Owner Taylor")
	viewer.shot("people-viewer")
	if text := viewer.text(); strings.Contains(text, "@example.org") || strings.Contains(text, "Invite") {
		t.Errorf("a viewer sees %s", text)
	}
}

// A link to a new password, for somebody who has forgotten theirs; nobody gets into another household by one.
func TestPasswordLinksInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	was := s.as("carer")
	b := s.browse("owner", "/h/mum/people")
	b.press("Change what Carer Taylor may do")
	b.press("New password link for Carer Taylor")
	b.sees("The first person to open it can choose the password")
	b.shot("people-password")
	path := strings.TrimPrefix(b.link(), s.web.URL)

	c := s.browse("", path)
	c.sees("For Carer Taylor, who signs in with carer@example.org.")
	c.shot("password")
	c.axe()
	c.fits()
	c.fill("The new password", "carer carer carer")
	c.press("Save this password")
	c.sees("too easy to guess")
	c.fill("The new password", goodPassword)
	c.press("Save this password")
	c.sees("You have a new password. Sign in with it now.")
	c.fill("E-mail", "carer@example.org")
	c.fill("Password", goodPassword)
	c.press("Sign in")
	c.sees("Last calls")
	if a := was.get("/h/mum/"); a.status != http.StatusSeeOther {
		t.Errorf("the old session: %d", a.status)
	}
	for _, method := range []func(string, ...string) answer{s.as("").post, func(p string, _ ...string) answer { return s.as("").get(p) }} {
		if a := method(path); a.status != http.StatusGone {
			t.Errorf("a second time: %d", a.status)
		}
	}
	owner := s.as("owner")
	if a := owner.post("/h/mum/people/" + itoa(s.people["both"].ID) + "/password"); a.status != http.StatusForbidden || strings.Contains(a.body, "/password/") {
		t.Errorf("for a carer of gran's as well: %d", a.status)
	}
	if a := owner.post("/h/mum/people/" + itoa(s.people["granowner"].ID) + "/password"); a.status != http.StatusNotFound {
		t.Errorf("for somebody else's owner: %d", a.status)
	}
}

// The log has its pages, shows what callers made up as text, and is of one household.
func TestChangesPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i := range changesOnAPage + 5 {
		s.ok(s.db.AddAuditLine(t.Context(), &store.AuditLine{Household: "mum", At: siteNow, By: "Owner Taylor", What: "x", Text: fmt.Sprintf("Change %03d. %s", i, hostileName)}))
	}
	s.ok(s.db.AddAuditLine(t.Context(), &store.AuditLine{Household: "gran", At: siteNow, By: store.ByTelephone, What: "x", Text: "Gran's secret change"}))
	s.ok(s.db.AddAuditLine(t.Context(), &store.AuditLine{At: siteNow, By: store.ByCommand, What: "x", Text: "Of the machine"}))
	c := s.as("viewer")
	first := c.get("/h/mum/changes").body
	if !strings.Contains(first, "Change 054") || strings.Contains(first, "Change 004") || strings.Contains(first, "<script>document") || strings.Contains(first, "Gran&#39;s") {
		t.Error(first)
	}
	_, rest, found := strings.Cut(first, `href="/h/mum/changes?before=`)
	if !found {
		t.Fatal("there is no older page")
	}
	before, _, _ := strings.Cut(rest, `"`)
	older := c.get("/h/mum/changes?before=" + before).body
	if !strings.Contains(older, "Change 004") || strings.Contains(older, "Change 005") || strings.Contains(older, "Older changes") {
		t.Error(older)
	}
	if a := c.get("/h/mum/changes?before=x"); a.status != http.StatusOK || !strings.Contains(a.body, "Change 054") {
		t.Error(a.status)
	}
	if a := s.as("owner").get("/changes"); a.status != http.StatusNotFound {
		t.Errorf("the machine's log, for who owns one household of three: %d", a.status)
	}
	for _, home := range []string{"gran", "else"} {
		s.ok(s.db.SetMembership(t.Context(), home, s.people["owner"].ID, store.RoleOwner, false))
	}
	if a := s.as("owner").get("/changes"); a.status != http.StatusOK || !strings.Contains(a.body, "Of the machine") || strings.Contains(a.body, "Change 0") {
		t.Errorf("%d %s", a.status, a.body)
	}
}
