package rescue

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/backups"
	"ringfence/store/sqlite"
	"ringfence/store/storetest"
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
	before.once.Do(func() { before.data = beforeDamage(t) })
	if before.data == nil {
		t.Fatal("there is no household to damage") // the test that was the first says why
	}
	data := filepath.Join(t.TempDir(), "data")
	must(t, os.CopyFS(data, before.data))
	return &damaged{t: t, data: data, path: filepath.Join(data, "ringfence.db"), before: contactsBefore, after: contactsSince}
}

const contactsBefore, contactsSince = 300, 300

// before is what each household has before it is damaged.
var before struct {
	once sync.Once
	data fstest.MapFS
}

func beforeDamage(t *testing.T) fstest.MapFS {
	t.Helper()
	s, path := openUntidied(t)
	d := &damaged{t: t, data: filepath.Dir(path), path: path}
	ctx := t.Context()
	d.add(s, 0, contactsBefore)
	must(t, backups.MakeDaily(ctx, d.data, time.Now().Add(-24*time.Hour)))
	d.add(s, contactsBefore, contactsSince)
	first, _, err := s.ContactByNumber(ctx, "home", contactNumber(0))
	must(t, err)
	_, err = s.RemoveContactByID(ctx, "home", first.ID)
	must(t, err)
	must(t, s.AddBlock(ctx, "home", screening.Block{Digits: steve.Digits(), Note: "scam"}, store.ByTelephone))
	must(t, s.AddAuditLine(ctx, &store.AuditLine{Household: "home", At: time.Now(), By: store.ByCommand, What: "mode", Text: "The mode is ask now."}))
	must(t, s.Close())
	data, err := storetest.ReadFolder(d.data)
	must(t, err)
	return data
}

// openUntidied is open without its end, for a database that is about to be damaged.
func openUntidied(t *testing.T) (*store.Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data", "ringfence.db")
	must(t, storetest.Ready(context.Background(), path, store.Open))
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
	notices, err := s.LastNotices(ctx, store.NoticeDatabaseDamaged)
	notice, there := notices["home"]
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
