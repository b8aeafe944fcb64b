package store

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/store/columns"
	"ringfence/store/people"
)

// aPerson makes an account; role "" makes it a member of nothing.
func aPerson(t *testing.T, s *Store, name string, role Role) people.Person {
	t.Helper()
	p, err := s.People.Add(t.Context(), name, strings.ToLower(name)+"@example.org")
	must(t, err)
	if role != "" {
		must(t, s.SetMembership(t.Context(), "home", p.ID, role, true))
	}
	return p
}

func TestAccounts(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	if found, err := s.People.Any(ctx); found || err != nil {
		t.Error(found, err)
	}
	anna, err := s.People.Add(ctx, "  Anna  Brown ", " Anna@Example.org ")
	if err != nil || anna.Name != "Anna Brown" || anna.Email != "anna@example.org" || len(anna.Handle) != 32 || anna.HasPassword || anna.HasTOTP {
		t.Fatalf("%+v %v", anna, err)
	}
	if _, err := s.People.Add(ctx, "Another", "ANNA@example.org"); !errors.Is(err, people.ErrEmailTaken) {
		t.Error(err)
	}
	for what, bad := range map[string][2]string{
		"a name is needed": {" ", "x@example.org"}, "longer than 80": {strings.Repeat("x", 81), "x@example.org"},
		"cannot be shown": {"a\u202eb", "x@example.org"}, "not an e-mail address": {"Ben", "Ben <ben@example.org>"},
		"like joan@example.org": {"Ben", "ben"}, "write it like": {"Ben", strings.Repeat("x", 250) + "@example.org"},
	} {
		if _, err := s.People.Add(ctx, bad[0], bad[1]); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%q: %v, not %q", bad, err, what)
		}
	}
	must(t, s.People.SetPassword(ctx, anna.ID, "hash", 0))
	got, secrets, err := s.People.ByEmail(ctx, "ANNA@EXAMPLE.ORG")
	if err != nil || got.ID != anna.ID || !got.HasPassword || secrets.Password != "hash" || secrets.TOTP != "" || !bytes.Equal(got.Handle, anna.Handle) {
		t.Errorf("%+v %+v %v", got, secrets, err)
	}
	if got, _, err := s.People.ByHandle(ctx, anna.Handle); err != nil || got.ID != anna.ID {
		t.Errorf("%+v %v", got, err)
	}
	must(t, s.People.UpgradePassword(ctx, anna.ID, "another", "stronger"))
	if _, secrets, err := s.People.ByID(ctx, anna.ID); secrets.Password != "hash" || err != nil {
		t.Error("a password that was changed meanwhile is overwritten", err)
	}
	must(t, s.People.UpgradePassword(ctx, anna.ID, "hash", "stronger"))
	must(t, s.People.Rename(ctx, anna.ID, "Anna Green"))
	if p, _, err := s.People.ByID(ctx, anna.ID); err != nil || p.Name != "Anna Green" || time.Since(p.Added) > time.Minute {
		t.Errorf("%+v %v", p, err)
	}
	ben := aPerson(t, s, "Ben", "")
	if people, err := s.People.All(ctx); err != nil || len(people) != 2 || people[0].ID != anna.ID || people[1].ID != ben.ID {
		t.Errorf("%+v %v", people, err)
	}
	for what, err := range map[string]error{
		"rename": s.People.Rename(ctx, 99, "x"), "password": s.People.SetPassword(ctx, 99, "x", 0), "remove": s.RemovePerson(ctx, 99),
		"member": s.SetMembership(ctx, "home", 99, RoleOwner, true),
	} {
		if !errors.Is(err, people.ErrNobody) {
			t.Errorf("%s of nobody: %v", what, err)
		}
	}
	must(t, s.RemovePerson(ctx, ben.ID))
	if next := aPerson(t, s, "Cleo", ""); next.ID <= ben.ID {
		t.Error("a number is used twice: the log of changes would name the wrong person")
	}
}

