package household

import (
	"errors"
	"strings"
	"testing"

	"ringfence/store"
	"ringfence/store/people"
)

// anArea is an area with the machine's household, which Anna owns, and the other household, which she owns as well.
func (m *machine) anArea(t *testing.T) (Areas, store.Area, Admin) {
	t.Helper()
	other := m.other(t, m.anna)
	areas := Areas{Store: m.Store, Actor: m.Actor, Now: m.Now}
	area, _, err := areas.Add(t.Context(), "North")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := areas.SetHouseholds(t.Context(), area, true, m.Household, "other"); err != nil {
		t.Fatal(err)
	}
	return areas, area, other
}

// What is done with areas stands in the machine's audit log; what it changes in a household stands in the household's.
func TestAreasInTheAuditLogs(t *testing.T) {
	m, ctx := newMachine(t), t.Context()
	areas, area, other := m.anArea(t)
	cleo, err := m.Store.People.Add(ctx, "Cleo", "cleo@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if said, err := areas.SetRole(ctx, area, cleo, store.Standing{Role: store.RoleCarer}); err != nil || said != "Cleo is a carer who hears no recordings of all households in the area “North” now." {
		t.Fatal(said, err)
	}
	for _, a := range []Admin{m.Admin, other} {
		l := lastLine(t, a)
		if l.What != string(MemberSet) || l.Text != "Cleo is a carer who hears no recordings now, by the area “North”." || l.After != "a carer who hears no recordings" || l.By != "Anna" || l.Undo != "" {
			t.Errorf("%s: %+v", a.Household, l)
		}
	}
	renamed, err := areas.Rename(ctx, area, " The  north ")
	if err != nil || renamed != "The area “North” is called “The north” now." {
		t.Error(renamed, err)
	}
	area.Name = "The north"
	if said, err := areas.SetHouseholds(ctx, area, false, "other", "other"); err != nil || said != "1 household is not in the area “The north” any more: other." {
		t.Error(said, err)
	}
	if l := lastLine(t, other); l.What != string(MemberRemoved) || l.Text != "Cleo does not belong to this household any more, by the area “The north”." {
		t.Errorf("%+v", l)
	}
	if said, err := areas.Remove(ctx, area); err != nil || !strings.Contains(said, "Its households stay.") {
		t.Error(said, err)
	}
	log, err := m.Store.AuditLog(ctx, "", 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, l := range log {
		words = append(words, l.What)
	}
	if got := strings.Join(words, " "); got != "area-removed area-households area-renamed area-role area-households area-added" {
		t.Error(got)
	}
}

// What changes nothing is said, and not logged; what is refused says why.
func TestWhatIsRefusedOfAreas(t *testing.T) {
	m, ctx := newMachine(t), t.Context()
	areas, area, _ := m.anArea(t)
	lines := func() int {
		log, err := m.Store.AuditLog(ctx, "", 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		return len(log)
	}
	before := lines()
	for what, do := range map[string]func() (string, error){
		"the same name": func() (string, error) { return areas.Rename(ctx, area, "North") },
		"households":    func() (string, error) { return areas.SetHouseholds(ctx, area, true, "other") },
		"nobody's role": func() (string, error) { return areas.SetRole(ctx, area, m.ben, store.Standing{}) },
	} {
		if said, err := do(); err != nil || !strings.HasPrefix(said, "Nothing has changed") {
			t.Errorf("%s: %q %v", what, said, err)
		}
	}
	kind := func(err error) Kind {
		var refusal *Refusal
		if !errors.As(err, &refusal) {
			t.Errorf("%v is no refusal", err)
			return -1
		}
		return refusal.Kind
	}
	if _, _, err := areas.Add(ctx, "NORTH"); kind(err) != Conflict {
		t.Error(err)
	}
	if _, err := areas.Rename(ctx, store.Area{ID: 99}, "South"); kind(err) != Gone {
		t.Error(err)
	}
	if _, _, err := areas.Add(ctx, " "); kind(err) != Unfit {
		t.Error(err)
	}
	if lines() != before {
		t.Error("something was logged")
	}
}

// In a household nobody can take away what somebody has for an area; they can have more there.
func TestAPlaceByAnArea(t *testing.T) {
	m, ctx := newMachine(t), t.Context()
	areas, area, other := m.anArea(t)
	if _, err := areas.SetRole(ctx, area, m.ben, store.Standing{Role: store.RoleCarer, Hears: true}); err != nil {
		t.Fatal(err)
	}
	refused := func(what string, err error) {
		t.Helper()
		if refusal := (*Refusal)(nil); !errors.As(err, &refusal) || refusal.Kind != Conflict ||
			refusal.Sentence != "Ben is a carer of every household in the area “North”. Only an owner of all households on this machine can change that." {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := other.RemoveMember(ctx, m.ben)
	refused("taking him out", err)
	_, err = other.SetMember(ctx, m.ben, "", store.RoleViewer, true)
	refused("making him less", err)
	_, err = other.SetMember(ctx, m.ben, "", store.RoleOwner, false)
	refused("taking his hearing", err)
	done, err := other.SetMember(ctx, m.ben, SeenMember(store.RoleCarer, true), store.RoleOwner, true)
	if err != nil || done.Sentence != "Ben is an owner now." {
		t.Fatalf("%+v %v", done, err)
	}
	if done, err := other.Undo(ctx, done.Line); err != nil || done.Sentence != "Undone: Ben is a carer again."+linksOver {
		t.Errorf("%+v %v", done, err)
	}
	if _, err := areas.SetRole(ctx, area, m.ben, store.Standing{}); err != nil {
		t.Fatal(err)
	}
	for home, want := range map[string]bool{m.Household: true, "other": false} {
		if is := m.belongs(t, home, m.ben); is != want {
			t.Errorf("he belongs to %s: %v", home, is)
		}
	}
}

func (m *machine) belongs(t *testing.T, household string, who people.Person) bool {
	t.Helper()
	members, err := m.Store.Members(t.Context(), household)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range members {
		if one.ID == who.ID {
			return true
		}
	}
	return false
}
