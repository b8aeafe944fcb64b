package store

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"ringfence/screening"
	"ringfence/store/outbox"
	"ringfence/store/sqlite"
	"ringfence/store/storetest"
)

// Messages that an older Ringfence has taken are there after the upgrade: unheard, and from the time of their call.
func TestMessagesFromBeforeTheUpgrade(t *testing.T) {
	s, path := open(t)
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	call := aMessage(t, s, "home", at, joan, "")
	files, err := fs.Sub(migrations, "migrations")
	must(t, err)
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.write.DB, files)
	must(t, err)
	_, err = provider.DownTo(t.Context(), 2)
	must(t, err)
	again, err := Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, again.Close()) }()
	messages, err := again.Messages(t.Context(), "home")
	if err != nil || len(messages) != 1 || messages[0].Call != call || messages[0].Heard || !messages[0].At.Equal(at) {
		t.Errorf("%+v %v", messages, err)
	}
}

// Alerts that were set up before an owner could allow a home network go on going there; later ones, and those that get another address, do not.
func TestAlertsFromBeforeTheUpgrade(t *testing.T) {
	s, path := open(t)
	anna := aPerson(t, s, "Anna", RoleOwner)
	before, err := s.Outbox.AddChannel(t.Context(), "home", anna.ID, "Web address on home", "webhook", secretAddress, outbox.Choices{Digest: -1})
	must(t, err)
	files, err := fs.Sub(migrations, "migrations")
	must(t, err)
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.write.DB, files)
	must(t, err)
	_, err = provider.DownTo(t.Context(), 28)
	must(t, err)
	again, err := Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, again.Close()) }()
	after, err := again.Outbox.AddChannel(t.Context(), "home", anna.ID, "Web address on home", "webhook", secretAddress, outbox.Choices{Digest: -1})
	must(t, err)
	atHome := func(channel int64, want bool) {
		t.Helper()
		if _, got, err := again.Outbox.ChannelAddress(t.Context(), channel); err != nil || got != want {
			t.Errorf("channel %d: %v %v", channel, got, err)
		}
	}
	atHome(before, true)
	atHome(after, false)
	must(t, again.Outbox.ReplaceChannelAddress(t.Context(), "home", anna.ID, before, "Web address on nas", "webhook", secretAddress))
	atHome(before, false)
	must(t, again.SetAlertsAtHome(t.Context(), "home", true))
	atHome(after, true)
}

// Where an owner does not allow a home network any more, alerts that could go there until then go on; new ones, and those that get another
// address, do not.
func TestAlertsAtHomeAreForbiddenToNewOnes(t *testing.T) {
	s, _ := open(t)
	anna := aPerson(t, s, "Anna", RoleOwner)
	add := func() int64 {
		t.Helper()
		id, err := s.Outbox.AddChannel(t.Context(), "home", anna.ID, "Web address on home", "webhook", secretAddress, outbox.Choices{Digest: -1})
		must(t, err)
		return id
	}
	atHome := func(channel int64, want bool) {
		t.Helper()
		if _, got, err := s.Outbox.ChannelAddress(t.Context(), channel); err != nil || got != want {
			t.Errorf("channel %d: %v %v", channel, got, err)
		}
	}
	first := add()
	must(t, s.SetAlertsAtHome(t.Context(), "home", false)) // as it was
	atHome(first, false)
	must(t, s.SetAlertsAtHome(t.Context(), "home", true))
	second := add()
	must(t, s.SetAlertsAtHome(t.Context(), "home", false))
	third := add()
	must(t, s.SetAlertsAtHome(t.Context(), "home", false))
	atHome(first, true)
	atHome(second, true)
	atHome(third, false)
	must(t, s.Outbox.ReplaceChannelAddress(t.Context(), "home", anna.ID, second, "Web address on nas", "webhook", secretAddress))
	atHome(second, false)
}

