package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/screening"
)

// rows counts the entries of all lists, of versions in use and of others.
func (s *Store) rows(t *testing.T) (n int) {
	t.Helper()
	must(t, s.read.QueryRow("SELECT count(*) FROM list_entries").Scan(&n))
	return n
}

// meanwhile is a list of four batches, in whose middle something else happens.
func meanwhile(something func()) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for i := range 4 * batch {
			if i == 2*batch {
				something()
			}
			if !yield(Entry{Digits: fmt.Sprint(442070000000 + i), Confidence: 1}, nil) {
				return
			}
		}
	}
}

func TestAnImportThatIsInterruptedChangesNothing(t *testing.T) {
	s, _ := open(t)
	_, err := s.ReplaceList(t.Context(), "home", "parish", "old.csv", entries("442079460666"))
	must(t, err)
	ctx, interrupt := context.WithCancel(t.Context())
	if _, err := s.ReplaceList(ctx, "home", "parish", "new.csv", meanwhile(interrupt)); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if known, err := s.Know(t.Context(), "home", steve); err != nil || len(known.Entries) != 1 {
		t.Errorf("%+v %v", known, err)
	}
	if n := s.rows(t); n != 1 {
		t.Errorf("%d rows are left", n)
	}
	if lists, err := s.Lists(t.Context(), "home"); err != nil || len(lists) != 1 || lists[0].Source != "old.csv" || lists[0].Entries != 1 {
		t.Errorf("%+v %v", lists, err)
	}
}

