package store

import (
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ringfence/store/columns"
	"ringfence/store/people"
)

// Long: one story, each step of which rests on those before it.
func TestInvitations(t *testing.T) {
	s, path := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	invite := func(role Role, hears bool) string {
		t.Helper()
		token, _, err := s.Invite(ctx, Invitation{Household: "home", Name: "Ben", Role: role, Hears: hears, By: "Anna", Expires: now.Add(time.Hour)}, now)
		if err != nil || len(token) != 43 {
			t.Fatal(token, err)
		}
		return token
	}
	anna := aPerson(t, s, "Anna", RoleOwner)
	token := invite(RoleViewer, false)
	i, err := s.Invitation(ctx, token, now)
	if want := (Invitation{1, "home", "Ben", RoleViewer, false, "Anna", now, now.Add(time.Hour), time.Time{}}); err != nil || i != want {
		t.Errorf("%+v %v", i, err)
	}
	over := func(token string, now time.Time) {
		t.Helper()
		_, err := s.Invitation(ctx, token, now)
		_, _, accepted := s.AcceptInvitation(ctx, token, NewPerson{Name: "Eve", Email: "eve@example.org"}, now)
		_, joined := s.JoinByInvitation(ctx, token, anna.ID, now)
		if !errors.Is(err, people.ErrLinkOver) || !errors.Is(accepted, people.ErrLinkOver) || !errors.Is(joined, people.ErrLinkOver) {
			t.Error(err, accepted, joined)
		}
	}
	over("", now)
	over(token[:42], now)
	over(token, now.Add(time.Hour))
	if _, _, err := s.AcceptInvitation(ctx, token, NewPerson{Name: "Ben", Email: "anna@example.org"}, now); !errors.Is(err, people.ErrEmailTaken) {
		t.Error(err)
	}
	ben, _, err := s.AcceptInvitation(ctx, token, NewPerson{"Ben", "ben@example.org", "hash"}, now) // the failed one has not used it up
	must(t, err)
	if m, ok, err := membershipOf(t, s, "home", ben.ID); !ok || m.Role != RoleViewer || m.Hears || err != nil || !ben.HasPassword {
		t.Errorf("%+v %v", m, err)
	}
	over(token, now)
	// Who has a place already keeps it, or gets a better one.
	_, err = s.JoinByInvitation(ctx, invite(RoleCarer, true), ben.ID, now)
	must(t, err)
	_, err = s.JoinByInvitation(ctx, invite(RoleViewer, false), ben.ID, now)
	must(t, err)
	if m, _, err := membershipOf(t, s, "home", ben.ID); m.Role != RoleCarer || !m.Hears || err != nil {
		t.Errorf("%+v %v", m, err)
	}
	last := invite(RoleOwner, true)
	all, err := s.Invitations(ctx, "home")
	if err != nil || len(all) != 4 || !all[0].Used.IsZero() || !all[3].Used.Equal(now) {
		t.Errorf("%+v %v", all, err)
	}
	if gone, err := s.WithdrawInvitation(ctx, "other", all[0].ID); gone || err != nil {
		t.Error("another household's is withdrawn", err)
	}
	if gone, err := s.WithdrawInvitation(ctx, "home", all[0].ID); !gone || err != nil {
		t.Error(gone, err)
	}
	over(last, now)
	if gone, err := s.WithdrawInvitation(ctx, "home", all[3].ID); gone || err != nil {
		t.Error("a used one is withdrawn", err)
	}
	if _, _, err := s.Invite(ctx, Invitation{Household: "nowhere", Name: "x", Role: RoleOwner}, now); !errors.Is(err, columns.ErrNoHousehold) {
		t.Error(err)
	}
	if _, _, err := s.Invite(ctx, Invitation{Household: "home", Name: "x", Role: "admin"}, now); err == nil {
		t.Error("an invitation as nothing")
	}
	for _, file := range []string{path, path + "-wal"} {
		if text, err := os.ReadFile(file); err != nil || strings.Contains(string(text), token) {
			t.Errorf("the token itself stands in %s (%v)", file, err)
		}
	}
}