// So are lists and the reasons of calls; and an import after it does not get a version's number that was used before.
func TestListsAndReasonsFromBeforeTheUpgrade(t *testing.T) {
	path := madeBefore(t, 4, `INSERT INTO households (id, name) VALUES (1, 'home');
		INSERT INTO lists (id, household_id, name, imported_at) VALUES (1, 1, 'parish', 0), (2, 1, 'empty', 0);
		INSERT INTO list_versions (id, list_id, entries, made_at) VALUES (7, 1, 1, 0);
		UPDATE lists SET version_id = 7 WHERE id = 1;
		INSERT INTO list_entries (number, is_prefix, version_id, confidence) VALUES (442079460666, 0, 7, 0.9);
		INSERT INTO calls (id, household_id, channel, at_ms, said_number, said_name, said_pres) VALUES (3, 1, '1.1', 1000, '', '', ''), (4, 1, '1.2', 2000, '', '', '');
		INSERT INTO call_reasons (call_id, rank, code, text) VALUES (3, 1, 'doubtful', 'second'), (3, 0, 'unknown', 'the "first"')`)

	s, err := Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	if _, known, err := s.Situation(t.Context(), "home", steve); err != nil || len(known.Entries) != 1 || known.Entries[0].List != "parish" {
		t.Errorf("%+v %v", known, err)
	}
	calls, err := s.Calls(t.Context(), "home", 10)
	want := []screening.Reason{{Code: "unknown", Text: `the "first"`}, {Code: "doubtful", Text: "second"}}
	if err != nil || len(calls) != 2 || len(calls[0].Reasons) != 0 || !slices.Equal(calls[1].Reasons, want) {
		t.Errorf("%+v %v", calls, err)
	}
	if _, err := s.Lists.Replace(t.Context(), "home", "parish", "", entries("442079460667")); err != nil {
		t.Fatal(err)
	}
	var version int
	must(t, s.read.QueryRow("SELECT version_id FROM lists WHERE name = 'parish'").Scan(&version))
	if version != 8 {
		t.Errorf("the new version has the number %d", version)
	}
	if _, known, err := s.Situation(t.Context(), "home", steve); err != nil || len(known.Entries) != 0 {
		t.Errorf("%+v %v", known, err)
	}
}

// So are blocks, of which nobody knows who made them; and the way back keeps them.
func TestBlocksFromBeforeTheUpgrade(t *testing.T) {
	s, path := open(t)
	must(t, s.AddBlock(t.Context(), "home", screening.Block{Digits: "442079460666", Note: "a scam"}, "Susan"))
	must(t, s.ReportNumber(t.Context(), "home", joan, CategoryOther, ""))
	files, err := fs.Sub(migrations, "migrations")
	must(t, err)
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.write.DB, files)
	must(t, err)
	_, err = provider.DownTo(t.Context(), 9)
	must(t, err)
	again, err := Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, again.Close()) }()
	blocks, err := again.Blocks(t.Context(), "home")
	if err != nil || len(blocks) != 1 || blocks[0].Note != "a scam" || blocks[0].By != "" || time.Since(blocks[0].Added) > time.Minute {
		t.Errorf("%+v %v", blocks, err)
	}
	if reports, err := again.Reports(t.Context(), "home"); err != nil || len(reports) != 0 {
		t.Errorf("%+v %v", reports, err)
	}
}

// So are reports, which changed last when they were made.
func TestReportsFromBeforeTheUpgrade(t *testing.T) {
	s, path := open(t)
	must(t, s.ReportNumber(t.Context(), "home", steve, "bank", "Susan"))
	_, err := s.write.Exec("UPDATE reports SET at = 1000")
	must(t, err)
	must(t, s.Close())
	must(t, storetest.GoBackTo(t.Context(), path, migrations, 20))
	again, err := Open(t.Context(), path)
	must(t, err)
	*s = *again // which open closes
	g := joinedGroup(t, s, "home")
	all, err := s.Outbox.GroupReports(t.Context(), g.ID)
	if err != nil || len(all) != 1 || !all[0].Changed.Equal(time.Unix(1000, 0)) || all[0].Report == nil || all[0].Report.Category != "bank" {
		t.Errorf("%+v %v", all, err)
	}
}