func TestMemberships(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	anna := aPerson(t, s, "Anna", RoleOwner)
	ben := aPerson(t, s, "Ben", RoleCarer)
	must(t, s.SetMembership(ctx, "other", ben.ID, RoleOwner, false))
	members, err := s.Members(ctx, "home")
	if err != nil || len(members) != 2 || members[0].Name != "Anna" || members[0].Role != RoleOwner || !members[0].Hears || members[1].ID != ben.ID {
		t.Errorf("%+v %v", members, err)
	}
	all, err := s.Memberships(ctx, ben.ID)
	if want := []Membership{{"home", "", RoleCarer, true}, {"other", "", RoleOwner, false}}; err != nil || !reflect.DeepEqual(all, want) {
		t.Errorf("%+v %v", all, err)
	}
	for _, household := range []string{"other", "nowhere"} {
		if m, ok, err := membershipOf(t, s, household, anna.ID); ok || err != nil {
			t.Errorf("%s: %+v %v", household, m, err)
		}
	}
	if m, ok, err := membershipOf(t, s, "other", ben.ID); !ok || err != nil || m != all[1] {
		t.Errorf("%+v %v %v", m, ok, err)
	}
	for what, err := range map[string]error{
		"demoting":    s.SetMembership(ctx, "home", anna.ID, RoleCarer, true),
		"removing":    func() error { _, err := s.RemoveMembership(ctx, "home", anna.ID); return err }(),
		"deleting":    s.RemovePerson(ctx, anna.ID),
		"one of two":  s.RemovePerson(ctx, ben.ID),
		"nobody else": func() error { _, err := s.RemoveMembership(ctx, "other", ben.ID); return err }(),
	} {
		if !errors.Is(err, ErrLastOwner) {
			t.Errorf("%s the only owner: %v", what, err)
		}
	}
	if got, _, _ := membershipOf(t, s, "home", anna.ID); got.Role != RoleOwner {
		t.Errorf("she is %+v", got)
	}
	if err := s.SetMembership(ctx, "home", ben.ID, "admin", true); err == nil || !strings.Contains(err.Error(), "viewer, carer or owner") {
		t.Error(err)
	}
	if err := s.SetMembership(ctx, "nowhere", ben.ID, RoleOwner, true); !errors.Is(err, columns.ErrNoHousehold) {
		t.Error(err)
	}
	must(t, s.SetMembership(ctx, "home", ben.ID, RoleOwner, false))
	if gone, err := s.RemoveMembership(ctx, "home", anna.ID); !gone || err != nil {
		t.Error(gone, err)
	}
	if gone, err := s.RemoveMembership(ctx, "home", anna.ID); gone || err != nil {
		t.Error(gone, err)
	}
	must(t, s.RemovePerson(ctx, anna.ID))
}

func TestRolesCover(t *testing.T) {
	for role, covers := range map[Role][3]bool{"": {}, "admin": {}, RoleViewer: {true}, RoleCarer: {true, true}, RoleOwner: {true, true, true}} {
		for i, needs := range []Role{RoleViewer, RoleCarer, RoleOwner} {
			if role.Covers(needs) != covers[i] {
				t.Errorf("%q covers %s: %v", role, needs, !covers[i])
			}
		}
		if role.Covers("") != covers[0] {
			t.Errorf("%q and no need", role)
		}
	}
}

// The owner of one household makes no way into another one.
func TestWhoMayResetAPassword(t *testing.T) {
	s, _ := open(t)
	anna, ben := aPerson(t, s, "Anna", RoleOwner), aPerson(t, s, "Ben", RoleCarer)
	cleo, dan := aPerson(t, s, "Cleo", ""), aPerson(t, s, "Dan", "")
	must(t, s.SetMembership(t.Context(), "other", dan.ID, RoleOwner, true))
	try := func(owner, person people.Person, want bool) {
		t.Helper()
		if may, err := s.MayReset(t.Context(), owner.ID, person.ID); may != want || err != nil {
			t.Errorf("%s for %s: %v %v", owner.Name, person.Name, may, err)
		}
	}
	try(anna, ben, true)
	try(ben, anna, false)
	try(ben, ben, true)
	try(anna, cleo, false) // who belongs to no household
	try(anna, dan, false)
	must(t, s.SetMembership(t.Context(), "other", ben.ID, RoleViewer, true))
	try(anna, ben, false)
	must(t, s.SetMembership(t.Context(), "other", anna.ID, RoleCarer, true))
	try(anna, ben, false)
	must(t, s.SetMembership(t.Context(), "other", anna.ID, RoleOwner, true))
	try(anna, ben, true)
	for _, who := range []people.Person{anna, ben, cleo, dan} {
		if owns, err := s.OwnsMachine(t.Context(), who.ID); owns != (who.ID == anna.ID) || err != nil {
			t.Errorf("%s owns the machine: %v %v", who.Name, owns, err)
		}
	}
}

