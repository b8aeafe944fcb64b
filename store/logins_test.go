package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"ringfence/store/people"
	"ringfence/store/sqlite"
)

var _ scs.CtxStore = sqlite.Sessions{}

// Long: one story, each step of which rests on those before it.
func TestLogins(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	anna, ben := aPerson(t, s, "Anna", RoleOwner), aPerson(t, s, "Ben", "")
	phone, err := s.People.AddLogin(ctx, anna.ID, "Phone "+strings.Repeat("x", 4000), "192.0.2.1", now.Add(-time.Hour))
	must(t, err)
	desk, err := s.People.AddLogin(ctx, anna.ID, "Desk\x00\xff", "192.0.2.2", now)
	must(t, err)
	bens, err := s.People.AddLogin(ctx, ben.ID, "", "", now)
	must(t, err)
	l, p, err := s.People.Login(ctx, phone)
	if err != nil || p.ID != anna.ID || p.Name != "Anna" || l.Person != anna.ID || len(l.Agent) > 256 || !l.Seen.Equal(now.Add(-time.Hour)) {
		t.Errorf("%+v %+v %v", l, p, err)
	}
	must(t, s.People.TouchLogin(ctx, l, l.Seen.Add(59*time.Second)))
	if again, _, _ := s.People.Login(ctx, phone); !again.Seen.Equal(l.Seen) {
		t.Error("a page costs a write")
	}
	must(t, s.People.TouchLogin(ctx, l, l.Seen.Add(61*time.Second)))
	if again, _, _ := s.People.Login(ctx, phone); !again.Seen.Equal(l.Seen.Add(61 * time.Second)) {
		t.Errorf("%+v", again)
	}
	all, err := s.People.Logins(ctx, anna.ID)
	if err != nil || len(all) != 2 || all[0].ID != desk || all[0].Agent != "Desk\uFFFD" || all[1].ID != phone {
		t.Errorf("%+v %v", all, err)
	}
	if ended, err := s.People.EndLogin(ctx, anna.ID, bens); ended || err != nil {
		t.Error("another's login can be ended", err)
	}
	if some, err := s.People.EndOtherLogins(ctx, anna.ID, desk); !some || err != nil {
		t.Error(some, err)
	}
	if _, _, err := s.People.Login(ctx, phone); !errors.Is(err, people.ErrNoLogin) {
		t.Error(err)
	}
	if ended, err := s.People.EndLogin(ctx, anna.ID, desk); !ended || err != nil {
		t.Error(ended, err)
	}
	for what, end := range map[string]func() error{
		"a new password":  func() error { return s.People.SetPassword(ctx, ben.ID, "new", 0) },
		"a removed one":   func() error { return s.RemovePerson(ctx, ben.ID) },
		"one that is old": func() error { return s.expire(ctx, now, now.Add(32*24*time.Hour)) },
	} {
		who := ben
		switch what {
		case "one that is old":
			who = anna
		case "a removed one":
			who = aPerson(t, s, "Cleo", "")
			end = func() error { return s.RemovePerson(ctx, who.ID) }
		}
		id, err := s.People.AddLogin(ctx, who.ID, "", "", now)
		must(t, err)
		must(t, end())
		if _, _, err := s.People.Login(ctx, id); !errors.Is(err, people.ErrNoLogin) {
			t.Errorf("%s: %v", what, err)
		}
	}
	keep, err := s.People.AddLogin(ctx, ben.ID, "", "", now)
	must(t, err)
	must(t, s.People.SetPassword(ctx, ben.ID, "newer", keep))
	if _, _, err := s.People.Login(ctx, keep); err != nil {
		t.Error("who changes a password is signed out by it:", err)
	}
}

func TestSessions(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	x := s.People.KeptSessions()
	if data, found, err := x.Find("none"); data != nil || found || err != nil {
		t.Error(data, found, err)
	}
	must(t, x.Commit("one", []byte("a"), time.Now().Add(time.Hour)))
	must(t, x.CommitCtx(ctx, "one", []byte("b"), time.Now().Add(time.Hour)))
	must(t, x.Commit("old", []byte("c"), time.Now().Add(-time.Millisecond)))
	if data, found, err := x.Find("one"); string(data) != "b" || !found || err != nil {
		t.Error(data, found, err)
	}
	if _, found, err := x.Find("old"); found || err != nil {
		t.Error("a session that is over is found", err)
	}
	must(t, s.Expire(ctx, time.Time{}))
	var left int
	must(t, s.read.QueryRow("SELECT count(*) FROM web_sessions").Scan(&left))
	if left != 1 {
		t.Errorf("%d are left", left)
	}
	must(t, x.Delete("one"))
	must(t, x.Delete("one"))
	if _, found, err := x.Find("one"); found || err != nil {
		t.Error(found, err)
	}
}

func TestPasskeys(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now().Truncate(time.Second)
	anna, ben := aPerson(t, s, "Anna", ""), aPerson(t, s, "Ben", "")
	k := Passkey{CredentialID: []byte{1, 2}, Credential: []byte(`{"a":1}`), Name: "My phone", SignCount: 1}
	must(t, s.AddPasskey(ctx, anna.ID, k, now))
	if err := s.AddPasskey(ctx, ben.ID, k, now); err == nil {
		t.Error("a passkey of two people")
	}
	k.Credential, k.SignCount = []byte(`{"a":2}`), 7
	if err := s.UsedPasskey(ctx, ben.ID, k, now); !errors.Is(err, people.ErrNobody) {
		t.Error(err)
	}
	must(t, s.UsedPasskey(ctx, anna.ID, k, now))
	all, err := s.Passkeys(ctx, anna.ID)
	if err != nil || len(all) != 1 || string(all[0].Credential) != `{"a":2}` || all[0].SignCount != 7 || !all[0].Used.Equal(now) || all[0].Name != "My phone" {
		t.Errorf("%+v %v", all, err)
	}
	if gone, err := s.RemovePasskey(ctx, ben.ID, all[0].ID); gone || err != nil {
		t.Error(gone, err)
	}
	if gone, err := s.RemovePasskey(ctx, anna.ID, all[0].ID); !gone || err != nil {
		t.Error(gone, err)
	}
	for i := range maxPasskeys + 1 {
		k.CredentialID = []byte{9, byte(i)}
		if err := s.AddPasskey(ctx, anna.ID, k, now); (err != nil) != (i == maxPasskeys) {
			t.Error(i, err)
		}
	}
}
