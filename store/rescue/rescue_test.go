package rescue

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/backups"
	"ringfence/store/datafolder"
	"ringfence/store/sqlite"
)

const steve = screening.Number("+442079460666")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

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
	must(t, backups.MakeDaily(ctx, d.data, time.Now().Add(-24*time.Hour)))
	d.add(s, d.before, d.after)
	first, _, err := s.ContactByNumber(ctx, "home", contactNumber(0))
	must(t, err)
	_, err = s.RemoveContactByID(ctx, "home", first.ID)
	must(t, err)
	must(t, s.AddBlock(ctx, "home", screening.Block{Digits: steve.Digits(), Note: "scam"}, store.ByTelephone))
	must(t, s.AddAuditLine(ctx, &store.AuditLine{Household: "home", At: time.Now(), By: store.ByCommand, What: "mode", Text: "The mode is ask now."}))
	must(t, s.Close())
	return d
}

// openUntidied is open without its end, for a database that is about to be damaged.
func openUntidied(t *testing.T) (*store.Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data", "ringfence.db")
	s, err := store.Open(t.Context(), path)
	must(t, err)
	must(t, s.EnsureHousehold(t.Context(), "home"))
	return s, path
}

func contactOf(i int) string {
	return fmt.Sprintf("contact %04d, with a name that takes some room in its page", i)
}

func contactNumber(i int) screening.Number { return screening.Number(fmt.Sprintf("+4420794%05d", i)) }

func (d *damaged) add(s *store.Store, from, n int) {
	d.t.Helper()
	for i := from; i < from+n; i++ {
		must(d.t, s.AddContact(d.t.Context(), "home", contactOf(i), contactNumber(i)))
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
	s, err := store.Open(d.t.Context(), d.path)
	if err != nil {
		return err
	}
	err = s.Verify(d.t.Context())
	_ = s.Close() // it is damaged
	return err
}

func (d *damaged) rescue(why error) Report {
	d.t.Helper()
	before, _ := os.ReadFile(d.path) // it may be missing
	r, rescued, err := Database(d.t.Context(), d.data, why, []string{"home"}, time.Now())
	if err != nil || !rescued {
		d.t.Fatalf("not rescued: %v", err)
	}
	if kept, _ := os.ReadFile(filepath.Join(r.Folder, "ringfence.db")); string(kept) != string(before) {
		d.t.Errorf("the damaged one was changed: %d bytes, not %d", len(kept), len(before))
	}
	return r
}

// has checks what the household has now: all contacts but those that may be lost, and the notice.
func (d *damaged) has(missing int) *store.Store {
	d.t.Helper()
	ctx := d.t.Context()
	s, err := store.Open(ctx, d.path)
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
	notice, there, err := s.LastNotice(ctx, "home", store.NoticeDatabaseDamaged)
	if err != nil || !there {
		d.t.Errorf("the carers are not told: %v", err)
	}
	last, found, err := Last(d.data)
	if err != nil || !found || last.Sentence() != notice.Text {
		d.t.Errorf("the last rescue is %+v (%v), the notice says %q", last, err, notice.Text)
	}
	return s
}

func (d *damaged) blocks(s *store.Store) {
	d.t.Helper()
	if _, known, err := s.Situation(d.t.Context(), "home", steve); err != nil || known.Block == nil {
		d.t.Errorf("what was blocked after the backup is not: %v", err)
	}
}

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

// unreadableFile is one that can be opened, and of which each read says EIO: nothing of a process is mapped at its first page.
const unreadableFile = "/proc/self/mem"

// What SQLite says of a disk that fails counts as damage.
func TestADiskThatCannotBeReadIsDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ringfence.db")
	must(t, os.Symlink(unreadableFile, path))
	db, err := sqlite.OpenCopy(path)
	must(t, err)
	defer func() { _ = db.Close() }()
	var n int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&n); !store.Unusable(err) {
		t.Errorf("SQLite says %v (%#v)", err, err)
	}
	if damaged, err := sqlite.LogDamaged(unreadableFile); !damaged || err != nil {
		t.Errorf("a log that cannot be read: %v (%v)", damaged, err)
	}
	for code, want := range map[sqlite3.ErrNoExtended]bool{
		sqlite3.ErrIoErrRead: true, sqlite3.ErrIoErrShortRead: true, sqlite3.ErrIoErrWrite: false, sqlite3.ErrIoErrFsync: false,
		sqlite3.ErrIoErrSHMSize: false,
	} {
		if err := (sqlite3.Error{Code: sqlite3.ErrIoErr, ExtendedCode: code}); store.Unusable(err) != want {
			t.Errorf("%v counts as damage: %v", err, !want)
		}
	}
}

// A backup that cannot be opened, or is empty, is passed over for the next.
func TestABackupThatCannotBeReadIsPassedOver(t *testing.T) {
	d := newDamaged(t)
	newer := func(hours time.Duration) string {
		return filepath.Join(d.data, "backups", "ringfence-"+time.Now().Add(-hours*time.Hour).UTC().Format("20060102-150405")+".db")
	}
	must(t, os.Symlink(newer(2), newer(2))) // to itself
	must(t, os.WriteFile(newer(1), nil, 0o600))
	d.overwrite(d.path, 0, 4096)
	if r := d.rescue(d.found()); r.Backup.IsZero() || time.Since(r.Backup) < 3*time.Hour {
		t.Errorf("%+v", r)
	}
	d.has(d.after)
}

// failing is a file of which some bytes cannot be read, on a disk whose reads are counted.
type failing struct {
	content  []byte
	from, to int64
	reads    int
}

func (f *failing) ReadAt(p []byte, at int64) (int, error) {
	f.reads++
	if at < f.to && at+int64(len(p)) > f.from {
		return 0, &os.PathError{Op: "read", Path: "a card", Err: syscall.EIO}
	}
	return bytes.NewReader(f.content).ReadAt(p, at)
}

// All that a disk gives back is copied, in whole and around what it does not.
func TestAFileIsCopiedAroundWhatCannotBeRead(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 20_000) // 320,000: no whole number of blocks
	for name, c := range map[string]struct{ from, to, zeroFrom, zeroTo int64 }{
		"all can":    {0, 0, 0, 0},
		"one page":   {8192, 8193, 8192, 12288},
		"two blocks": {65535, 131073, 61440, 135168},
		"the end":    {319_999, 320_000, 319_488, 320_000},
		"nothing":    {0, 320_000, 0, 320_000},
	} {
		t.Run(name, func(t *testing.T) {
			want := slices.Clone(content)
			clear(want[c.zeroFrom:c.zeroTo])
			var out bytes.Buffer
			holes, err := copyBlocks(t.Context(), &failing{content: content, from: c.from, to: c.to}, 320_000, &out, time.Hour)
			if err != nil || holes != (c.to > 0) || !bytes.Equal(out.Bytes(), want) {
				t.Errorf("holes: %v (%v), %d bytes", holes, err, out.Len())
			}
		})
	}
	card := &failing{content: content, to: 320_000}
	var out bytes.Buffer
	if holes, err := copyBlocks(t.Context(), card, 320_000, &out, 0); err != nil || !holes || out.Len() != len(content) || card.reads > 40 {
		t.Errorf("a card that gives nothing: holes %v (%v), %d bytes after %d reads", holes, err, out.Len(), card.reads)
	}
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
