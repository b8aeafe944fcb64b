package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store/columns"
	"ringfence/store/lists"
	"ringfence/store/storetest"
)

func open(t testing.TB) (*Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data", "ringfence.db")
	must(t, storetest.Ready(context.Background(), path, Open))
	s, err := Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, home := range []string{"home", "other"} {
		must(t, s.EnsureHousehold(t.Context(), home))
	}
	return s, path
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// entries is a list of whole numbers, all of them sure.
func entries(digits ...string) iter.Seq2[lists.Entry, error] {
	return func(yield func(lists.Entry, error) bool) {
		for _, d := range digits {
			digits, prefix := strings.CutSuffix(d, "*")
			if !yield(lists.Entry{Digits: digits, Prefix: prefix, Confidence: 1, Category: d}, nil) {
				return
			}
		}
	}
}

const (
	joan  = screening.Number("+442079460001")
	steve = screening.Number("+442079460666")
)

func blockOn(n screening.Number) screening.Block {
	return screening.Block{Digits: n.Digits(), Note: "scam"}
}

func TestModes(t *testing.T) {
	_, path := open(t)
	for file, mode := range map[string]os.FileMode{"": 0o700, "recordings": 0o700, "ringfence.db": 0o600, "ringfence.db-wal": 0o600} {
		info, err := os.Stat(filepath.Join(filepath.Dir(path), file))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%q: %v, %v", file, info.Mode(), err)
		}
	}
}

// A checkpoint is made where enough was written, not before; and it begins the write-ahead log anew, so that the next call
// does not.
func TestCheckpoint(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	log := func() (pages, moved int) {
		var busy int
		must(t, s.write.QueryRow("PRAGMA wal_checkpoint(NOOP)").Scan(&busy, &pages, &moved))
		return pages, moved
	}
	write := func(until int) {
		for pages, _ := log(); pages < until; pages, _ = log() {
			_, err := s.CallArrived(ctx, "home", "1.1", time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, "turned-away")
			must(t, err)
		}
	}
	write(enoughPages / 2)
	must(t, s.Checkpoint(ctx))
	if _, moved := log(); moved != 0 {
		t.Errorf("%d pages were brought in early", moved)
	}
	write(2 * enoughPages) // which SQLite by itself would not wait for
	must(t, s.Checkpoint(ctx))
	if pages, moved := log(); pages > 3 || moved > 0 {
		t.Errorf("the log still has %d pages, %d of them brought in", pages, moved)
	}
}

// SQLite really is as the package comment says.
func TestPragmas(t *testing.T) {
	s, _ := open(t)
	for pragma, want := range map[string][]string{"journal_mode": {"wal", "wal", "wal"}, "foreign_keys": {"1", "1", "1"}, "synchronous": {"2", "1", "1"}} {
		for i, db := range []*sql.DB{s.write.DB, s.relaxed.DB, s.read} {
			var got string
			must(t, db.QueryRow("PRAGMA "+pragma).Scan(&got))
			if got != want[i] {
				t.Errorf("%s is %s", pragma, got)
			}
		}
	}
	if _, err := s.read.Exec("DELETE FROM households"); err == nil {
		t.Error("a reader has written")
	}
	if _, err := s.write.Exec("INSERT INTO contacts (household_id, name, added_at) VALUES (4711, 'nobody', 0)"); err == nil {
		t.Error("a contact of no household was kept")
	}
	if _, err := s.write.Exec("UPDATE households SET threshold = 'high'"); err == nil {
		t.Error("a table is not strict")
	}
	var tables, strict int
	must(t, s.read.QueryRow("SELECT count(*), sum(strict) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'").Scan(&tables, &strict))
	if tables < 12 || tables != strict {
		t.Errorf("%d of %d tables are strict", strict, tables)
	}
}

func TestDamagedAndNewerDatabasesAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ringfence.db")
	must(t, os.WriteFile(path, []byte(strings.Repeat("this is no database. ", 500)), 0o600))
	if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged one: %v", err)
	}
	s, path := open(t)
	_, err := s.write.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	must(t, err)
	if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "newer Ringfence") {
		t.Errorf("a newer one: %v", err)
	}
}

func TestTwoProgramsShareTheDatabase(t *testing.T) {
	one, path := open(t)
	two, err := Open(t.Context(), path)
	must(t, err)
	defer func() { must(t, two.Close()) }()
	must(t, one.AddContact(t.Context(), "home", "Joan", joan))
	_, known, err := two.Situation(t.Context(), "home", joan)
	if err != nil || known.Contact == nil || known.Contact.Name != "Joan" {
		t.Errorf("%+v %v", known, err)
	}
}

