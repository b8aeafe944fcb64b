package hub

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"ringfence/accounts"
	"ringfence/store/people"
	"ringfence/store/sqlite"
)

func TestInvitations(t *testing.T) {
	w := newWorld(t, 0)
	ctx := t.Context()
	secret, err := w.Invite(ctx, Invitation{Note: "Leaflet", Most: 2, By: "Anna", Made: noon, Expires: noon.Add(24 * time.Hour)})
	w.ok(err)
	for range 2 {
		w.ok(w.checkInvitation(ctx, secret, noon))
		_, err := w.Join(ctx, secret, elsewhere, noon)
		w.ok(err)
	}
	if _, err := w.Join(ctx, secret, elsewhere, noon); !errors.Is(err, ErrInvitation) {
		t.Error("three have joined with an invitation of two:", err)
	}
	late, err := w.Invite(ctx, Invitation{Note: "Leaflet", Most: 2, By: "Anna", Made: noon, Expires: noon.Add(24 * time.Hour)})
	w.ok(err)
	if _, err := w.Join(ctx, late, elsewhere, noon.Add(25*time.Hour)); !errors.Is(err, ErrInvitation) {
		t.Error("it is too old:", err)
	}
	all, err := w.Invitations(ctx, noon)
	if err != nil || len(all) != 5 || all[1].Used != 2 || all[1].Newcomers != 2 || all[1].Open(noon) || !all[0].Open(noon) {
		t.Errorf("%+v %v", all, err)
	}
	done, err := w.WithdrawInvitation(ctx, all[0].ID, noon)
	if !done || err != nil {
		t.Error(done, err)
	}
	if err := w.checkInvitation(ctx, late, noon); !errors.Is(err, ErrInvitation) {
		t.Error("it was withdrawn:", err)
	}
	if err := w.checkInvitation(ctx, "", noon); !errors.Is(err, ErrInvitation) {
		t.Error(err)
	}
	for _, i := range []Invitation{{Note: "x", Most: 0}, {Note: "x", Most: MostUses + 1}, {Note: " ", Most: 1}, {Note: "x", Most: 1, Made: noon, Expires: noon}} {
		var refused *Refused
		if _, err := w.Invite(ctx, i); !errors.As(err, &refused) {
			t.Errorf("%+v: %v", i, err)
		}
	}
}

