package household

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"ringfence/accounts"
	"ringfence/store"
	"ringfence/store/people"
)

const goodPassword = "kettle orbit walnut sofa"

// machine is a household with its owner, Anna, and a carer, Ben.
type machine struct {
	Admin
	people    People
	accounts  *accounts.Accounts
	anna, ben people.Person
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{Admin: admin(t)}
	m.people = People{m.Store}
	m.accounts = accounts.New(m.Store.People, m.people, slog.New(slog.DiscardHandler))
	for _, one := range []struct {
		who  *people.Person
		name string
		role store.Role
	}{{&m.anna, "Anna", store.RoleOwner}, {&m.ben, "Ben", store.RoleCarer}} {
		var err error
		if *one.who, err = m.Store.People.Add(t.Context(), one.name, strings.ToLower(one.name)+"@example.org"); err != nil {
			t.Fatal(err)
		}
		if _, err := m.SetMember(t.Context(), *one.who, "", one.role, true); err != nil {
			t.Fatal(err)
		}
	}
	m.Actor = Actor{Person: m.anna.ID, Name: "Anna", Way: store.WayPage, Role: store.RoleOwner}
	return m
}

// other makes a household called other, with its owners.
func (m *machine) other(t *testing.T, owners ...people.Person) Admin {
	t.Helper()
	if err := m.Store.EnsureHousehold(t.Context(), "other"); err != nil {
		t.Fatal(err)
	}
	other := m.Admin
	other.Household = "other"
	for _, who := range owners {
		if _, err := other.SetMember(t.Context(), who, "", store.RoleOwner, true); err != nil {
			t.Fatal(err)
		}
	}
	return other
}

func (m *machine) herself() accounts.By { return accounts.Themselves(m.anna, m.Now) }

const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// done is the error of what takes something away, which there has to be.
func done(gone bool, err error) error {
	if err == nil && !gone {
		err = errors.New("there was nothing")
	}
	return err
}

// peopleDeeds are what is done with people and their accounts, by their words in the audit log, in an order in which each can be done.
var peopleDeeds = []struct {
	word     string
	do       func(ctx context.Context, m *machine) error
	sentence string
}{
	{"person-renamed", func(ctx context.Context, m *machine) error {
		_, err := m.people.Rename(ctx, m.anna, "Anna Green", m.herself())
		return err
	}, "Anna is called Anna Green now."},
	{"password-set", func(ctx context.Context, m *machine) error {
		return m.accounts.SetPassword(ctx, m.anna, goodPassword, 0, m.herself())
	}, "Anna has a new password."},
	{"password-link", func(ctx context.Context, m *machine) error {
		_, _, err := m.PasswordLink(ctx, m.accounts, m.ben)
		return err
	}, "A link to choose a new password was made for Ben."},
	{"totp-on", func(ctx context.Context, m *machine) error {
		code, err := totp.GenerateCode(secret, m.Now)
		if err == nil {
			_, err = m.accounts.SetUpCodes(ctx, m.anna, secret, code, m.herself())
		}
		return err
	}, "Anna now signs in with an authenticator app."},
	{"recovery-codes", func(ctx context.Context, m *machine) error {
		anna := m.anna
		anna.HasTOTP = true
		_, err := m.accounts.NewRecoveryCodes(ctx, anna, m.herself())
		return err
	}, "Anna has new recovery codes."},
	{"totp-off", func(ctx context.Context, m *machine) error {
		return m.accounts.RemoveCodes(ctx, m.anna, m.herself())
	}, "Anna now signs in without an authenticator app."},
	{"token-made", func(ctx context.Context, m *machine) error {
		_, err := m.people.AddToken(ctx, m.anna, store.Token{Name: "Script", Scope: store.ScopeRead}, m.herself())
		return err
	}, "Anna has made a token for programs: Script."},
	{"token-revoked", func(ctx context.Context, m *machine) error {
		_, err := m.people.RevokeToken(ctx, m.anna, 1, m.herself())
		return err
	}, "Anna has revoked a token for programs."},
	{"passkey-added", func(ctx context.Context, m *machine) error {
		return m.people.AddPasskey(ctx, m.anna, store.Passkey{CredentialID: []byte{1}, Credential: []byte("{}"), Name: "Phone"}, m.herself())
	}, "Anna has a new passkey."},
	{"passkey-removed", func(ctx context.Context, m *machine) error {
		_, err := m.people.RemovePasskey(ctx, m.anna, 1, m.herself())
		return err
	}, "Anna has removed a passkey."},
	{"devices-signed-out", func(ctx context.Context, m *machine) error {
		for range 2 { // where the first was tried and failed, there are three
			if _, err := m.Store.People.AddLogin(ctx, m.anna.ID, "a device", "", m.Now); err != nil {
				return err
			}
		}
		return done(m.accounts.SignDeviceOut(ctx, m.anna, 1, m.herself()))
	}, "Anna has signed a device out."},
	{"devices-signed-out", func(ctx context.Context, m *machine) error {
		return done(m.accounts.SignOtherDevicesOut(ctx, m.anna, 2, m.herself()))
	}, "Anna has signed all other devices out."},
	{"person-added", func(ctx context.Context, m *machine) error {
		_, err := m.people.Add(ctx, "Dora", "dora@example.org", []string{"home"}, m.herself())
		return err
	}, "Dora has an account now."},
	{"invited", func(ctx context.Context, m *machine) error {
		_, _, err := m.Invite(ctx, " Carl ", store.RoleViewer, false)
		return err
	}, "Carl was invited as a viewer who hears no recordings."},
	{"invitation-withdrawn", func(ctx context.Context, m *machine) error {
		_, err := m.WithdrawInvitation(ctx, 1)
		return err
	}, "The invitation of Carl was withdrawn."},
	{"member-set", func(ctx context.Context, m *machine) error {
		_, err := m.SetMember(ctx, m.ben, "", store.RoleViewer, true)
		return err
	}, "Ben is a viewer now."},
	{"member-removed", func(ctx context.Context, m *machine) error {
		_, err := m.RemoveMember(ctx, m.ben)
		return err
	}, "Ben does not belong to this household any more."},
}

