package web

import (
	"net/http"
	"strings"
	"testing"

	"ringfence/store"
)

// ownsAll makes mum's owner the owner of all households.
func (s *site) ownsAll() {
	s.t.Helper()
	for _, home := range []string{"gran", "else"} {
		s.ok(s.db.SetMembership(s.t.Context(), home, s.people["owner"].ID, store.RoleOwner, true))
	}
}

// The owner of all households makes an area, gives somebody a role in it, and puts households into it: they are covered at once.
func TestAreasInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ownsAll()
	b := s.browse("owner", "/")
	b.sees("Everything is well")
	b.press("Areas")
	b.sees("looked after by 1 person")
	b.shot("areas")
	b.axe()
	b.fits()
	b.fill("Its name", "of AreaCarer")
	b.press("Make it")
	b.sees("There is an area of this name already.")
	b.fill("Its name", "Little Dunmow")
	b.press("Make it")
	b.sees("The area “Little Dunmow” is made.")
	b.sees("Nobody yet.")

	b.press("Add somebody")
	b.fill("The e-mail address they sign in with", "nobody@example.org")
	b.press("Add them")
	b.sees("Nobody signs in with this e-mail address.")
	b.axe()
	b.fill("The e-mail address they sign in with", "GranOwner@example.org")
	b.press("Viewer Sees calls, and changes nothing.")
	b.press("Add them")
	b.sees("Granowner Taylor is a viewer of all households in the area “Little Dunmow” now.")
	gran := s.as("granowner")
	if a := gran.get("/h/else/"); a.status != http.StatusNotFound {
		t.Errorf("a household outside the area: %d", a.status)
	}
	for _, household := range []string{"else", "mum"} {
		b.press(map[string]string{"else": "else", "mum": "Mum’s house"}[household])
	}
	b.press("Save the households")
	b.sees("2 households are in the area “Little Dunmow” now: mum, else.")
	b.shot("area")
	b.axe()
	b.fits()
	if a := gran.get("/h/else/"); a.status != http.StatusOK {
		t.Errorf("a household that was added later: %d", a.status)
	}
	if a := gran.post("/h/else/settings/mode", "mode", "off"); a.status != http.StatusForbidden {
		t.Errorf("a viewer by area changes the mode: %d", a.status)
	}
	b.open("/h/else/people")
	b.sees("by the area Little Dunmow")
	b.press("Who changed what")
	b.sees("Granowner Taylor is a viewer now, by the area “Little Dunmow”.")

	b.open("/areas")
	b.press("Little Dunmow")
	b.press("Remove the area")
	b.sees("The area “Little Dunmow” is removed. Its households stay.")
	if a := gran.get("/h/else/"); a.status != http.StatusNotFound {
		t.Errorf("without the area: %d", a.status)
	}
}

// A page of an area that somebody has left open undoes nothing of what somebody else does meanwhile.
func TestTwoPagesOfAnArea(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ownsAll()
	c, path := s.as("owner"), "/areas/"+itoa(s.area)
	was := func() string {
		_, rest, _ := strings.Cut(c.get(path).body, `name="was" value="`)
		was, _, _ := strings.Cut(rest, `"`)
		return was
	}
	first := was()
	if a := c.post(path+"/households", "was", first, "household", "mum", "household", "gran"); a.status != http.StatusSeeOther {
		t.Fatal(a.status, a.body)
	}
	if a := c.post(path+"/households", "was", first, "household", "mum", "household", "else"); a.status != http.StatusSeeOther {
		t.Fatal(a.status, a.body)
	}
	if got := was(); got != "else gran mum " && len(strings.Fields(got)) != 3 {
		t.Errorf("the area has %q", got)
	}
	for _, form := range []string{"/people/999", "/people/999/remove"} {
		if a := c.post(path+form, "role", "owner"); a.status != http.StatusNotFound {
			t.Errorf("%s answered %d", form, a.status)
		}
	}
	if a := c.post(path+"/people/"+itoa(s.people["areaowner"].ID)+"/remove", "role", ""); a.status != http.StatusSeeOther {
		t.Errorf("%d %s", a.status, a.body)
	}
}
