package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"ringfence/store/outbox"
	"ringfence/store/people"
)

// then is when everything in these tests happens.
var then = time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)

// town is a database with some households and an area that has the first two of them.
func town(t *testing.T, households ...string) (*Store, Area) {
	t.Helper()
	s, _ := open(t)
	for _, name := range households {
		must(t, s.EnsureHousehold(t.Context(), name))
	}
	area, err := s.AddArea(t.Context(), "North", then)
	must(t, err)
	if len(households) > 1 {
		_, _, err = s.SetAreaHouseholds(t.Context(), area.ID, households[:2], true)
		must(t, err)
	}
	return s, area
}

func (s *Store) roleIn(t *testing.T, household string, who people.Person) Standing {
	t.Helper()
	m, _, err := membershipOf(t, s, household, who.ID)
	must(t, err)
	return Standing{m.Role, m.Hears}
}

func TestARoleForAnArea(t *testing.T) {
	s, north := town(t, "hill", "dale", "else")
	ctx := t.Context()
	anna := aPerson(t, s, "Anna", "")
	must(t, s.SetMembership(ctx, "hill", aPerson(t, s, "Owen", "").ID, RoleOwner, true))
	changes, err := s.SetAreaRole(ctx, north.ID, anna.ID, Standing{RoleCarer, false})
	must(t, err)
	if len(changes) != 2 || changes[0].Household != "dale" || changes[0].After.Role != RoleCarer || changes[1].Household != "hill" {
		t.Errorf("%+v", changes)
	}
	if got := s.roleIn(t, "else", anna); got.Role != "" {
		t.Errorf("in a household outside the area she is %+v", got)
	}

	// A household that is added later is covered at once; for a household alone she may have more, and never less.
	_, _, err = s.SetAreaHouseholds(ctx, north.ID, []string{"else"}, true)
	must(t, err)
	must(t, s.SetMembership(ctx, "hill", anna.ID, RoleViewer, true))
	must(t, s.SetMembership(ctx, "dale", anna.ID, RoleOwner, false))
	for home, want := range map[string]Standing{"else": {RoleCarer, false}, "hill": {RoleCarer, true}, "dale": {RoleOwner, false}} {
		if got := s.roleIn(t, home, anna); got != want {
			t.Errorf("in %s she is %+v, not %+v", home, got, want)
		}
	}
	given, err := s.RolesIn(ctx, "hill", anna.ID)
	if want := (Roles{Own: Standing{RoleViewer, true}, ByArea: Standing{RoleCarer, false}, Areas: []string{"North"}}); err != nil || !reflect.DeepEqual(given, want) {
		t.Errorf("%+v %v", given, err)
	}
	members, err := s.Members(ctx, "else")
	if err != nil || len(members) != 1 || members[0].Own || members[0].Areas != "North" {
		t.Errorf("%+v %v", members, err)
	}

	// Without the area she keeps what she was given for a household alone.
	_, err = s.SetAreaRole(ctx, north.ID, anna.ID, Standing{})
	must(t, err)
	for home, want := range map[string]Standing{"else": {}, "hill": {RoleViewer, true}, "dale": {RoleOwner, false}} {
		if got := s.roleIn(t, home, anna); got != want {
			t.Errorf("without the area she is %+v in %s, not %+v", got, home, want)
		}
	}
	areas, err := s.Areas(ctx)
	if want := []Area{{ID: north.ID, Name: "North", Households: 3}}; err != nil || !slices.Equal(areas, want) {
		t.Errorf("%+v %v", areas, err)
	}
}

