package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/totp"

	"ringfence/accounts"
	"ringfence/store"
	"ringfence/store/people"
	"ringfence/store/storetest"
)

const (
	password = "kettle orbit walnut sofa"
	another  = "walnut sofa kettle orbit"
	secret   = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	home     = "192.0.2.1"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// site is a database of accounts, with Anna, who has a password.
type site struct {
	*accounts.Accounts
	*store.Store
	t      *testing.T
	anna   people.Person
	logged []string
	full   bool // the log takes nothing
}

func (s *site) LogAccount(_ context.Context, d accounts.Deed) error {
	if s.full {
		return errors.New("the log is full")
	}
	s.logged = append(s.logged, fmt.Sprintf("%s: %s By %s.", d.Word, d.Sentence, d.By.Name))
	return nil
}

func newSite(t *testing.T) *site {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringfence.db")
	if err := storetest.Ready(context.Background(), path, store.Open); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := &site{Store: db, t: t}
	s.Accounts = accounts.New(db.People, s, slog.New(slog.DiscardHandler))
	if s.anna, err = db.People.Add(t.Context(), "Anna", "anna@example.org"); err != nil {
		t.Fatal(err)
	}
	s.ok(s.SetPassword(t.Context(), s.anna, password, 0, accounts.Themselves(s.anna, now)))
	s.anna, _, err = db.People.ByID(t.Context(), s.anna.ID)
	s.ok(err)
	return s
}

func (s *site) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) try(email, typed, address string, want error) {
	s.t.Helper()
	p, err := s.SignIn(s.t.Context(), accounts.Try{Email: email, Password: typed, Address: address, At: now})
	if !errors.Is(err, want) || err == nil && p.ID != s.anna.ID {
		s.t.Errorf("%q with %q: %v, not %v", email, typed, err, want)
	}
}

// A wrong password, an address that nobody has, and somebody who has no password get the same answer.
func TestSignIn(t *testing.T) {
	s := newSite(t)
	_, err := s.Store.People.Add(t.Context(), "Ben", "ben@example.org")
	s.ok(err)
	s.try(" ANNA@example.org", password, home, nil)
	s.try("anna@example.org", another, home, accounts.ErrNotTogether)
	s.try("nobody@example.org", password, home, accounts.ErrNotTogether)
	s.try("ben@example.org", "", home, accounts.ErrNotTogether)
	s.try("", "", home, accounts.ErrNotTogether)
	if err := s.Confirm(t.Context(), s.anna, another, home, now); !errors.Is(err, accounts.ErrNotYours) {
		t.Error(err)
	}
	s.ok(s.Confirm(t.Context(), s.anna, password, home, now))
	s.ok(s.Confirm(t.Context(), people.Person{Email: "ben@example.org"}, "", home, now)) // who has none, only passkeys
}

// A hash of before, with less work, is replaced when its password is given.
func TestAWeakHashIsReplaced(t *testing.T) {
	s := newSite(t)
	weak, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	s.ok(err)
	s.ok(s.Accounts.People.SetPassword(t.Context(), s.anna.ID, weak, 0))
	s.try("anna@example.org", another, home, accounts.ErrNotTogether)
	if _, x, err := s.Accounts.People.ByID(t.Context(), s.anna.ID); err != nil || x.Password != weak {
		t.Error("a wrong password has changed it:", x, err)
	}
	s.try("anna@example.org", password, home, nil)
	if _, x, err := s.Accounts.People.ByID(t.Context(), s.anna.ID); err != nil || !strings.Contains(x.Password, "m=19456,t=2") {
		t.Error(x, err)
	}
}

// Tries are counted for an account that does not exist as for one that does, however its address is written; who is where they have signed in before is
// kept out by nobody.
func TestTriesToSignIn(t *testing.T) {
	s := newSite(t)
	_, err := s.Accounts.People.AddLogin(t.Context(), s.anna.ID, "", home, now)
	s.ok(err)
	for _, email := range []string{"anna@example.org", "nobody@example.org"} {
		for i := range 10 {
			if i%2 == 1 {
				email = " " + strings.ToUpper(email)
			}
			s.try(email, another, fmt.Sprintf("198.51.100.%d", i), accounts.ErrNotTogether)
		}
		s.try(email, password, "198.51.100.99", accounts.ErrTooMany)
	}
	for range 20 { // right ones are given back
		s.try("anna@example.org", password, home, nil)
	}
	if err := s.Confirm(t.Context(), s.anna, password, "198.51.100.99", now); !errors.Is(err, accounts.ErrTooMany) {
		t.Error(err)
	}
}

