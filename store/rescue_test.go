package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/sqlite"
)

// damaged is a household with a backup of yesterday, and what came after it, in a database that is closed.
type damaged struct {
	t          *testing.T
	data, path string
	before     int // contacts in the backup
	after      int // contacts since
}

func newDamaged(t *testing.T) *damaged {
	t.Helper()
	s, path := openUntidied(t)
	d := &damaged{t: t, data: filepath.Dir(path), path: path, before: 300, after: 300}
	ctx := t.Context()
	d.add(s, 0, d.before)
	must(t, s.BackUpDaily(ctx, time.Now().Add(-24*time.Hour)))
	d.add(s, d.before, d.after)
	_, err := s.RemoveContact(ctx, "home", contactOf(0))
	must(t, err)
	_, err = s.BlockNumber(ctx, "home", steve, "scam", false)
	must(t, err)
	must(t, s.AddChange(ctx, Change{Household: "home", At: time.Now(), By: ByCommand, What: "mode", Text: "The mode is ask now."}))
	must(t, s.Close())
	return d
}

// openUntidied is open without its end, for a database that is about to be damaged.
func openUntidied(t *testing.T) (*Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data", "ringfence.db")
	s, err := Open(t.Context(), path)
	must(t, err)
	must(t, s.EnsureHousehold(t.Context(), "home"))
	return s, path
}

func contactOf(i int) string {
	return fmt.Sprintf("contact %04d, with a name that takes some room in its page", i)
}

func (d *damaged) add(s *Store, from, n int) {
	d.t.Helper()
	for i := from; i < from+n; i++ {
		must(d.t, s.AddContact(d.t.Context(), "home", contactOf(i), screening.Number(fmt.Sprintf("+4420794%05d", i))))
	}
}

// pageOf is the number of a leaf page of a table or an index, somewhere in its middle.
func (d *damaged) pageOf(name string) int64 {
	d.t.Helper()
	db, err := sqlite.OpenCopy(d.path)
	must(d.t, err)
	defer func() { must(d.t, db.Close()) }()
	var page int64
	must(d.t, db.QueryRow("SELECT rootpage FROM sqlite_schema WHERE name = ?", name).Scan(&page))
	file, err := os.ReadFile(d.path)
	must(d.t, err)
	for {
		// sqlite.org/fileformat2.html#b_tree_pages: of a page that is no leaf the cells begin with the page below.
		b := file[(page-1)*4096 : page*4096]
		if b[0] != 2 && b[0] != 5 {
			return page
		}
		middle := binary.BigEndian.Uint16(b[3:]) / 2
		page = int64(binary.BigEndian.Uint32(b[binary.BigEndian.Uint16(b[12+2*middle:]):]))
	}
}

// overwrite puts rubbish into a file.
func (d *damaged) overwrite(path string, at, n int64) {
	d.t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(d.t, err)
	_, err = f.WriteAt([]byte(strings.Repeat("rubbish ", int(n)/8+1))[:n], at)
	must(d.t, errors.Join(err, f.Close()))
}

// found is how the damage is found: when the database is opened, or looked at.
func (d *damaged) found() error {
	s, err := Open(d.t.Context(), d.path)
	if err != nil {
		return err
	}
	err = s.Verify(d.t.Context())
	_ = s.Close() // it is damaged
	return err
}

func (d *damaged) rescue(why error) Rescue {
	d.t.Helper()
	bytes, _ := os.ReadFile(d.path) // it may be missing
	r, rescued, err := RescueDatabase(d.t.Context(), d.data, why, []string{"home"}, time.Now())
	if err != nil || !rescued {
		d.t.Fatalf("not rescued: %v", err)
	}
	if kept, _ := os.ReadFile(filepath.Join(r.Folder, "ringfence.db")); string(kept) != string(bytes) {
		d.t.Errorf("the damaged one was changed: %d bytes, not %d", len(kept), len(bytes))
	}
	return r
}

// has checks what the household has now: all contacts but those that may be lost, and the notice.
func (d *damaged) has(missing int) *Store {
	d.t.Helper()
	ctx := d.t.Context()
	s, err := Open(ctx, d.path)
	must(d.t, err)
	d.t.Cleanup(func() { must(d.t, s.Close()) })
	must(d.t, s.Verify(ctx))
	contacts, err := s.Contacts(ctx, "home")
	must(d.t, err)
	if want := d.before + d.after - 1; len(contacts) < want-missing || len(contacts) > want+1 {
		d.t.Errorf("%d contacts of %d are there", len(contacts), want)
	}
	for _, c := range contacts {
		if len(c.Numbers) > 1 {
			d.t.Errorf("%+v", c)
		}
	}
	notice, there, err := s.LastNotice(ctx, "home", NoticeDatabaseDamaged)
	if err != nil || !there {
		d.t.Errorf("the carers are not told: %v", err)
	}
	last, any, err := LastRescue(d.data)
	if err != nil || !any || last.Sentence() != notice.Text {
		d.t.Errorf("the last rescue is %+v (%v), the notice says %q", last, err, notice.Text)
	}
	return s
}

func (d *damaged) blocks(s *Store) {
	d.t.Helper()
	if known, err := s.Know(d.t.Context(), "home", steve); err != nil || known.Block == nil {
		d.t.Errorf("what was blocked after the backup is not: %v", err)
	}
}