func TestModerators(t *testing.T) {
	w := newWorld(t, 0)
	ctx := t.Context()
	m, err := w.AddModerator(ctx, "Anna Taylor", "anna@example.org", byCommand)
	if err != nil || m.HasPassword {
		t.Fatal(m, err)
	}
	var refused people.Refusal
	for _, bad := range [][2]string{{"Ben", "ANNA@example.org"}, {"", "ben@example.org"}, {"Ben", "ben"}, {"Ben", "Ben <ben@example.org>"}} {
		if _, err := w.AddModerator(ctx, bad[0], bad[1], byCommand); !errors.As(err, &refused) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	all := accounts.New(w.People, w.Hub, slog.New(slog.DiscardHandler))
	link, until, err := all.MakePasswordLink(ctx, m, byCommand)
	if err != nil || !until.Equal(noon.AddDate(0, 0, 1)) {
		t.Error(until, err)
	}
	const password, another = "kettle orbit walnut sofa", "walnut sofa kettle orbit"
	if _, err := all.UsePasswordLink(ctx, link, password, until); !errors.Is(err, people.ErrLinkOver) {
		t.Error(err)
	}
	login, err := w.People.AddLogin(ctx, m.ID, "Mozilla/5.0\x00 (Linux)", "192.0.2.1", noon)
	w.ok(err)
	if l, whose, err := w.People.Login(ctx, login); err != nil || whose.ID != m.ID || l.Agent != "Mozilla/5.0 (Linux)" || l.Address != "" || !l.Seen.Equal(noon) {
		t.Errorf("%+v %+v %v", l, whose, err)
	}
	used, err := all.UsePasswordLink(ctx, link, password, noon)
	now, secrets, err2 := w.People.ByEmail(ctx, "Anna@Example.org")
	if err != nil || err2 != nil || secrets.Password == "" || !now.HasPassword || used.ID != m.ID {
		t.Errorf("%+v %+v %q %v %v", used, now, secrets, err, err2)
	}
	if _, _, err := w.People.Login(ctx, login); !errors.Is(err, people.ErrNoLogin) {
		t.Error("a login outlives the password:", err)
	}
	if _, err := all.UsePasswordLink(ctx, link, another, noon); !errors.Is(err, people.ErrLinkOver) {
		t.Error("a link opens twice:", err)
	}
	w.ok(w.People.UpgradePassword(ctx, m.ID, "not that", "wrong"))
	w.ok(w.People.UpgradePassword(ctx, m.ID, secrets.Password, "better"))
	if _, secrets, err := w.People.ByEmail(ctx, m.Email); secrets.Password != "better" || err != nil {
		t.Error(secrets, err)
	}
	w.codesOpenOnce(all, m)
	login, err = w.People.AddLogin(ctx, m.ID, "", "", noon)
	w.ok(err)
	w.ok(w.RemoveModerator(ctx, m, byCommand))
	if _, _, err := w.People.ByID(ctx, m.ID); !errors.Is(err, people.ErrNobody) {
		t.Error(err)
	}
	if _, _, err := w.People.Login(ctx, login); !errors.Is(err, people.ErrNoLogin) {
		t.Error(err)
	}
	for _, err := range []error{w.RemoveModerator(ctx, m, byCommand), all.SetPassword(ctx, m, password, 0, byCommand), all.RemoveCodes(ctx, m, byCommand)} {
		if !errors.Is(err, people.ErrNobody) {
			t.Error(err)
		}
	}
	w.moderatorsAreNoted()
}

// moderatorsAreNoted says that all of it stands in the journal, which nobody can edit.
func (w *world) moderatorsAreNoted() {
	w.t.Helper()
	ctx := w.t.Context()
	journal, err := w.Journal(ctx, 100)
	w.ok(err)
	var noted []string
	for _, n := range journal {
		noted = append(noted, string(n.What)+" "+n.About+" by "+n.Who)
	}
	if want := []string{
		"moderator-removed Anna Taylor by the command line", "codes-off Anna Taylor by Anna Taylor", "recovery-codes Anna Taylor by Anna Taylor",
		"recovery-code-used Anna Taylor by Anna Taylor", "codes-on Anna Taylor by Anna Taylor", "password-set Anna Taylor by Anna Taylor",
		"password-link Anna Taylor by the command line", "moderator-added Anna Taylor by the command line",
	}; !slices.Equal(noted, want) || !journal[0].At.Equal(noon) {
		w.t.Errorf("%q", noted)
	}
	for _, statement := range []string{"UPDATE journal SET who = ''", "DELETE FROM journal", "REPLACE INTO journal SELECT * FROM journal"} {
		if _, err := w.write.ExecContext(ctx, statement); err == nil || !strings.Contains(err.Error(), "cannot be edited") {
			w.t.Error(statement, err)
		}
	}
}

var byCommand = accounts.By{Name: ByCommand, At: noon}

// codesOpenOnce switches codes by an app on and off again: each of them, and each recovery code, is taken once.
func (w *world) codesOpenOnce(all *accounts.Accounts, m people.Person) {
	w.t.Helper()
	const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	ctx, herself := w.t.Context(), accounts.Themselves(m, noon)
	code := func(at time.Time) string {
		code, err := totp.GenerateCode(secret, at)
		w.ok(err)
		return code
	}
	recovery, err := all.SetUpCodes(ctx, m, secret, code(noon), herself)
	w.ok(err)
	m, x, err := w.People.ByID(ctx, m.ID)
	if err != nil || !m.HasTOTP || x.TOTP == "" || len(recovery) != 10 {
		w.t.Errorf("%+v %+v %v", m, recovery, err)
	}
	try := func(code, recovery string, right bool) {
		w.t.Helper()
		var refused people.Refusal
		err := all.TryCode(ctx, accounts.CodeTry{Person: m.ID, Code: code, Recovery: recovery, Address: "192.0.2.1", At: noon})
		if right != (err == nil) || err != nil && !errors.As(err, &refused) {
			w.t.Errorf("%q %q: %v", code, recovery, err)
		}
	}
	try(code(noon), "", false)
	try(code(noon.Add(30*time.Second)), "", true)
	try(code(noon.Add(30*time.Second)), "", false)
	try("", strings.ToUpper(recovery[3]), true)
	try("", recovery[3], false)
	if left, err := w.People.RecoveryCodesLeft(ctx, m.ID); err != nil || left != 9 {
		w.t.Error(left, err)
	}
	again, err := all.NewRecoveryCodes(ctx, m, herself)
	if err != nil || len(again) != 10 {
		w.t.Error(again, err)
	}
	try("", recovery[4], false)
	w.ok(all.RemoveCodes(ctx, m, herself))
	left, err := w.People.RecoveryCodesLeft(ctx, m.ID)
	m, _, err2 := w.People.ByID(ctx, m.ID)
	if err != nil || err2 != nil || left != 0 || m.HasTOTP {
		w.t.Errorf("%d %+v %v %v", left, m, err, err2)
	}
}

// checkInvitation is ErrInvitation where nobody can join with it.
func (w *world) checkInvitation(ctx context.Context, secret string, now time.Time) error {
	_, err := invitation(ctx, w.read, secret, now)
	return err
}

// A moderator signs in with their address in any case, also as it was kept before.
func TestModeratorsAddressInAnyCase(t *testing.T) {
	w := newWorld(t, 0)
	ctx := t.Context()
	m, err := w.AddModerator(ctx, "Élise", "élise@example.org", byCommand)
	w.ok(err)
	w.ok(sqlite.Exec(ctx, w.write, "UPDATE moderators SET email = 'Élise@Example.ORG'"))
	if found, _, err := w.People.ByEmail(ctx, "élise@example.org"); err != nil || found.ID != m.ID {
		t.Error(found, err)
	}
}