// What was made for somebody's role goes with it, and only then: their alerts, their tokens, and links that the owners of a household know.
func TestWhatGoesWithARoleForAnArea(t *testing.T) {
	s, north := town(t, "hill", "dale")
	ctx := t.Context()
	anna, ben := aPerson(t, s, "Anna", ""), aPerson(t, s, "Ben", "")
	must(t, s.SetMembership(ctx, "hill", ben.ID, RoleOwner, true))
	_, err := s.SetAreaRole(ctx, north.ID, anna.ID, Standing{RoleOwner, true})
	must(t, err)
	for _, home := range []string{"hill", "dale"} {
		_, err = s.Outbox.AddChannel(ctx, home, anna.ID, "E-mail", "email", "smtp://x", outbox.Choices{Digest: -1})
		must(t, err)
	}
	token, err := s.AddToken(ctx, anna.ID, Token{Name: "walker", Scope: ScopeRead, Household: "hill"}, then)
	must(t, err)
	invitation, _, err := s.Invite(ctx, Invitation{Household: "hill", Name: "Eve", Role: RoleOwner, By: "Anna", Expires: then.AddDate(0, 0, 7)}, then)
	must(t, err)
	has := func(home string) int {
		channels, err := s.Outbox.Channels(ctx, home, anna.ID)
		must(t, err)
		return len(channels)
	}

	// The only owner of dale stays one, whatever is done about the area, and nothing is changed by what is refused.
	_, _, outErr := s.SetAreaHouseholds(ctx, north.ID, []string{"hill", "dale"}, false)
	for what, err := range map[string]error{
		"taking the households out": outErr,
		"taking her role":           func() error { _, err := s.SetAreaRole(ctx, north.ID, anna.ID, Standing{}); return err }(),
		"making her a carer":        func() error { _, err := s.SetAreaRole(ctx, north.ID, anna.ID, Standing{RoleCarer, true}); return err }(),
		"removing the area":         func() error { _, err := s.RemoveArea(ctx, north.ID); return err }(),
	} {
		if !errors.Is(err, ErrLastOwner) || err.Error() != "dale: "+ErrLastOwner.Error() {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got := s.roleIn(t, "hill", anna); got.Role != RoleOwner || has("hill") != 1 {
		t.Errorf("what was refused has made her %+v", got)
	}

	must(t, s.SetMembership(ctx, "dale", ben.ID, RoleOwner, true))
	must(t, s.SetMembership(ctx, "dale", anna.ID, RoleViewer, true))
	_, err = s.RemoveArea(ctx, north.ID)
	must(t, err)
	if has("hill") != 0 || has("dale") != 1 {
		t.Errorf("she has %d alerts of hill, and %d of dale, which she may still see", has("hill"), has("dale"))
	}
	if _, _, err := s.TokenOf(ctx, token, then); !errors.Is(err, ErrNoToken) {
		t.Errorf("a token for a household that she left: %v", err)
	}
	if _, err := s.Invitation(ctx, invitation, then); !errors.Is(err, people.ErrLinkOver) {
		t.Errorf("an invitation that she knows: %v", err)
	}
}

// An owner by area is one like any other.
func TestOwnersByArea(t *testing.T) {
	s, north := town(t, "home", "other")
	ctx := t.Context()
	anna, ben := aPerson(t, s, "Anna", RoleOwner), aPerson(t, s, "Ben", RoleCarer)
	_, err := s.SetAreaRole(ctx, north.ID, anna.ID, Standing{RoleOwner, true})
	must(t, err)
	if owns, err := s.OwnsMachine(ctx, anna.ID); !owns || err != nil {
		t.Errorf("she owns the machine: %v %v", owns, err)
	}
	if may, err := s.MayReset(ctx, anna.ID, ben.ID); !may || err != nil {
		t.Errorf("she may make a password link: %v %v", may, err)
	}
	if err := s.RemovePerson(ctx, anna.ID); !errors.Is(err, ErrLastOwner) {
		t.Errorf("removing her: %v", err)
	}
	if _, err := s.RemoveMembership(ctx, "home", anna.ID); err != nil {
		t.Errorf("what she was given for the household alone: %v", err)
	}
	if got := s.roleIn(t, "home", anna); got.Role != RoleOwner {
		t.Errorf("she is %+v", got)
	}
}

func TestNamesOfAreas(t *testing.T) {
	s, north := town(t)
	ctx := t.Context()
	if _, err := s.AddArea(ctx, "north", then); !errors.Is(err, ErrAreaTaken) {
		t.Error(err)
	}
	south, err := s.AddArea(ctx, "South", then)
	must(t, err)
	for name, want := range map[string]error{"NORTH": ErrAreaTaken, "south": nil, "South of the river": nil} {
		if err := s.RenameArea(ctx, south.ID, name); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := s.AreaByName(ctx, "NORTH"); got != north || err != nil {
		t.Errorf("%+v %v", got, err)
	}
	for what, err := range map[string]error{
		"rename": s.RenameArea(ctx, 99, "x"), "find": func() error { _, err := s.Area(ctx, 99); return err }(),
		"remove": func() error { _, err := s.RemoveArea(ctx, 99); return err }(),
	} {
		if !errors.Is(err, ErrNoArea) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := s.SetAreaRole(ctx, north.ID, 99, Standing{RoleCarer, true}); !errors.Is(err, people.ErrNobody) {
		t.Error(err)
	}
	if _, err := s.SetAreaRole(ctx, north.ID, 1, Standing{"boss", true}); err == nil {
		t.Error("there is no such role")
	}
}

// Whatever is done in whatever order, everybody may do in each household the most of what they were given for it and for its areas.
func TestRolesAreWhatWasGiven(t *testing.T) {
	ctx := t.Context()
	homes := []string{"a", "b", "c", "d"}
	s, first := town(t, homes...)
	second, err := s.AddArea(ctx, "South", then)
	must(t, err)
	areas := []Area{first, second}
	var everybody []people.Person
	for i := range 4 {
		everybody = append(everybody, aPerson(t, s, fmt.Sprintf("P%d", i), ""))
	}
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test
	standing := func() Standing {
		return Standing{[]Role{RoleViewer, RoleCarer, RoleOwner}[random.IntN(3)], random.IntN(2) == 0}
	}
	for range 400 {
		area, who, home := areas[random.IntN(2)], everybody[random.IntN(4)], homes[random.IntN(4)]
		switch random.IntN(5) {
		case 0:
			_, _, err = s.SetAreaHouseholds(ctx, area.ID, []string{home}, random.IntN(2) == 0)
		case 1:
			_, err = s.SetAreaRole(ctx, area.ID, who.ID, standing())
		case 2:
			_, err = s.SetAreaRole(ctx, area.ID, who.ID, Standing{})
		case 3:
			to := standing()
			err = s.SetMembership(ctx, home, who.ID, to.Role, to.Hears)
		default:
			_, err = s.RemoveMembership(ctx, home, who.ID)
		}
		if err != nil && !errors.Is(err, ErrLastOwner) {
			t.Fatal(err)
		}
		for _, home := range homes {
			for _, who := range everybody {
				given, err := s.RolesIn(ctx, home, who.ID)
				must(t, err)
				if got := s.roleIn(t, home, who); got != given.Standing() {
					t.Fatalf("%s is %+v in %s, and was given %+v", who.Name, got, home, given)
				}
			}
		}
	}
}

// A household takes its places in areas with it, and an area's people stay.
func TestRemovingWhatAreasHave(t *testing.T) {
	s, north := town(t, "hill", "dale")
	ctx := t.Context()
	anna := aPerson(t, s, "Anna", "")
	_, err := s.SetAreaRole(ctx, north.ID, anna.ID, Standing{RoleCarer, true})
	must(t, err)
	must(t, func() error {
		_, err := s.write.ExecContext(context.WithoutCancel(ctx), "DELETE FROM households WHERE name = 'hill'")
		return err
	}())
	homes, err := s.AreaHouseholds(ctx, north.ID)
	if err != nil || !slices.Equal(homes, []string{"dale"}) {
		t.Errorf("%v %v", homes, err)
	}
	must(t, s.RemovePerson(ctx, anna.ID))
	if all, err := s.AreaPeople(ctx, north.ID); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
}