func TestADamagedIndexLosesNothing(t *testing.T) {
	d := newDamaged(t)
	page := d.pageOf("contacts_by_name")
	d.overwrite(d.path, (page-1)*4096, 4096)
	err := d.found()
	if !errors.Is(err, ErrDamaged) {
		t.Fatalf("it is not found: %v", err)
	}
	if r := d.rescue(err); len(r.Lost) > 0 || r.Backup.IsZero() {
		t.Errorf("%+v", r)
	}
	s := d.has(0)
	d.blocks(s)
	if contacts, err := s.Contacts(t.Context(), "home"); err != nil || slices.ContainsFunc(contacts, func(c Contact) bool { return c.Name == contactOf(0) }) {
		t.Errorf("a contact that was removed is back (%v)", err)
	}
}

func TestOfADamagedTableAllIsSavedThatCanBeRead(t *testing.T) {
	for _, table := range []string{"contacts", "contact_numbers"} { // with numbers of its rows, and without
		t.Run(table, func(t *testing.T) {
			d := newDamaged(t)
			d.overwrite(d.path, (d.pageOf(table)-1)*4096, 4096)
			err := d.found()
			if !errors.Is(err, ErrDamaged) {
				t.Fatalf("it is not found: %v", err)
			}
			if r := d.rescue(err); len(r.Lost) != 1 || r.Lost[0] != table || !strings.Contains(r.Sentence(), "Lost or old may be: contacts.") {
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
func TestAMissingDatabaseIsNotMadeAnew(t *testing.T) {
	for name, take := range map[string]func(path string) error{
		"missing": os.Remove, "empty": func(path string) error { return os.Truncate(path, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDamaged(t)
			recording := filepath.Join(d.data, "recordings", "7-message.wav")
			must(t, os.WriteFile(recording, []byte("a message"), 0o600))
			must(t, take(d.path))
			err := d.found()
			if !errors.Is(err, ErrMissing) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "ringfence serve") {
				t.Fatalf("it is not found: %v", err)
			}
			r := d.rescue(err)
			d.has(d.after)
			if sound, err := os.ReadFile(filepath.Join(r.Folder, "recordings", "7-message.wav")); err != nil || string(sound) != "a message" {
				t.Errorf("a recording that no call knows any more is gone: %v", err)
			}
		})
	}
}

// A log that is damaged in its middle is found before SQLite forgets what stands behind; one that ends in the middle of something is none.
func TestADamagedLog(t *testing.T) {
	s, path := openUntidied(t)
	data, log := filepath.Dir(path), path+"-wal"
	for i := range 20 {
		must(t, s.AddContact(t.Context(), "home", contactOf(i), screening.Number(fmt.Sprintf("+4420794%05d", i))))
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
			if last, any, err := LastRescue(data); err != nil || !any || !last.LogOnly {
				t.Errorf("%+v %v %v", last, any, err)
			}
			must(t, os.RemoveAll(r.Folder))
			after, err := Open(t.Context(), path)
			must(t, err)
			must(t, errors.Join(after.Verify(t.Context()), after.Close()))
		})
	}
}

// A database that is whole after all stays where it is.
func TestAWholeDatabaseIsNotReplaced(t *testing.T) {
	d := newDamaged(t)
	if _, rescued, err := RescueDatabase(t.Context(), d.data, errors.New("a false alarm"), []string{"home"}, time.Now()); rescued || err != nil {
		t.Errorf("rescued: %v (%v)", rescued, err)
	}
	if _, any, err := LastRescue(d.data); any || err != nil {
		t.Errorf("something was put aside (%v)", err)
	}
}

// Where there was no backup yet, and where the newest is damaged itself.
func TestBackupsThatAreNoHelp(t *testing.T) {
	d := newDamaged(t)
	backups, err := DailyBackups(d.data)
	must(t, err)
	d.overwrite(backups[0].Path, 4096, 20*4096)
	page := d.pageOf("contacts_by_name")
	d.overwrite(d.path, (page-1)*4096, 4096)
	if r := d.rescue(d.found()); len(r.Lost) > 0 || !r.Backup.IsZero() {
		t.Errorf("%+v", r)
	}
	d.blocks(d.has(0))
}

// Seven are kept, one a day, each whole.
func TestDailyBackups(t *testing.T) {
	s, path := open(t)
	data := filepath.Dir(path)
	now := time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)
	for day := range 9 {
		for range 2 { // the second finds that there is one
			must(t, s.BackUpDaily(t.Context(), now.AddDate(0, 0, day).Add(time.Hour)))
		}
	}
	all, err := DailyBackups(data)
	must(t, err)
	if len(all) != keptBackups || !all[0].Made.Equal(now.AddDate(0, 0, 8).Add(time.Hour)) {
		t.Errorf("%+v", all)
	}
	for _, b := range all {
		must(t, sqlite.Whole(context.WithoutCancel(t.Context()), b.Path))
	}
	s.leastFree = 1 << 60 // no room for another: the oldest give way, but never the newest
	if err := s.BackUpDaily(t.Context(), now.AddDate(0, 0, 9)); err == nil || !strings.Contains(err.Error(), "room") {
		t.Errorf("a full disk: %v", err)
	}
	if all, err := DailyBackups(data); err != nil || len(all) != 1 || !all[0].Made.Equal(now.AddDate(0, 0, 8).Add(time.Hour)) {
		t.Errorf("%+v %v", all, err)
	}
	entries, err := os.ReadDir(filepath.Join(data, backupsFolder))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v %v", entries, err)
	}
}