// Everything that is done with people stands in the household's log, once, with who did it and by what way. If the log does not take the line, nothing
// is done.
func TestDeedsWithPeopleAreLogged(t *testing.T) {
	m := newMachine(t)
	ctx := t.Context()
	for _, d := range peopleDeeds {
		before, err := m.Store.AuditLog(ctx, "home", 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		// A log that takes no line: nobody did it.
		nobody := *m
		nobody.Actor.Name, nobody.anna.Name = "", ""
		if err := d.do(ctx, &nobody); err == nil {
			t.Errorf("%s is done without its line", d.word)
		}
		if err := d.do(ctx, m); err != nil {
			t.Errorf("%s: %v (had the one that failed been done?)", d.word, err)
			continue
		}
		log, err := m.Store.AuditLog(ctx, "home", 0, 100)
		if err != nil || len(log) != len(before)+1 {
			t.Fatalf("%s: %d lines, then %d, %v", d.word, len(before), len(log), err)
		}
		if l := log[0]; l.What != d.word || l.Text != d.sentence || l.By != "Anna" || l.Person != m.anna.ID || l.Way != store.WayPage {
			t.Errorf("%s: %+v", d.word, l)
		}
	}
}

// writesOn begins no transaction, writes something else into the one that there is, and takes no line.
type writesOn struct{ *machine }

func (w writesOn) Together(ctx context.Context, f func(ctx context.Context) error) error {
	return f(ctx)
}

func (w writesOn) LogAccount(ctx context.Context, _ accounts.Deed) error {
	return errors.Join(w.Store.People.Rename(ctx, w.ben.ID, "Somebody else"), errors.New("the log is full"))
}

// Whether somebody may have a link is asked in the transaction that makes it: meanwhile they come into no other household.
func TestWhetherALinkMayBeMadeIsAskedInItsTransaction(t *testing.T) {
	m := newMachine(t)
	ctx := t.Context()
	if token, _, err := m.PasswordLink(ctx, accounts.New(m.Store.People, writesOn{m}, slog.New(slog.DiscardHandler)), m.ben); err == nil || token != "" {
		t.Error(token, err)
	}
	if ben, _, err := m.Store.People.ByID(ctx, m.ben.ID); err != nil || ben.Name != "Ben" {
		t.Errorf("the link was made in a transaction of its own: %+v %v", ben, err)
	}
}

// What was done with an account stands in the logs of all households that the person belongs to.
func TestAccountsAreLoggedInEveryHousehold(t *testing.T) {
	m := newMachine(t)
	ctx := t.Context()
	m.other(t, m.anna)
	stranger, err := m.Store.People.Add(ctx, "Carl", "carl@example.org")
	if err != nil {
		t.Fatal(err)
	}
	by := accounts.By{Name: store.ByCommand, Way: store.WayCommand, At: m.Now}
	for _, who := range []people.Person{m.anna, stranger} {
		if err := m.accounts.SetPassword(ctx, who, goodPassword, 0, by); err != nil {
			t.Fatal(err)
		}
	}
	for household, sentence := range map[string]string{"home": "Anna has a new password.", "other": "Anna has a new password.", "": "Carl has a new password."} {
		log, err := m.Store.AuditLog(ctx, household, 0, 1)
		if err != nil || log[0].Text != sentence || log[0].Way != store.WayCommand {
			t.Errorf("%q: %+v %v", household, log, err)
		}
	}
}

// The households that somebody belonged to are told that their account is gone.
func TestARemovedAccountIsLoggedInEveryHousehold(t *testing.T) {
	m := newMachine(t)
	ctx := t.Context()
	m.other(t, m.anna, m.ben)
	if err := m.people.Remove(ctx, m.ben, m.herself()); err != nil {
		t.Fatal(err)
	}
	for _, household := range []string{"home", "other"} {
		log, err := m.Store.AuditLog(ctx, household, 0, 1)
		if err != nil || log[0].What != "person-removed" || log[0].Text != "Ben has no account any more." || log[0].Person != m.anna.ID {
			t.Errorf("%s: %+v %v", household, log, err)
		}
	}
	if log, err := m.Store.AuditLog(ctx, "", 0, 1); err != nil || len(log) > 0 {
		t.Errorf("%+v %v", log, err)
	}
}

func TestWhatIsRefusedOfPeople(t *testing.T) {
	m := newMachine(t)
	ctx := t.Context()
	carl, err := m.Store.People.Add(ctx, "Carl", "carl@example.org")
	if err != nil {
		t.Fatal(err)
	}
	other := m.other(t, carl)
	if _, err := other.SetMember(ctx, m.ben, "", store.RoleViewer, true); err != nil {
		t.Fatal(err)
	}
	for words, deed := range map[string]func() error{
		"A household keeps at least one owner": func() error { _, err := m.SetMember(ctx, m.anna, "", store.RoleCarer, true); return err },
		"keeps at least one owner: make":       func() error { _, err := m.RemoveMember(ctx, m.anna); return err },
		"Ben is a viewer. Please choose again": func() error {
			if _, err := m.SetMember(ctx, m.ben, SeenMember(store.RoleCarer, true), store.RoleViewer, true); err != nil {
				return err
			}
			_, err := m.SetMember(ctx, m.ben, SeenMember(store.RoleCarer, true), store.RoleCarer, false)
			return err
		},
		"There is no role":             func() error { _, err := m.SetMember(ctx, m.ben, "", "admin", true); return err },
		"A name is needed":             func() error { _, _, err := m.Invite(ctx, " ", store.RoleCarer, true); return err },
		"no such invitation":           func() error { _, err := m.WithdrawInvitation(ctx, 99); return err },
		"Carl does not belong to home": func() error { _, err := m.RemoveMember(ctx, carl); return err },
		"belongs to another household": func() error { _, _, err := m.PasswordLink(ctx, m.accounts, m.ben); return err },
	} {
		var refusal *Refusal
		if err := deed(); !errors.As(err, &refusal) || !strings.Contains(refusal.Sentence, words) {
			t.Errorf("%v, not %q", err, words)
		}
	}
	if gone, err := m.people.RevokeToken(ctx, m.anna, 99, m.herself()); gone || err != nil {
		t.Error(gone, err)
	}
	if gone, err := m.accounts.SignOtherDevicesOut(ctx, m.anna, 0, m.herself()); gone || err != nil {
		t.Error(gone, err)
	}
	if lastLine(t, m.Admin).What != string(MemberSet) {
		t.Error("what was not there to take away is logged")
	}
	if err := m.people.Remove(ctx, m.anna, m.herself()); !errors.Is(err, store.ErrLastOwner) {
		t.Error(err)
	}
}
