package hub

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
	"ringfence/store/storetest"
)

// An upgrade of a hub keeps its database as it was before it changes anything, but nothing by which somebody could get in. Where it needs none, nothing
// is kept.
func TestAnUpgradeKeepsACopyFirst(t *testing.T) {
	w := newWorld(t, 2)
	w.says(For, "+442079460666", noon, 0)
	_, err := w.write.Exec("INSERT INTO moderators (email, name, added_at) VALUES ('anna@parish.example', 'Anna', 1)")
	w.ok(err)
	_, err = w.write.Exec("INSERT INTO password_links (hash, moderator_id, expires_at) SELECT x'01', id, 99999999999 FROM moderators")
	w.ok(err)
	if w.KeptBeforeUpgrade() != "" {
		t.Errorf("a new database was copied to %s", w.KeptBeforeUpgrade())
	}
	w.ok(w.Close())
	for _, older := range []int64{2, 1} { // the older has neither marks nor logins
		w.ok(storetest.GoBackTo(t.Context(), w.path, migrations, older))
		w.Hub, err = Open(t.Context(), w.path, parish)
		w.ok(err)
		kept := w.KeptBeforeUpgrade()
		if version, err := sqlite.Version(t.Context(), kept); err != nil || version != older {
			t.Fatalf("what was kept is of version %d: %v", version, err)
		}
		db, err := sqlite.OpenCopy(kept)
		w.ok(err)
		for table, want := range map[string]int{"reports": 1, "moderators": 1, "password_links": 0} {
			if n, err := sqlite.Value[int](t.Context(), db, "SELECT count(*) FROM "+table); err != nil || n != want {
				t.Errorf("version %d: the copy has %d %s: %v", older, n, table, err)
			}
		}
		w.ok(errors.Join(db.Close(), w.Close()))
	}
	w.Hub, err = Open(t.Context(), w.path, parish)
	w.ok(err)
	if w.KeptBeforeUpgrade() != "" {
		t.Errorf("without an upgrade there is a copy: %s", w.KeptBeforeUpgrade())
	}
	w.ok(w.Forget(t.Context(), time.Now().AddDate(1, 0, 0))) // the copies are of today
	if all, err := datafolder.ListUpgrades(filepath.Dir(w.path)); err != nil || len(all) != 0 {
		t.Errorf("after a year there are %+v: %v", all, err)
	}
	// A backup of an earlier Ringfence that is restored is kept where it came from.
	w.ok(w.Close())
	w.ok(storetest.GoBackTo(t.Context(), w.path, migrations, 2))
	w.ok(TakeUp(t.Context(), w.path, parish, byCommand))
	if left, err := os.ReadDir(filepath.Join(filepath.Dir(w.path), datafolder.Backups)); err != nil || len(left) != 0 {
		t.Errorf("%v %v", left, err)
	}
	w.Hub, err = Open(t.Context(), w.path, parish)
	w.ok(err)
}