func TestWhatIsNoNumberEndsAnImport(t *testing.T) {
	s, _ := open(t)
	_, err := s.ReplaceList(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	for _, digits := range []string{"", "x", "-5", "+442079460667", " 442079460667", "4420794606671234", "99999999999999999999"} {
		if _, err := s.ReplaceList(t.Context(), "home", "parish", "", entries("442079460001", digits)); err == nil {
			t.Errorf("%q was kept", digits)
		}
	}
	if known, err := s.Know(t.Context(), "home", steve); err != nil || len(known.Entries) != 1 || s.rows(t) != 1 {
		t.Errorf("%+v %v", known, err)
	}
}

// Somebody starts an import twice: each goes in whole, the one that ends last stays, and nothing is left of the other.
func TestTwoImportsOfAListAtTheSameTime(t *testing.T) {
	s, _ := open(t)
	inner := func() {
		if n, err := s.ReplaceList(t.Context(), "home", "parish", "inner.csv", entries("442079460666")); err != nil || n != 1 {
			t.Error(n, err)
		}
		if known, err := s.Know(t.Context(), "home", steve); err != nil || len(known.Entries) != 1 {
			t.Errorf("the one that was ready first is not in force: %+v %v", known, err)
		}
	}
	if n, err := s.ReplaceList(t.Context(), "home", "parish", "outer.csv", meanwhile(inner)); err != nil || n != 4*batch {
		t.Error(n, err)
	}
	lists, err := s.Lists(t.Context(), "home")
	if err != nil || len(lists) != 1 || lists[0].Source != "outer.csv" || lists[0].Entries != 4*batch {
		t.Errorf("%+v %v", lists, err)
	}
	if n := s.rows(t); n != 4*batch {
		t.Errorf("%d rows, want %d", n, 4*batch)
	}
}

func TestAnImportThatFailsLeavesAnotherAlone(t *testing.T) {
	s, _ := open(t)
	inner := func() {
		broken := func(yield func(Entry, error) bool) { yield(Entry{}, errBroken) }
		if _, err := s.ReplaceList(t.Context(), "home", "parish", "inner.csv", broken); !errors.Is(err, errBroken) {
			t.Error(err)
		}
	}
	if n, err := s.ReplaceList(t.Context(), "home", "parish", "outer.csv", meanwhile(inner)); err != nil || n != 4*batch {
		t.Error(n, err)
	}
	if lists, err := s.Lists(t.Context(), "home"); err != nil || len(lists) != 1 || lists[0].Entries != 4*batch || s.rows(t) != 4*batch {
		t.Errorf("%+v %v, %d rows", lists, err, s.rows(t))
	}
}

// Whoever imports a list and is told that it went in has it, even where it was removed meanwhile.
func TestAListIsRemovedDuringItsImport(t *testing.T) {
	s, _ := open(t)
	_, err := s.ReplaceList(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	remove := func() {
		if removed, err := s.RemoveList(t.Context(), "home", "parish"); !removed || err != nil {
			t.Error(removed, err)
		}
		if known, err := s.Know(t.Context(), "home", steve); err != nil || len(known.Entries) != 0 {
			t.Errorf("it is still in force: %+v %v", known, err)
		}
	}
	if n, err := s.ReplaceList(t.Context(), "home", "parish", "", meanwhile(remove)); err != nil || n != 4*batch {
		t.Error(n, err)
	}
	if lists, err := s.Lists(t.Context(), "home"); err != nil || len(lists) != 1 || s.rows(t) != 4*batch {
		t.Errorf("%+v %v, %d rows", lists, err, s.rows(t))
	}
}

// A machine slept for two days in the middle of an import, and has meanwhile given it up. The import has to notice: what
// it went on to write would belong to nobody, or to the next list that gets the same version.
func TestAnImportThatWasGivenUpNotices(t *testing.T) {
	s, _ := open(t)
	giveUp := func() {
		_, err := s.write.Exec("UPDATE list_versions SET touched_at = touched_at - 200000")
		must(t, err)
		must(t, s.Expire(t.Context(), time.Unix(0, 0)))
	}
	if _, err := s.ReplaceList(t.Context(), "home", "parish", "", meanwhile(giveUp)); err == nil {
		t.Errorf("the error is %v", err)
	}
	if lists, err := s.Lists(t.Context(), "home"); err != nil || len(lists) != 0 || s.rows(t) != 0 {
		t.Errorf("%+v %v, %d rows", lists, err, s.rows(t))
	}
	n, err := s.ReplaceList(t.Context(), "home", "another", "", entries("442079460666"))
	if err != nil || n != 1 || s.rows(t) != 1 {
		t.Errorf("the next list has %d numbers (%v)", n, err)
	}
}

// What a dead import has left goes when its list is next replaced, once it is certain to be dead.
func TestTheNextImportClearsAway(t *testing.T) {
	s, _ := open(t)
	_, version, err := s.newVersion(t.Context(), "home", "parish", "")
	must(t, err)
	_, err = s.fill(t.Context(), version, entries("442079460001", "442079460002"))
	must(t, err)
	_, err = s.write.Exec("UPDATE list_versions SET touched_at = touched_at - 200000")
	must(t, err)
	_, err = s.ReplaceList(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	if n := s.rows(t); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestNumbersOfAList(t *testing.T) {
	s, _ := open(t)
	list := func(yield func(Entry, error) bool) {
		for _, e := range []Entry{
			{Digits: "442079460666", Confidence: 0.5, Category: "bank", Note: "first"},
			{Digits: "60606", Confidence: 1},
			{Digits: "44909879", Prefix: true, Confidence: 0.25},
			{Digits: "442079460666", Confidence: 0.75, Category: "tax", Note: "the later counts"},
		} {
			if !yield(e, nil) {
				return
			}
		}
	}
	_, err := s.ReplaceList(t.Context(), "home", "parish", "parish.csv", list)
	must(t, err)
	got, err := s.Numbers(t.Context(), "home", "parish", 10)
	want := []Entry{
		{Digits: "60606", Confidence: 1},
		{Digits: "44909879", Prefix: true, Confidence: 0.25},
		{Digits: "442079460666", Confidence: 0.75, Category: "tax", Note: "the later counts"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v (%v), want %v", got, err, want)
	}
	if got, err := s.Numbers(t.Context(), "home", "parish", 2); err != nil || len(got) != 2 {
		t.Errorf("%v %v", got, err)
	}
	if _, err := s.Numbers(t.Context(), "home", "no such", 2); err == nil || !strings.Contains(err.Error(), "no such") {
		t.Error(err)
	}
	if removed, err := s.RemoveList(t.Context(), "home", "no such"); removed || err != nil {
		t.Error(removed, err)
	}
}

// Calls that arrive beside a long import, from elsewhere, are all logged before it ends.
func TestCallsFromElsewhereDuringALongImport(t *testing.T) {
	s, path := open(t)
	serve, err := Open(t.Context(), path) // another program
	must(t, err)
	defer func() { must(t, serve.Close()) }()
	const numbers, calls = 200_000, 100
	logged, began := make(chan error, 1), make(chan struct{})
	go func() {
		<-began
		for i := range calls {
			if _, err := serve.CallArrived(t.Context(), "home", fmt.Sprint(i), time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, ""); err != nil {
				logged <- err
				return
			}
		}
		logged <- nil
	}()
	list := func(yield func(Entry, error) bool) {
		for i := range numbers {
			switch i {
			case numbers / 10:
				close(began)
			case numbers - 1: // its last number comes only when the calls are in the log
				if err := <-logged; err != nil {
					t.Error(err)
				}
			}
			if !yield(Entry{Digits: fmt.Sprint(442070000000 + i), Confidence: 1}, nil) {
				return
			}
		}
	}
	if n, err := s.ReplaceList(t.Context(), "home", "long", "", list); err != nil || n != numbers {
		t.Fatal(n, err)
	}
	if got, err := s.Calls(t.Context(), "home", 2*calls); err != nil || len(got) != calls {
		t.Errorf("%d calls, %v", len(got), err)
	}
}
