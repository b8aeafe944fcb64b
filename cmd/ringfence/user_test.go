package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ringfence/accounts"
	"ringfence/store"
)

// store opens the data of a home, as a program beside it does.
func (h home) store() *store.Store {
	h.Helper()
	db, err := store.Open(h.Context(), filepath.Join(h.data, "ringfence.db"))
	if err != nil {
		h.Fatal(err)
	}
	return db
}

func TestUsers(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "Nobody has an account yet", "user")
	h.says(2, "say with --name", "user", "add", "anna@example.org")
	h.says(1, "write it like joan@example.org", "user", "add", "anna", "--name", "Anna")
	h.says(1, "keeps at least one owner", "user", "add", "ben@example.org", "--name", "Ben")
	h.says(0, "Nobody has an account yet", "user", "list") // the failed one has left nothing
	h.says(0, "Anna Taylor (anna@example.org) is an owner of home", "user", "add", "Anna@Example.org", "--name", "Anna Taylor", "--role", "owner")
	h.says(0, "Ben (ben@example.org) is a carer of home, and hears no recordings.", "user", "add", "ben@example.org", "--name", "Ben", "--no-hears")
	h.says(1, "is called Ben: leave --name out", "user", "add", "ben@example.org", "--name", "Bernard")
	h.says(2, "--role must be one of", "user", "add", "ben@example.org", "--role", "admin")
	h.says(0, "Ben (ben@example.org) is a viewer of home", "user", "add", "ben@example.org", "--role", "viewer")
	h.says(0, "Anna Taylor  anna@example.org  home: owner   nothing yet", "user", "list")
	h.says(1, "nobody signs in with eve@example.org", "user", "password", "eve@example.org")
	for typed, says := range map[string]string{"": "at least 12", "short\n": "at least 12", "password12345\n": "too easy"} {
		h.typed = typed
		h.says(1, says, "user", "password", "anna@example.org")
	}
	h.typed = "kettle orbit walnut sofa\nand a second line"
	h.says(0, "Anna Taylor has a new password, and is signed out everywhere", "user", "password", "anna@example.org")
	var u jsonUser
	out := h.says(0, "{", "user", "list", "--json")
	if err := json.Unmarshal([]byte(strings.SplitN(out, "\n", 2)[0]), &u); err != nil || u.Email != "anna@example.org" || !u.Password || len(u.Households) != 1 || u.Households[0].Role != store.RoleOwner || strings.Contains(out, "argon2") {
		t.Errorf("%+v %v in %s", u, err, out)
	}
	h.says(1, "keeps at least one owner", "user", "remove", "anna@example.org")
	h.says(0, "Ben has no account any more", "user", "remove", "BEN@example.org")
	h.says(1, "nobody signs in with", "user", "remove", "ben@example.org")

	db := h.store()
	defer func() { _ = db.Close() }()
	_, secrets, err := db.People.ByEmail(t.Context(), "anna@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if match, _, err := accounts.NewPasswords().Match(t.Context(), "kettle orbit walnut sofa", secrets.Password); !match || err != nil {
		t.Error("the password does not open:", err)
	}
	log, err := db.AuditLog(t.Context(), "home", 0, 10)
	if err != nil || len(log) != 7 || log[0].By != store.ByCommand || log[0].Text != "Ben has no account any more." || log[6].What != "person-added" {
		t.Errorf("%+v %v", log, err)
	}
}

func TestPasswordLinkFromTheCommandLine(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "", "user", "add", "anna@example.org", "--name", "Anna", "--role", "owner")
	out := h.says(0, "Within a day, Anna can choose a password", "user", "password", "anna@example.org", "--link", "--forget-app")
	db := h.store()
	defer func() { _ = db.Close() }()
	token := regexp.MustCompile(`/password/([\w-]{43})\n`).FindStringSubmatch(out)
	if token == nil {
		t.Fatalf("no link in %q", out)
	}
	if p, err := db.People.PasswordLink(t.Context(), token[1], time.Now()); err != nil || p.Name != "Anna" {
		t.Errorf("%+v %v", p, err)
	}
}