// A code opens once, right ones are not counted against anybody, and wrong ones soon are.
func TestTryCode(t *testing.T) {
	s := newSite(t)
	ctx := t.Context()
	code := func(at time.Time) string {
		code, err := totp.GenerateCode(secret, at)
		s.ok(err)
		return code
	}
	by := accounts.Themselves(s.anna, now)
	if _, err := s.SetUpCodes(ctx, s.anna, secret, "000000", by); err == nil {
		t.Error("a wrong code sets an app up")
	}
	recovery, err := s.SetUpCodes(ctx, s.anna, secret, code(now.Add(-30*time.Second)), by)
	s.ok(err)
	try := func(code, recovery, says string) {
		t.Helper()
		err := s.TryCode(ctx, accounts.CodeTry{Person: s.anna.ID, Code: code, Recovery: recovery, Address: home, At: now})
		if (says == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%q %q: %v, not %q", code, recovery, err, says)
		}
	}
	try(code(now), "", "")
	try(code(now), "", "has been used already")
	try("", recovery[0], "")
	try("", recovery[0], "isn't one of your recovery codes")
	for range 3 {
		try("000000", "", "right, or is too old")
	}
	try(code(now.Add(30*time.Second)), "", accounts.ErrTooMany.Error())
	if want := "recovery-code-used: Anna has signed in with a recovery code. By Anna."; s.logged[len(s.logged)-1] != want {
		t.Errorf("%q", s.logged)
	}
	if _, err := s.NewRecoveryCodes(ctx, s.anna, by); err == nil {
		t.Error("recovery codes for who has no app, as far as the page knows")
	}
}

func TestForgetApp(t *testing.T) {
	s := newSite(t)
	ctx, by := t.Context(), accounts.By{Name: "the command line", At: now}
	said, err := s.ForgetApp(ctx, s.anna, by)
	if err != nil || said != "Anna isn't asked for codes." {
		t.Error(said, err)
	}
	_, err = s.Accounts.People.SetTOTP(ctx, s.anna.ID, secret, 1)
	s.ok(err)
	login, err := s.Accounts.People.AddLogin(ctx, s.anna.ID, "", home, now)
	s.ok(err)
	s.anna.HasTOTP = true
	s.full = true
	if said, err := s.ForgetApp(ctx, s.anna, by); said != "" || err == nil {
		t.Errorf("%q is said of what was not done: %v", said, err)
	}
	s.full = false
	if _, err = s.ForgetApp(ctx, s.anna, by); err != nil {
		t.Error(err)
	}
	if _, _, err := s.Accounts.People.Login(ctx, login); !errors.Is(err, people.ErrNoLogin) {
		t.Error("whoever has found the telephone is in:", err)
	}
	if p, _, err := s.Accounts.People.ByID(ctx, s.anna.ID); p.HasTOTP || err != nil {
		t.Errorf("%+v %v", p, err)
	}
}

// A link to choose a password opens for a day, and once; a weak password does not use it up. Nothing is changed that cannot be logged.
func TestPasswordLink(t *testing.T) {
	s := newSite(t)
	ctx := t.Context()
	token, until, err := s.MakePasswordLink(ctx, s.anna, accounts.Themselves(s.anna, now))
	if err != nil || !until.Equal(now.Add(24*time.Hour)) {
		t.Fatal(until, err)
	}
	if _, err := s.UsePasswordLink(ctx, token, "anna anna anna", now); err == nil {
		t.Error("a weak password")
	}
	if _, err := s.UsePasswordLink(ctx, token, another, until); !errors.Is(err, people.ErrLinkOver) {
		t.Error(err)
	}
	s.full = true
	if _, err := s.UsePasswordLink(ctx, token, another, now); err == nil {
		t.Error("a password that was not logged")
	}
	s.try("anna@example.org", another, home, accounts.ErrNotTogether)
	s.full = false
	login, err := s.Accounts.People.AddLogin(ctx, s.anna.ID, "", home, now)
	s.ok(err)
	if _, err := s.UsePasswordLink(ctx, token, another, now); err != nil {
		t.Error(err)
	}
	s.try("anna@example.org", another, home, nil)
	if _, _, err := s.Accounts.People.Login(ctx, login); !errors.Is(err, people.ErrNoLogin) {
		t.Error("a login outlives the password:", err)
	}
	if _, err := s.UsePasswordLink(ctx, token, password, now); !errors.Is(err, people.ErrLinkOver) {
		t.Error("a link opens twice:", err)
	}
}