func TestCodesByAnApp(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	anna, ben := aPerson(t, s, "Anna", ""), aPerson(t, s, "Ben", "")
	if ok, err := s.People.UseTOTPStep(ctx, anna.ID, 100); ok || err != nil {
		t.Error("a step without a secret", ok, err)
	}
	if _, err := s.People.SetTOTP(ctx, anna.ID, "", 1); err == nil {
		t.Error("an empty secret is taken")
	}
	codes, err := s.People.SetTOTP(ctx, anna.ID, "JBSWY3DPEHPK3PXP", 100)
	if err != nil || len(codes) != 10 || len(codes[0]) != 19 || codes[0] == codes[1] {
		t.Fatal(codes, err)
	}
	for _, try := range []struct {
		step int64
		want bool
	}{{100, false}, {101, true}, {101, false}, {100, false}, {103, true}, {102, false}} {
		if ok, err := s.People.UseTOTPStep(ctx, anna.ID, try.step); ok != try.want || err != nil {
			t.Errorf("step %d: %v %v", try.step, ok, err)
		}
	}
	p, secrets, err := s.People.ByEmail(ctx, "anna@example.org")
	if err != nil || !p.HasTOTP || secrets.TOTP != "JBSWY3DPEHPK3PXP" {
		t.Errorf("%+v %+v %v", p, secrets, err)
	}
	use := func(p people.Person, code string, want bool) {
		t.Helper()
		if ok, err := s.People.UseRecoveryCode(ctx, p.ID, code); ok != want || err != nil {
			t.Errorf("%s: %q: %v %v", p.Name, code, ok, err)
		}
	}
	use(ben, codes[0], false)
	use(anna, strings.ToUpper(strings.ReplaceAll(codes[0], "-", " ")), true)
	use(anna, codes[0], false)
	use(anna, "", false)
	if left, err := s.People.RecoveryCodesLeft(ctx, anna.ID); left != 9 || err != nil {
		t.Error(left, err)
	}
	again, err := s.People.NewRecoveryCodes(ctx, anna.ID)
	must(t, err)
	use(anna, codes[1], false)
	use(anna, again[1], true)
	must(t, s.People.RemoveTOTP(ctx, anna.ID))
	use(anna, again[2], false)
	if p, _, err := s.People.ByID(ctx, anna.ID); p.HasTOTP || err != nil {
		t.Errorf("%+v %v", p, err)
	}
}

// membershipOf is a person's place in one household; ok is false if they have none, or there is no such household.
func membershipOf(t *testing.T, s *Store, household string, person int64) (m Membership, ok bool, err error) {
	all, err := s.Memberships(t.Context(), person)
	at := slices.IndexFunc(all, func(m Membership) bool { return m.Household == household })
	if at < 0 {
		return Membership{}, false, err
	}
	return all[at], true, err
}

// An address is the same in any case of any letter, also as it was kept before.
func TestAddressesInAnyCase(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	elise, err := s.People.Add(ctx, "Élise", "Élise@example.org")
	must(t, err)
	for _, kept := range []string{elise.Email, "Élise@Example.org", "ÉLISE@example.org"} { // as addresses were kept before
		_, err := s.write.ExecContext(ctx, "UPDATE people SET email = ? WHERE id = ?", kept, elise.ID)
		must(t, err)
		for _, typed := range []string{"Élise@example.ORG", "élise@example.org"} {
			if got, _, err := s.People.ByEmail(ctx, typed); err != nil || got.ID != elise.ID {
				t.Errorf("%q for %q: %+v %v", typed, kept, got, err)
			}
			if _, err := s.People.Add(ctx, "Élise", typed); !errors.Is(err, people.ErrEmailTaken) {
				t.Errorf("%q beside %q: %v", typed, kept, err)
			}
		}
	}
	second, err := s.write.ExecContext(ctx, "INSERT INTO people (name, email, added_at, handle) VALUES ('Elise', 'élise@example.org', 1, x'01')")
	must(t, err)
	id, err := second.LastInsertId()
	must(t, err)
	for typed, want := range map[string]int64{"ÉLISE@example.org": elise.ID, "élise@example.org": id} { // two who differ in their case, from before
		if got, _, err := s.People.ByEmail(ctx, typed); err != nil || got.ID != want {
			t.Errorf("%q: %+v %v", typed, got, err)
		}
	}
}
