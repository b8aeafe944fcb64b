package rescue

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/store"
	"ringfence/store/backups"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

func TestADamagedIndexLosesNothing(t *testing.T) {
	d := newDamaged(t)
	page := d.pageOf("contacts_by_name")
	d.overwrite(d.path, (page-1)*4096, 4096)
	err := d.found()
	if !errors.Is(err, store.ErrDamaged) {
		t.Fatalf("it is not found: %v", err)
	}
	if r := d.rescue(err); len(r.Lost) > 0 || r.Backup.IsZero() {
		t.Errorf("%+v", r)
	}
	s := d.has(0)
	d.blocks(s)
	if contacts, err := s.Contacts(t.Context(), "home"); err != nil || slices.ContainsFunc(contacts, func(c store.Contact) bool { return c.Name == contactOf(0) }) {
		t.Errorf("a contact that was removed is back (%v)", err)
	}
}

func TestOfADamagedTableAllIsSavedThatCanBeRead(t *testing.T) {
	for _, table := range []string{"contacts", "contact_numbers"} { // with numbers of its rows, and without
		t.Run(table, func(t *testing.T) {
			d := newDamaged(t)
			d.overwrite(d.path, (d.pageOf(table)-1)*4096, 4096)
			err := d.found()
			if !errors.Is(err, store.ErrDamaged) {
				t.Fatalf("it is not found: %v", err)
			}
			if r := d.rescue(err); len(r.Lost) != 1 || r.Lost[0] != table || !strings.Contains(r.Sentence(), "These may be missing or out of date: contacts.") {
				t.Errorf("%+v: %s", r, r.Sentence())
			}
			d.blocks(d.has(100)) // a page of names has about fifty
		})
	}
}

func TestADamagedHeadLosesNothing(t *testing.T) {
	d := newDamaged(t)
	d.overwrite(d.path, 0, 100)
	err := d.found()
	if !sqlite.Damaged(err) || strings.Contains(err.Error(), "\n") {
		t.Fatalf("it is not found: %v", err)
	}
	if r := d.rescue(err); len(r.Lost) > 0 {
		t.Errorf("%+v", r)
	}
	d.blocks(d.has(0))
}

// Of a database whose first page is gone nothing can be read: the backup is what there is.
func TestADamagedFirstPage(t *testing.T) {
	d := newDamaged(t)
	d.overwrite(d.path, 0, 4096)
	r := d.rescue(d.found())
	if !slices.Equal(r.Lost, []string{lostMissing}) || r.Backup.IsZero() {
		t.Errorf("%+v", r)
	}
	d.has(d.after)
}

// A file that is missing or empty where there was one is no new household.
func TestAMissingDatabaseIsNotMadeAgain(t *testing.T) {
	for name, take := range map[string]func(path string) error{
		"missing": os.Remove, "empty": func(path string) error { return os.Truncate(path, 0) },
		"another program's": func(path string) error {
			err := errors.Join(os.Remove(path), sqlite.Create(path))
			other, failed := sqlite.Writer(path)
			if err = errors.Join(err, failed); err != nil {
				return err
			}
			_, err = other.ExecContext(t.Context(), "CREATE TABLE songs (name TEXT)")
			return errors.Join(err, other.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDamaged(t)
			recording := filepath.Join(d.data, "recordings", "7-message.wav")
			must(t, os.WriteFile(recording, []byte("a message"), 0o600))
			must(t, take(d.path))
			err := d.found()
			if !errors.Is(err, datafolder.ErrMissing) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "ringfence serve") {
				t.Fatalf("it is not found: %v", err)
			}
			r := d.rescue(err)
			if !slices.Contains(r.Lost, lostMissing) {
				t.Errorf("it says that lost is %q", r.Lost)
			}
			d.has(d.after)
			if sound, err := os.ReadFile(filepath.Join(r.Folder, "recordings", "7-message.wav")); err != nil || string(sound) != "a message" {
				t.Errorf("a recording that no call knows any more is gone: %v", err)
			}
		})
	}
}

// Somebody has taken a table or a column away: the backup has it, and the rest is read as it is.
func TestADatabaseWithoutATable(t *testing.T) {
	for _, taken := range []string{"DROP TABLE contact_numbers", "ALTER TABLE households DROP COLUMN title"} {
		t.Run(taken, func(t *testing.T) {
			d := newDamaged(t)
			db, err := sqlite.OpenCopy(d.path)
			must(t, err)
			_, err = db.ExecContext(t.Context(), taken)
			must(t, errors.Join(err, db.Close()))
			err = d.found()
			if err == nil {
				s, opened := store.Open(t.Context(), d.path)
				must(t, opened)
				_, err = s.About(t.Context(), "home")
				must(t, s.Close())
			}
			if !store.Unusable(err) || strings.Contains(err.Error(), "no such table") {
				t.Errorf("it is not found: %v", err)
			}
			d.rescue(err)
			d.blocks(d.has(d.after))
		})
	}
}

