package backups

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ringfence/store"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
	"ringfence/store/storetest"
)

// olderBy makes the database in a data folder one of so many migrations ago, and returns which it has then.
func olderBy(t *testing.T, data string, migrations int64) int64 {
	t.Helper()
	newest, err := store.NewestVersion()
	must(t, err)
	must(t, storetest.GoBackTo(t.Context(), filepath.Join(data, memberDatabase), os.DirFS(".."), newest-migrations))
	version, err := sqlite.Version(t.Context(), filepath.Join(data, memberDatabase))
	must(t, err)
	return version
}

func note() store.AuditLine {
	return store.AuditLine{At: time.Now(), By: store.ByCommand, What: "restored", Text: "The database from before an upgrade was put back."}
}

// Whoever has upgraded goes back to the database of before, which is not brought up to date again, so that the earlier Ringfence can use it.
func TestGoingBackLeavesTheOlderForm(t *testing.T) {
	s, data := aHouse(t)
	must(t, s.Close())
	version := olderBy(t, data, 1)
	again, err := store.Open(t.Context(), filepath.Join(data, memberDatabase))
	must(t, err)
	kept := again.KeptBeforeUpgrade()
	if at, err := sqlite.Version(t.Context(), kept); err != nil || at != version {
		t.Errorf("what was kept, %q, is of version %d, not %d (%v)", kept, at, version, err)
	}
	must(t, again.AddContact(t.Context(), "home", "After", steve))
	if _, err := GoBack(t.Context(), data, note()); !errors.Is(err, datafolder.ErrInUse) {
		t.Errorf("while it is in use: %v", err)
	}
	must(t, again.Close())
	recordings, err := os.ReadDir(filepath.Join(data, "recordings"))
	must(t, err)
	done, err := GoBack(t.Context(), data, note())
	must(t, err)
	if done.Current {
		t.Error("the database is said to be for this Ringfence")
	}
	if at, err := sqlite.Version(t.Context(), filepath.Join(data, memberDatabase)); err != nil || at != version {
		t.Errorf("the database is of version %d, not %d (%v)", at, version, err)
	}
	if left, err := os.ReadDir(filepath.Join(data, "recordings")); err != nil || len(left) != len(recordings) {
		t.Errorf("of %d recordings there are %d (%v)", len(recordings), len(left), err)
	}
	if newest, err := store.NewestVersion(); err != nil || versionIn(t, done.Before) != newest {
		t.Errorf("what it replaced is of version %d, not %d (%v)", versionIn(t, done.Before), newest, err)
	}
	*s = *reopened(t, data)
	if contacts, err := s.Contacts(t.Context(), "home"); err != nil || len(contacts) != 1 || contacts[0].Name != "Joan" {
		t.Errorf("%+v %v", contacts, err)
	}
	if _, found, err := s.People.KeptSessions().Find("token"); err != nil || found {
		t.Errorf("somebody is signed in still: %v", err)
	}
}

func versionIn(t *testing.T, folder string) int64 {
	t.Helper()
	version, err := sqlite.Version(t.Context(), filepath.Join(folder, memberDatabase))
	must(t, err)
	return version
}

// reopened opens it once more; opened closes it.
func reopened(t *testing.T, data string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(data, memberDatabase))
	must(t, err)
	return s
}

// disk is one with so many bytes free.
func disk(free int64) func(string) (int64, error) {
	return func(string) (int64, error) { return free, nil }
}

// Three copies are kept, for a month; a copy that was cut off is not one.
func TestCopiesFromBeforeUpgradesAreForgotten(t *testing.T) {
	s, data := opened(t)
	must(t, s.CheckpointAll(t.Context()))
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for i := range 5 {
		_, err := datafolder.KeepBeforeUpgrade(t.Context(), filepath.Join(data, datafolder.Database), disk(1<<40), now.AddDate(0, 0, i-4))
		must(t, err)
	}
	must(t, os.WriteFile(filepath.Join(data, datafolder.Backups, "before-upgrade-20261129-130000.db.new"), []byte("half"), 0o600))
	all, err := datafolder.ListUpgrades(data)
	if err != nil || len(all) != 3 || !all[0].Made.Equal(now) {
		t.Fatalf("%+v %v", all, err)
	}
	must(t, MakeDaily(t.Context(), data, now.AddDate(0, 0, 29)))
	if all, err = datafolder.ListUpgrades(data); err != nil || len(all) != 2 {
		t.Errorf("after a month there are %+v %v", all, err)
	}
}

// Where the disk has no room for the copy, nothing is upgraded.
func TestNoUpgradeWithoutRoomForACopy(t *testing.T) {
	_, data := opened(t)
	if _, err := datafolder.KeepBeforeUpgrade(t.Context(), filepath.Join(data, datafolder.Database), disk(1<<20), time.Now()); err == nil {
		t.Error("it was copied onto a full disk")
	}
	if all, err := datafolder.ListUpgrades(data); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
}