// An upgrade keeps the database as it was before it changes anything. Where it needs none, nothing is kept.
func TestAnUpgradeKeepsACopyFirst(t *testing.T) {
	s, path := open(t)
	must(t, s.AddContact(t.Context(), "home", "Joan", joan))
	if s.KeptBeforeUpgrade() != "" {
		t.Errorf("a new database was copied to %s", s.KeptBeforeUpgrade())
	}
	must(t, s.Close())
	must(t, storetest.GoBackTo(t.Context(), path, migrations, 28))
	copied, err := OpenCopy(t.Context(), path)
	must(t, err)
	if copied.KeptBeforeUpgrade() != "" {
		t.Errorf("of a copy there is a copy: %s", copied.KeptBeforeUpgrade())
	}
	must(t, copied.Close())
	must(t, storetest.GoBackTo(t.Context(), path, migrations, 28))
	again, err := Open(t.Context(), path)
	must(t, err)
	*s = *again // which open closes
	version, err := sqlite.Version(t.Context(), s.KeptBeforeUpgrade())
	if err != nil || version != 28 {
		t.Errorf("what was kept is of version %d: %v", version, err)
	}
	db, err := sqlite.OpenCopy(s.KeptBeforeUpgrade())
	must(t, err)
	defer func() { must(t, db.Close()) }()
	if name, err := sqlite.Value[string](t.Context(), db, "SELECT name FROM contacts"); err != nil || name != "Joan" {
		t.Errorf("the contact in it is %q: %v", name, err)
	}
}

// An upgrade that was killed goes on. The copy from before it stays, and no copy is made of the database between two forms.
func TestAnUpgradeThatWasKilledGoesOn(t *testing.T) {
	s, path := open(t)
	must(t, s.Close())
	newest, err := NewestVersion()
	must(t, err)
	at := upgradeBegun(t, path, func(at int64) int64 { return at - 1 })
	resumed, err := Open(t.Context(), path)
	must(t, err)
	*s = *resumed // which open closes
	if version, err := sqlite.Version(t.Context(), path); err != nil || version != newest || at == newest {
		t.Errorf("the database is of version %d: %v", version, err)
	}
	if kept := s.KeptBeforeUpgrade(); kept != "" {
		t.Errorf("a database between two forms was copied to %s", kept)
	}
}

// Of an upgrade that failed nothing is applied. The earlier Ringfence may have gone on since, so that the next try keeps a copy of its own.
func TestAnUpgradeAfterOneThatFailedKeepsACopy(t *testing.T) {
	s, path := open(t)
	must(t, s.Close())
	at := upgradeBegun(t, path, func(at int64) int64 { return at })
	again, err := Open(t.Context(), path)
	must(t, err)
	*s = *again // which open closes
	if version, err := sqlite.Version(t.Context(), s.KeptBeforeUpgrade()); err != nil || version != at {
		t.Errorf("%q is of version %d: %v", s.KeptBeforeUpgrade(), version, err)
	}
}

// upgradeBegun makes a closed database one of an earlier version, whose upgrade was begun from another or from that one.
func upgradeBegun(t *testing.T, path string, from func(at int64) int64) (at int64) {
	t.Helper()
	newest, err := NewestVersion()
	must(t, err)
	must(t, storetest.GoBackTo(t.Context(), path, migrations, newest-1))
	at, err = sqlite.Version(t.Context(), path)
	must(t, err)
	db, err := sqlite.OpenCopy(path)
	must(t, err)
	must(t, sqlite.Exec(t.Context(), db, fmt.Sprintf("PRAGMA user_version = %d", from(at)<<16|newest)))
	must(t, db.Close())
	return at
}

// madeBefore is a closed database of an older version, with some rows in it.
func madeBefore(t *testing.T, version int64, rows string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "ringfence.db")
	must(t, sqlite.Create(path))
	db, err := sqlite.Writer(path)
	must(t, err)
	files, err := fs.Sub(migrations, "migrations")
	must(t, err)
	provider, err := goose.NewProvider(goose.DialectSQLite3, db.DB, files)
	must(t, err)
	_, err = provider.UpTo(t.Context(), version)
	must(t, err)
	must(t, sqlite.Exec(t.Context(), db, rows))
	must(t, db.Close())
	return path
}