func TestUsersOfSeveralHouseholds(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings+`
[[household]]
name = "mother"
trunk = "line"
[[household.phone]]
name = "hall"
password = "other"
`)
	h.says(2, "say which with --household", "user", "add", "anna@example.org", "--name", "Anna")
	h.says(0, "is an owner of home, mother", "user", "add", "anna@example.org", "--name", "Anna", "--role", "owner", "--all-households")
	h.says(0, "Ben (ben@example.org) is a carer of mother", "--household", "mother", "user", "add", "ben@example.org", "--name", "Ben")
	if out := h.says(0, "Anna", "--household", "home", "user", "list"); strings.Contains(out, "Ben") {
		t.Error(out)
	}
	h.says(1, "Ben does not belong to home", "--household", "home", "user", "remove", "ben@example.org")
	h.says(0, "Ben does not belong to mother any more", "--household", "mother", "user", "remove", "ben@example.org")
	h.says(0, "Ben   ben@example.org", "user", "list")
}

func TestBackupAndRestore(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	file := filepath.Join(t.TempDir(), "all.tar.gz")
	h.says(0, "", "contact", "add", "Joan", "020 7946 0001")
	h.says(1, "the backup cannot be written", "backup", filepath.Join(t.TempDir(), "nowhere", "all.tar.gz"))
	h.says(0, "has 1 household (home): no people's accounts, 1 contact, no blocks, no calls", "backup", file)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".*")); len(left) > 0 {
		t.Error("left:", left)
	}
	h.says(0, "", "contact", "add", "After", "020 7946 0002")
	db := h.store() // as "ringfence serve" has it
	h.says(1, "Ringfence is running with this data: stop it first", "restore", file)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	h.says(1, "not a backup of Ringfence", "restore", h.config)
	h.says(1, "cannot be read", "restore", file+".gone")
	h.says(0, "After: 020 7946 0002", "contact", "list") // which have changed nothing
	out := h.says(0, "Restored: 1 household (home)", "restore", file)
	if list := h.says(0, "Joan", "contact", "list"); strings.Contains(list, "After") {
		t.Error(list)
	}
	before := regexp.MustCompile(`(?m)The data from before is in (.*);`).FindStringSubmatch(out)
	if before == nil {
		t.Fatal(out)
	}
	h.data = before[1]
	h.says(0, "After: 020 7946 0002", "contact", "list")
}

// On a machine that is new a backup is put back as on any other.
func TestRestoreOnANewMachine(t *testing.T) {
	beside(t)
	old, machine := newHome(t, usualSettings), newHome(t, usualSettings)
	file := filepath.Join(t.TempDir(), "all.tar.gz")
	old.says(0, "", "contact", "add", "Joan", "020 7946 0001")
	old.says(0, "", "backup", file)
	machine.says(0, "Restored", "restore", file)
	machine.says(0, "Joan", "contact", "list")
}

// What a command changes is in the log of changes; what it only shows is not, and no pass code ever.
func TestCommandsAreInTheLogOfChanges(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	for _, args := range []string{
		"contact add Joan 02079460001", "contact list", "block add 02079460666", "block remove 02079460666", "contact remove Joan",
		"mode known-only", "mode", "mode off --for 2h", "expect", "schedule add mon-fri 22:00-07:00 quiet", "schedule", "option ring-dialled on", "option",
		"passcode add Ward 4071", "passcode remove Ward", "lookup 999", "calls",
	} {
		h.says(0, "", strings.Fields(args)...)
	}
	db := h.store()
	defer func() { _ = db.Close() }()
	all, err := db.AuditLog(t.Context(), "home", 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range all {
		if c.By != store.ByCommand || strings.Contains(c.Text, "4071") {
			t.Errorf("%+v", c)
		}
		got = append(got, c.What)
	}
	want := "pass-code-removed pass-code-added option-changed schedule-changed expecting mode-changed mode-changed contact-removed block-removed block-added contact-added"
	if strings.Join(got, " ") != want {
		t.Errorf("the log has %s", strings.Join(got, " "))
	}
}