func TestHousehold(t *testing.T) {
	s, _ := open(t)
	h, err := s.Household(t.Context(), "home")
	if err != nil || h.Mode != screening.Ask {
		t.Errorf("%+v %v", h, err)
	}
	h.Mode, h.Threshold, h.Emergency = screening.KnownOnly, 0.7, time.Hour
	h.Policy = screening.Policy{Withheld: screening.Message, International: screening.TurnAway}
	choose(t, s, h)
	if got, err := s.Household(t.Context(), "home"); err != nil || !reflect.DeepEqual(got, h) {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := s.Household(t.Context(), "nobody"); !errors.Is(err, columns.ErrNoHousehold) {
		t.Error(err)
	}
	if _, err := s.CallArrived(t.Context(), "nobody", "1", time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, ""); !errors.Is(err, columns.ErrNoHousehold) {
		t.Error(err)
	}
}

func TestContacts(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	must(t, s.AddContact(ctx, "home", "Joan", joan))
	must(t, s.AddContact(ctx, "home", "JOAN", "+447700900123", joan))
	contacts, err := s.Contacts(ctx, "home")
	if err != nil || len(contacts) != 1 || contacts[0].Name != "Joan" || len(contacts[0].Numbers) != 2 {
		t.Fatalf("%+v %v", contacts, err)
	}
	must(t, s.AddContact(ctx, "home", "Arthur", joan)) // the number has moved in with Arthur
	if _, known, _ := s.Situation(ctx, "home", joan); known.Contact == nil || known.Contact.Name != "Arthur" {
		t.Errorf("%+v", known.Contact)
	}
	if err := s.AddBlock(ctx, "home", blockOn(joan), ""); err == nil { // anybody can show his number
		t.Error("a contact was blocked")
	}
	if _, known, _ := s.Situation(ctx, "home", joan); known.Contact == nil || known.Block != nil {
		t.Errorf("%+v", known)
	}
	if removed, err := s.RemoveContactNumber(ctx, "home", joan); !removed || err != nil { // his last number: he is gone
		t.Error(removed, err)
	}
	if contacts, _ := s.Contacts(ctx, "home"); len(contacts) != 1 {
		t.Errorf("%+v", contacts)
	}
	must(t, s.AddBlock(ctx, "home", blockOn(joan), ""))
	must(t, s.AddContact(ctx, "home", "Joan's phone", joan))
	if _, known, _ := s.Situation(ctx, "home", joan); known.Block != nil || known.Contact == nil || known.Contact.Name != "Joan's phone" {
		t.Errorf("allowed again: %+v", known)
	}
	if removed, err := s.RemoveContactByID(ctx, "home", contacts[0].ID); removed.Name != "Joan" || err != nil {
		t.Error(removed, err)
	}
	if _, err := s.RemoveContactByID(ctx, "home", contacts[0].ID); !errors.Is(err, ErrNoContact) {
		t.Error("removed twice:", err)
	}
}

func TestExactBlockBeforePrefixAndTheLongestPrefix(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	for _, b := range []screening.Block{
		{Digits: "44207", Prefix: true, Note: "short"}, {Digits: "442079460", Prefix: true, Note: "long"}, {Digits: "4420794", Prefix: true, Note: "middle"},
		{Digits: "442079460666", Note: "exact", Farewell: screening.NotWanted}, {Digits: "60606", Note: "a short number"},
	} {
		must(t, s.AddBlock(ctx, "home", b, ""))
	}
	for number, note := range map[screening.Number]string{
		steve: "exact", joan: "long", "+442079499999": "middle", "+442070000000": "short", "60606": "a short number",
	} {
		if _, known, err := s.Situation(ctx, "home", number); err != nil || known.Block == nil || known.Block.Note != note {
			t.Errorf("%s: %+v %v", number, known.Block, err)
		}
	}
	for _, number := range []screening.Number{"+441144960000", "+60606123456", "+4420"} {
		if _, known, err := s.Situation(ctx, "home", number); err != nil || known.Block != nil {
			t.Errorf("%s: %+v %v", number, known.Block, err)
		}
	}
	if s.AddBlock(ctx, "home", screening.Block{Digits: "44x"}, "") == nil || s.AddBlock(ctx, "home", screening.Block{Digits: "44207", Farewell: "rude"}, "") == nil {
		t.Error("nonsense was kept")
	}
	short, _, err := s.BlockOf(ctx, "home", "60606", false)
	must(t, err)
	if removed, err := s.RemoveBlockByID(ctx, "home", short.ID); removed.Digits != "60606" || err != nil {
		t.Error(removed, err)
	}
}

func TestListsGiveOneEntryEach(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	for name, list := range map[string]iter.Seq2[lists.Entry, error]{
		"parish": entries("442079460666", "442079*", "44207946*"), "charity": entries("44207*", "4420794*"), "none": entries("441144960000"),
	} {
		if _, err := s.Lists.Replace(ctx, "home", name, "test", list); err != nil {
			t.Fatal(err)
		}
	}
	_, known, err := s.Situation(ctx, "home", steve)
	must(t, err)
	got := map[string]string{}
	for _, e := range known.Entries {
		got[e.List] += e.Category
	}
	if len(got) != 2 || got["parish"] != "442079460666" || got["charity"] != "4420794*" {
		t.Errorf("%v", got)
	}
}

// Nothing of one household is ever seen by another.
func TestHouseholdsAreKeptApart(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	must(t, s.AddContact(ctx, "home", "Joan", joan))
	must(t, s.AddBlock(ctx, "home", screening.Block{Digits: "442079460666"}, ""))
	_, err := s.Lists.Replace(ctx, "home", "parish", "", entries("442079460666", "44207*"))
	must(t, err)
	must(t, s.EmergencyDialled(ctx, "home", time.Now(), "999"))
	_, err = s.CallArrived(ctx, "home", "1", time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
	must(t, err)
	for _, n := range []screening.Number{joan, steve, ""} {
		_, known, err := s.Situation(ctx, "other", n)
		if err != nil || known.Contact != nil || known.Block != nil || len(known.Entries) != 0 || !known.Emergency.IsZero() {
			t.Errorf("%s: %+v %v", n, known, err)
		}
	}
	contacts, _ := s.Contacts(ctx, "other")
	blocks, _ := s.Blocks(ctx, "other")
	shared, _ := s.Lists.All(ctx, "other")
	calls, _ := s.Calls(ctx, "other", 10)
	if len(contacts)+len(blocks)+len(shared)+len(calls) != 0 {
		t.Error(contacts, blocks, shared, calls)
	}
	if _, err := s.Lists.Entries(ctx, "other", "parish", 10); err == nil {
		t.Error("another's list was shown")
	}
	for _, remove := range []func() (bool, error){
		func() (bool, error) { return s.RemoveContactNumber(ctx, "other", joan) },
		func() (bool, error) { return s.Lists.Remove(ctx, "other", "parish") },
	} {
		if removed, err := remove(); removed || err != nil {
			t.Error(removed, err)
		}
	}
	mine, err := s.Contacts(ctx, "home")
	must(t, err)
	block, _, err := s.BlockOf(ctx, "home", steve.Digits(), false)
	must(t, err)
	if _, err := s.RemoveContactByID(ctx, "other", mine[0].ID); !errors.Is(err, ErrNoContact) {
		t.Error("another household's contact:", err)
	}
	if _, err := s.RemoveBlockByID(ctx, "other", block.ID); !errors.Is(err, ErrNoBlock) {
		t.Error("another household's block:", err)
	}
	_, known, err := s.Situation(ctx, "home", "")
	if err != nil || known.Emergency.IsZero() {
		t.Errorf("%+v %v", known, err)
	}
}

func TestManyAtATime(t *testing.T) {
	s, _ := open(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 25 {
				number := screening.Number(fmt.Sprintf("+44207946%02d%02d", i, j))
				call, err := s.CallArrived(t.Context(), "home", string(number), time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
				err = errors.Join(err, s.CallEnded(t.Context(), call, time.Now(), "talked"), s.AddContact(t.Context(), "home", string(number), number))
				_, known, err2 := s.Situation(t.Context(), "home", number)
				if err := errors.Join(err, err2); err != nil || known.Contact == nil {
					t.Error(known, err)
				}
			}
		})
	}
	all.Wait()
}

// BenchmarkVerdict is what a call waits for: identity, look-up among a million numbers, and decision.
func BenchmarkVerdict(b *testing.B) {
	const million = 1_000_000
	s, _ := open(b)
	list := func(yield func(lists.Entry, error) bool) {
		for i := range million {
			if !yield(lists.Entry{Digits: fmt.Sprint(442030000000 + 7*i), Confidence: 0.9, Category: "tech-support"}, nil) {
				return
			}
		}
	}
	if _, err := s.Lists.Replace(context.Background(), "home", "million", "", list); err != nil {
		b.Fatal(err)
	}
	for name, number := range map[string]string{"listed": "+442033500000", "unknown": "02079460009", "withheld": "anonymous"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				caller := screening.Identify(screening.Identity{Number: number, Presentation: "allowed"}, "GB")
				house, known, err := s.Situation(context.Background(), "home", caller.Number)
				if err != nil {
					b.Fatal(err)
				}
				house.Region = "GB"
				screening.Decide(screening.Call{Caller: caller}, house, known)
			}
		})
	}
}