// Of many who open one link at the same moment, one gets in.
func TestALinkOpensOnce(t *testing.T) {
	s, _ := open(t)
	now := time.Now()
	start, err := s.MakeStartToken(t.Context())
	must(t, err)
	token, _, err := s.Invite(t.Context(), Invitation{Household: "home", Name: "Ben", Role: RoleOwner, Expires: now.Add(time.Hour)}, now)
	must(t, err)
	var in, started atomic.Int32
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			n := NewPerson{Name: "Ben", Email: string(rune('a'+i)) + "@example.org"}
			if _, err := s.Start(t.Context(), start, n); err == nil {
				started.Add(1)
			}
			n.Email = "x" + n.Email
			if _, _, err := s.AcceptInvitation(t.Context(), token, n, now); err == nil {
				in.Add(1)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 || started.Load() > 1 {
		t.Error(in.Load(), started.Load())
	}
}

func TestTheFirstAccount(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	old, err := s.MakeStartToken(ctx)
	must(t, err)
	token, err := s.MakeStartToken(ctx)
	must(t, err)
	for _, bad := range []string{"", old, token + "x"} {
		if err := s.CheckStartToken(ctx, bad); !errors.Is(err, people.ErrLinkOver) {
			t.Errorf("%q: %v", bad, err)
		}
		if _, err := s.Start(ctx, bad, NewPerson{Name: "Eve", Email: "eve@example.org"}); !errors.Is(err, people.ErrLinkOver) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	must(t, s.CheckStartToken(ctx, token))
	if _, err := s.Start(ctx, token, NewPerson{Name: "Anna", Email: "anna"}); err == nil {
		t.Error("no e-mail address")
	}
	anna, err := s.Start(ctx, token, NewPerson{"Anna", "anna@example.org", "hash"})
	must(t, err)
	all, err := s.Memberships(ctx, anna.ID)
	if err != nil || len(all) != 2 || all[0].Role != RoleOwner || !all[1].Hears {
		t.Errorf("%+v %v", all, err)
	}
	_, again := s.Start(ctx, token, NewPerson{Name: "Eve", Email: "eve@example.org"})
	_, made := s.MakeStartToken(ctx)
	for _, err := range []error{again, made, s.CheckStartToken(ctx, token)} {
		if !errors.Is(err, ErrPeople) {
			t.Error(err)
		}
	}
	// A machine of which everybody was taken away has no old address that opens.
	s2, _ := open(t)
	if err := s2.CheckStartToken(ctx, ""); !errors.Is(err, people.ErrLinkOver) {
		t.Error(err)
	}
}

func TestPasswordLinks(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	anna := aPerson(t, s, "Anna", "")
	one, err := s.People.MakePasswordLink(ctx, anna.ID, now.Add(time.Hour))
	must(t, err)
	two, err := s.People.MakePasswordLink(ctx, anna.ID, now.Add(time.Hour))
	must(t, err)
	login, err := s.People.AddLogin(ctx, anna.ID, "", "", now)
	must(t, err)
	if p, err := s.People.PasswordLink(ctx, one, now); err != nil || p.ID != anna.ID {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := s.People.UsePasswordLink(ctx, one, "late", now.Add(time.Hour)); !errors.Is(err, people.ErrLinkOver) {
		t.Error(err)
	}
	if p, err := s.People.UsePasswordLink(ctx, two, "new", now); err != nil || p.ID != anna.ID {
		t.Errorf("%+v %v", p, err)
	}
	for _, token := range []string{one, two, ""} {
		if _, err := s.People.UsePasswordLink(ctx, token, "again", now); !errors.Is(err, people.ErrLinkOver) {
			t.Error(err)
		}
	}
	if _, _, err := s.People.Login(ctx, login); !errors.Is(err, people.ErrNoLogin) {
		t.Error(err)
	}
	if _, secrets, err := s.People.ByID(ctx, anna.ID); secrets.Password != "new" || err != nil {
		t.Errorf("%+v %v", secrets, err)
	}
	if _, err := s.People.MakePasswordLink(ctx, 99, now); !errors.Is(err, people.ErrNobody) {
		t.Error(err)
	}
}

// Who was an owner knows links that open into the household: they are worth nothing once that is over.
func TestLinksEndWithTheirOwner(t *testing.T) {
	for what, end := range map[string]func(s *Store, anna people.Person) error{
		"taken out": func(s *Store, anna people.Person) error {
			_, err := s.RemoveMembership(t.Context(), "home", anna.ID)
			return err
		},
		"a carer": func(s *Store, anna people.Person) error {
			return s.SetMembership(t.Context(), "home", anna.ID, RoleCarer, true)
		},
		"without account": func(s *Store, anna people.Person) error { return s.RemovePerson(t.Context(), anna.ID) },
		"still one": func(s *Store, anna people.Person) error {
			return s.SetMembership(t.Context(), "home", anna.ID, RoleOwner, false)
		},
		"another's end": func(s *Store, _ people.Person) error {
			_, err := s.RemoveMembership(t.Context(), "home", aPerson(t, s, "Eve", RoleCarer).ID)
			return err
		},
	} {
		s, _ := open(t)
		ctx, now := t.Context(), time.Now()
		anna, ben := aPerson(t, s, "Anna", RoleOwner), aPerson(t, s, "Ben", RoleOwner)
		cleo := aPerson(t, s, "Cleo", RoleViewer)
		must(t, s.SetMembership(ctx, "other", ben.ID, RoleOwner, true))
		invite := func(household string) string {
			t.Helper()
			token, _, err := s.Invite(ctx, Invitation{Household: household, Name: "New", Role: RoleOwner, By: "Anna", Expires: now.Add(time.Hour)}, now)
			must(t, err)
			return token
		}
		here, there := invite("home"), invite("other")
		link, err := s.People.MakePasswordLink(ctx, cleo.ID, now.Add(time.Hour))
		must(t, err)
		must(t, end(s, anna))
		stays := what == "still one" || what == "another's end"
		if _, err := s.Invitation(ctx, here, now); errors.Is(err, people.ErrLinkOver) == stays {
			t.Errorf("%s: the invitation: %v", what, err)
		}
		if _, err := s.People.PasswordLink(ctx, link, now); errors.Is(err, people.ErrLinkOver) == stays {
			t.Errorf("%s: the password link: %v", what, err)
		}
		if _, err := s.Invitation(ctx, there, now); err != nil {
			t.Errorf("%s: another household's invitation: %v", what, err)
		}
	}
}

// A password link that the owner of one household has made does not lead into a household that the person comes into later.
func TestAPasswordLinkOpensNoLaterHousehold(t *testing.T) {
	s, _ := open(t)
	ctx, now := t.Context(), time.Now()
	aPerson(t, s, "Anna", RoleOwner)
	ben := aPerson(t, s, "Ben", RoleCarer)
	link, err := s.People.MakePasswordLink(ctx, ben.ID, now.Add(time.Hour))
	must(t, err)
	must(t, s.SetMembership(ctx, "home", ben.ID, RoleViewer, false))
	if _, err := s.People.PasswordLink(ctx, link, now); err != nil {
		t.Fatal("another role in the same household", err)
	}
	must(t, s.SetMembership(ctx, "other", aPerson(t, s, "Dan", "").ID, RoleOwner, true))
	token, _, err := s.Invite(ctx, Invitation{Household: "other", Name: "Ben", Role: RoleCarer, By: "Dan", Expires: now.Add(time.Hour)}, now)
	must(t, err)
	_, err = s.JoinByInvitation(ctx, token, ben.ID, now)
	must(t, err)
	if _, err := s.People.UsePasswordLink(ctx, link, "anna's", now); !errors.Is(err, people.ErrLinkOver) {
		t.Errorf("the first household's owner is in the second one: %v", err)
	}
}
