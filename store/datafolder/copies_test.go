package datafolder

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"ringfence/store/sqlite"
)

// What a killed program has left of a copy is gone after the next one, and makes room for it. What somebody writes just now is not touched.
func TestHalfMadeCopiesAreRemoved(t *testing.T) {
	data := t.TempDir()
	database := filepath.Join(data, Database)
	if err := sqlite.Create(database); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(data, Backups), 0o700); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, written := range map[string]time.Duration{
		"daily-20261129-030000.db.new": 2 * time.Hour, "daily-20261129-030000.db.new-journal": 2 * time.Hour, "before-upgrade-20261129-030000.db.new": time.Minute,
		"daily-20261128-030000.db": 24 * time.Hour, "notes.new": 24 * time.Hour,
	} {
		path := filepath.Join(data, Backups, name)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now, now.Add(-written)); err != nil {
			t.Fatal(err)
		}
	}
	left := func(string) (free int64, err error) { // as the disk is asked for room, they are gone already
		for _, name := range []string{"daily-20261129-030000.db.new", "daily-20261129-030000.db.new-journal"} {
			if _, err := os.Lstat(filepath.Join(data, Backups, name)); !os.IsNotExist(err) {
				t.Errorf("%s is still there (%v)", name, err)
			}
		}
		return 1 << 40, nil
	}
	kept, err := KeepBeforeUpgrade(t.Context(), database, left, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"before-upgrade-20261129-030000.db.new", "daily-20261128-030000.db", "notes.new", filepath.Base(kept)} {
		if _, err := os.Lstat(filepath.Join(data, Backups, name)); err != nil {
			t.Error(err)
		}
	}
}
