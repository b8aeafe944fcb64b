package web

import (
	"net/http"
	"strings"
	"testing"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

// A carer of many adds a contact in all households of an area at once: the preview says where it changes something, where nothing has to be done and
// where it is skipped; then it is done, and can be undone in all of them.
func TestManyAtOnceInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	town(t, s, 60)
	ctx := t.Context()
	s.ok(s.db.AddContact(ctx, "house-0002", "Surgery", "+441214960123"))
	s.ok(s.db.AddContact(ctx, "house-0003", "The doctor's", "+441214960123"))
	s.ok(s.db.SetMembership(ctx, "gran", s.people["round"].ID, store.RoleViewer, true))
	b := s.browse("round", "/?area=North")
	b.press("Change several at once")
	b.sees("In the area North: 20 households to choose from.")
	b.shot("many")
	b.axe()
	b.fits()
	b.press("Add a contact")
	b.fill("Who it is", "Surgery")
	b.fill("Their number", "0121 496 0123")
	b.press("Where North: 20 households")
	b.press("1 Acacia Road")
	b.shot("many-form")
	b.axe()
	b.fits()
	b.press("Preview")
	b.sees("This would change 18 households")
	b.sees("Nothing to do in 1 household:")
	b.shot("many-preview")
	b.axe()
	b.fits()
	has := func(household string) bool {
		_, is, err := s.db.ContactByNumber(ctx, household, "+441214960123")
		s.ok(err)
		return is
	}
	if has("house-0001") {
		t.Fatal("the preview has changed something")
	}
	b.press("Change 18 households")
	b.sees("18 households have changed")
	b.shot("many-done")
	b.axe()
	b.fits()
	if !has("house-0001") || has("house-0000") || has("house-0030") {
		t.Errorf("in North: %v; unticked: %v; outside: %v", has("house-0001"), has("house-0000"), has("house-0030"))
	}
	log, err := s.db.AuditLog(ctx, "house-0001", 0, 1)
	if err != nil || log[0].What != "contact-added" || log[0].By != "Round Taylor" || log[0].Undo == "" {
		t.Errorf("%+v %v", log, err)
	}
	b.press("Undo it in 18 households")
	b.sees("Undone in 18 households.")
	if has("house-0001") || !has("house-0002") {
		t.Error("it is not undone, or more than that is")
	}
}

// Every kind of change has its form, its preview and its deed, without script, and is refused in words where it makes no sense.
func TestEveryKindOfChangeForMany(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	town(t, s, 6)
	c := s.as("round")
	for change, fields := range map[string][]string{
		"mode": {"value", "known-only"}, "option": {"option", "ring-dialled", "value", "on"}, "contact": {"name", "Surgery", "number", "0121 496 0123"},
		"block": {"number", "0909 879*"}, "ready-list": {"list", "gb-drama"}, "unsubscribe": {"list", "parish"}, "subscribe": {"list", s.published().source.Link()},
	} {
		form := c.get("/many/" + change + "?option=ring-dialled")
		if form.status != http.StatusOK || strings.Count(form.body, `name="household"`) != 6 {
			t.Errorf("the form of %s: %d, with %d households", change, form.status, strings.Count(form.body, `name="household"`))
		}
		fields = append(fields, "household", "house-0001", "household", "house-0002", "household", "mum")
		preview := c.post("/many/"+change+"/preview", fields...)
		want := "This would change 2 households"
		if change == "unsubscribe" {
			want = "Would be skipped in 2 households"
		}
		if preview.status != http.StatusOK || !strings.Contains(preview.body, want) || strings.Contains(preview.body, "Mum") {
			t.Errorf("the preview of %s: %d %s", change, preview.status, preview.body)
		}
		if a := c.post("/many/"+change, fields...); a.status != http.StatusOK || change != "unsubscribe" && !strings.Contains(a.body, "2 households have changed") {
			t.Errorf("%s: %d %s", change, a.status, a.body)
		}
	}
	for what, path := range map[string]string{"an unknown kind": "/many/rubbish", "one that is posted": "/many/undo/preview"} {
		if a := c.get(path); a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", what, a.status)
		}
	}
	for wrong, fields := range map[string][]string{
		"Choose at least one household.": {"value", "ask"}, "There is no mode": {"value", "rubbish", "household", "house-0001"},
	} {
		if a := c.post("/many/mode/preview", fields...); !strings.Contains(a.body, wrong) {
			t.Errorf("%v: %d %s", fields, a.status, a.body)
		}
	}
}

// Whoever may only look at a household, or does not belong to it, changes nothing there, and undoes nothing.
func TestManyIsOnlyForThoseWhoMay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	town(t, s, 3)
	ctx := t.Context()
	s.ok(s.db.SetMembership(ctx, "mum", s.people["round"].ID, store.RoleViewer, true))
	before, err := s.db.Household(ctx, "mum")
	s.ok(err)
	c := s.as("round")
	a := c.post("/many/mode", "value", string(screening.Off), "household", "mum", "household", "gran", "household", "house-0001")
	if !strings.Contains(a.body, "1 household has changed") || !strings.Contains(a.body, "You may only look at this household.") || strings.Contains(a.body, "Gran") {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, home := range []string{"mum", "gran"} {
		if after, err := s.db.Household(ctx, home); err != nil || after.Mode != before.Mode {
			t.Errorf("%s: %+v %v", home, after, err)
		}
	}
	made, err := s.Admin(&backend.Visitor{Household: s.Households()[0], Role: store.RoleOwner, Now: siteNow, Person: s.people["owner"]}).Block(ctx, "+442079460666", "")
	s.ok(err)
	a = c.post("/many/undo", "line", "mum "+itoa(made.Line), "line", "gran 1", "line", "house-0001 999")
	if a.status != http.StatusSeeOther {
		t.Fatal(a.status, a.body)
	}
	if blocks, err := s.db.Blocks(ctx, "mum"); err != nil || len(blocks) != 2 {
		t.Errorf("a viewer has undone something: %+v %v", blocks, err)
	}
	if a := s.as("").post("/many/mode", "value", "off", "household", "mum"); a.status != http.StatusSeeOther {
		t.Errorf("without signing in: %d", a.status)
	}
}