// A log that is damaged in its middle is found before SQLite forgets what stands behind; one that ends in the middle of something is none.
func TestADamagedLog(t *testing.T) {
	s, path := openUntidied(t)
	data, log := filepath.Dir(path), path+"-wal"
	db, err := sqlite.Relaxed(path)
	must(t, err)
	must(t, errors.Join(sqlite.Exec(t.Context(), db, "PRAGMA wal_checkpoint(TRUNCATE)"), db.Close()))
	for i := range 20 {
		must(t, s.AddContact(t.Context(), "home", contactOf(i), contactNumber(i)))
	}
	whole, err := os.ReadFile(log)
	must(t, err)
	database, err := os.ReadFile(path)
	must(t, err)
	must(t, s.Close())
	for name, c := range map[string]struct {
		at   int
		cut  int
		want bool
	}{
		"as it is":    {-1, len(whole), false},
		"in its head": {3, len(whole), true},
		"in a frame":  {len(whole) / 2, len(whole), true},
		"in its end":  {len(whole) - 100, len(whole), true},
		"cut off":     {-1, len(whole) - 1000, false},
		"just begun":  {-1, 10, false},
		"empty":       {-1, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			damaged := slices.Clone(whole)
			if c.at >= 0 {
				damaged[c.at] ^= 0xff
			}
			must(t, os.WriteFile(path, database, 0o600))
			must(t, os.WriteFile(log, damaged[:c.cut], 0o600))
			r, found, err := CheckLog(data, time.Now())
			if err != nil || found != c.want {
				t.Fatalf("found: %v (%v)", found, err)
			}
			if !found {
				return
			}
			if kept, err := os.ReadFile(filepath.Join(r.Folder, "ringfence.db-wal")); err != nil || string(kept) != string(damaged) {
				t.Errorf("it was not kept: %v", err)
			}
			if last, found, err := Last(data); err != nil || !found || !last.LogOnly {
				t.Errorf("%+v %v %v", last, found, err)
			}
			must(t, os.RemoveAll(r.Folder))
			after, err := store.Open(t.Context(), path)
			must(t, err)
			must(t, errors.Join(after.Verify(t.Context()), after.Close()))
		})
	}
}

// A database that is whole after all stays where it is.
func TestAWholeDatabaseIsNotReplaced(t *testing.T) {
	d := newDamaged(t)
	if _, rescued, err := Database(t.Context(), d.data, errors.New("a false alarm"), []string{"home"}, time.Now()); rescued || err != nil {
		t.Errorf("rescued: %v (%v)", rescued, err)
	}
	if _, found, err := Last(d.data); found || err != nil {
		t.Errorf("something was put aside (%v)", err)
	}
}

// Where there was no backup yet, and where the newest is damaged itself.
func TestBackupsThatAreNoHelp(t *testing.T) {
	d := newDamaged(t)
	daily, err := backups.ListDaily(d.data, time.Now())
	must(t, err)
	d.overwrite(daily[0].Path, 4096, 20*4096)
	page := d.pageOf("contacts_by_name")
	d.overwrite(d.path, (page-1)*4096, 4096)
	if r := d.rescue(d.found()); len(r.Lost) > 0 || !r.Backup.IsZero() {
		t.Errorf("%+v", r)
	}
	d.blocks(d.has(0))
}

// With no backup, and nothing that can be read of the damaged one, a new one is begun.
func TestADamagedFirstPageAndNoBackup(t *testing.T) {
	d := newDamaged(t)
	must(t, os.RemoveAll(filepath.Join(d.data, "backups")))
	d.overwrite(d.path, 0, 4096)
	r := d.rescue(d.found())
	if !slices.Equal(r.Lost, []string{lostMissing}) || !r.Backup.IsZero() {
		t.Errorf("%+v", r)
	}
	d.has(d.before + d.after)
}

// Recordings that the new database does not know are out of the sweep's way before it is in place.
func TestUnknownRecordingsAreMovedBeforeTheSwap(t *testing.T) {
	d := newDamaged(t)
	recording := filepath.Join(d.data, "recordings", "7-message.wav")
	must(t, os.WriteFile(recording, []byte("a message"), 0o600))
	d.overwrite(d.path, 0, 4096)
	why := d.found()
	// As if the power failed at the swap: a report of such a year cannot be written, with which it begins.
	_, rescued, err := Database(t.Context(), d.data, why, []string{"home"}, time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC))
	if err == nil || rescued {
		t.Fatal("the swap did not fail")
	}
	if _, there := os.Stat(recording); there == nil {
		t.Errorf("the recording still lies where it is swept (%v)", err)
	}
}
