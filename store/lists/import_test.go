package lists_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/store"
	"ringfence/store/lists"
)

// meanwhile is a list of four batches, in whose middle something else happens.
func meanwhile(something func()) iter.Seq2[lists.Entry, error] {
	return func(yield func(lists.Entry, error) bool) {
		for i := range 4 * lists.Batch {
			if i == 2*lists.Batch {
				something()
			}
			if !yield(lists.Entry{Digits: fmt.Sprint(442070000000 + i), Confidence: 1}, nil) {
				return
			}
		}
	}
}

func TestAnImportThatIsInterruptedChangesNothing(t *testing.T) {
	s, _ := open(t)
	_, err := s.Lists.Replace(t.Context(), "home", "parish", "old.csv", entries("442079460666"))
	must(t, err)
	ctx, interrupt := context.WithCancel(t.Context())
	if _, err := s.Lists.Replace(ctx, "home", "parish", "new.csv", meanwhile(interrupt)); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if _, known, err := s.Situation(t.Context(), "home", steve); err != nil || len(known.Entries) != 1 {
		t.Errorf("%+v %v", known, err)
	}
	if n := s.rows(t); n != 1 {
		t.Errorf("%d rows are left", n)
	}
	if all, err := s.Lists.All(t.Context(), "home"); err != nil || len(all) != 1 || all[0].Source != "old.csv" || all[0].Entries != 1 {
		t.Errorf("%+v %v", all, err)
	}
}

func TestWhatIsNoNumberEndsAnImport(t *testing.T) {
	s, _ := open(t)
	_, err := s.Lists.Replace(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	for _, digits := range []string{"", "x", "-5", "+442079460667", " 442079460667", "4420794606671234", "99999999999999999999"} {
		if _, err := s.Lists.Replace(t.Context(), "home", "parish", "", entries("442079460001", digits)); err == nil {
			t.Errorf("%q was kept", digits)
		}
	}
	if _, known, err := s.Situation(t.Context(), "home", steve); err != nil || len(known.Entries) != 1 || s.rows(t) != 1 {
		t.Errorf("%+v %v", known, err)
	}
}

// Somebody starts an import twice: each goes in whole, the one that ends last stays, and nothing is left of the other.
func TestTwoImportsOfAListAtTheSameTime(t *testing.T) {
	s, _ := open(t)
	inner := func() {
		if n, err := s.Lists.Replace(t.Context(), "home", "parish", "inner.csv", entries("442079460666")); err != nil || n != 1 {
			t.Error(n, err)
		}
		if _, known, err := s.Situation(t.Context(), "home", steve); err != nil || len(known.Entries) != 1 {
			t.Errorf("the one that was ready first is not in force: %+v %v", known, err)
		}
	}
	if n, err := s.Lists.Replace(t.Context(), "home", "parish", "outer.csv", meanwhile(inner)); err != nil || n != 4*lists.Batch {
		t.Error(n, err)
	}
	all, err := s.Lists.All(t.Context(), "home")
	if err != nil || len(all) != 1 || all[0].Source != "outer.csv" || all[0].Entries != 4*lists.Batch {
		t.Errorf("%+v %v", all, err)
	}
	if n := s.rows(t); n != 4*lists.Batch {
		t.Errorf("%d rows, want %d", n, 4*lists.Batch)
	}
}

func TestAnImportThatFailsLeavesAnotherAlone(t *testing.T) {
	s, _ := open(t)
	inner := func() {
		broken := func(yield func(lists.Entry, error) bool) { yield(lists.Entry{}, errBroken) }
		if _, err := s.Lists.Replace(t.Context(), "home", "parish", "inner.csv", broken); !errors.Is(err, errBroken) {
			t.Error(err)
		}
	}
	if n, err := s.Lists.Replace(t.Context(), "home", "parish", "outer.csv", meanwhile(inner)); err != nil || n != 4*lists.Batch {
		t.Error(n, err)
	}
	if all, err := s.Lists.All(t.Context(), "home"); err != nil || len(all) != 1 || all[0].Entries != 4*lists.Batch || s.rows(t) != 4*lists.Batch {
		t.Errorf("%+v %v, %d rows", all, err, s.rows(t))
	}
}

// Whoever imports a list and is told that it went in has it, even where it was removed meanwhile.
func TestAListIsRemovedDuringItsImport(t *testing.T) {
	s, _ := open(t)
	_, err := s.Lists.Replace(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	remove := func() {
		if removed, err := s.Lists.Remove(t.Context(), "home", "parish"); !removed || err != nil {
			t.Error(removed, err)
		}
		if _, known, err := s.Situation(t.Context(), "home", steve); err != nil || len(known.Entries) != 0 {
			t.Errorf("it is still in force: %+v %v", known, err)
		}
	}
	if n, err := s.Lists.Replace(t.Context(), "home", "parish", "", meanwhile(remove)); err != nil || n != 4*lists.Batch {
		t.Error(n, err)
	}
	if all, err := s.Lists.All(t.Context(), "home"); err != nil || len(all) != 1 || s.rows(t) != 4*lists.Batch {
		t.Errorf("%+v %v, %d rows", all, err, s.rows(t))
	}
}

// A machine slept for two days in the middle of an import, and has meanwhile given it up. The import has to notice: what
// it went on to write would belong to nobody, or to the next list that gets the same version.
func TestAnImportThatWasGivenUpNotices(t *testing.T) {
	s, _ := open(t)
	giveUp := func() {
		_, err := s.raw.Exec("UPDATE list_versions SET touched_at = touched_at - 200000")
		must(t, err)
		must(t, s.Expire(t.Context(), time.Unix(0, 0)))
	}
	if _, err := s.Lists.Replace(t.Context(), "home", "parish", "", meanwhile(giveUp)); err == nil {
		t.Errorf("the error is %v", err)
	}
	if all, err := s.Lists.All(t.Context(), "home"); err != nil || len(all) != 0 || s.rows(t) != 0 {
		t.Errorf("%+v %v, %d rows", all, err, s.rows(t))
	}
	n, err := s.Lists.Replace(t.Context(), "home", "another", "", entries("442079460666"))
	if err != nil || n != 1 || s.rows(t) != 1 {
		t.Errorf("the next list has %d numbers (%v)", n, err)
	}
}

// What a dead import has left goes when its list is next replaced, once it is certain to be dead.
func TestTheNextImportClearsAway(t *testing.T) {
	s, _ := open(t)
	must(t, s.Lists.BeginImport(t.Context(), "home", "parish", entries("442079460001", "442079460002")))
	_, err := s.raw.Exec("UPDATE list_versions SET touched_at = touched_at - 200000")
	must(t, err)
	_, err = s.Lists.Replace(t.Context(), "home", "parish", "", entries("442079460666"))
	must(t, err)
	if n := s.rows(t); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestNumbersOfAList(t *testing.T) {
	s, _ := open(t)
	list := func(yield func(lists.Entry, error) bool) {
		for _, e := range []lists.Entry{
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
	_, err := s.Lists.Replace(t.Context(), "home", "parish", "parish.csv", list)
	must(t, err)
	got, err := s.Lists.Entries(t.Context(), "home", "parish", 10)
	want := []lists.Entry{
		{Digits: "60606", Confidence: 1},
		{Digits: "44909879", Prefix: true, Confidence: 0.25},
		{Digits: "442079460666", Confidence: 0.75, Category: "tax", Note: "the later counts"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v (%v), want %v", got, err, want)
	}
	if got, err := s.Lists.Entries(t.Context(), "home", "parish", 2); err != nil || len(got) != 2 {
		t.Errorf("%v %v", got, err)
	}
	if _, err := s.Lists.Entries(t.Context(), "home", "no such", 2); err == nil || !strings.Contains(err.Error(), "no such") {
		t.Error(err)
	}
	if removed, err := s.Lists.Remove(t.Context(), "home", "no such"); removed || err != nil {
		t.Error(removed, err)
	}
}

func TestListIsReplacedWholeOrNotAtAll(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	n, err := s.Lists.Replace(ctx, "home", "parish", "one.csv", entries("442079460666", "442079460667", "442079460666"))
	if err != nil || n != 2 {
		t.Fatal(n, err)
	}
	broken := func(yield func(lists.Entry, error) bool) {
		for i := range 3 * lists.Batch {
			if !yield(lists.Entry{Digits: fmt.Sprint(442070000000 + i), Confidence: 1}, nil) {
				return
			}
		}
		yield(lists.Entry{}, errBroken)
	}
	if _, err := s.Lists.Replace(ctx, "home", "parish", "two.csv", broken); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	if _, err := s.Lists.Replace(ctx, "home", "new", "two.csv", broken); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	all, err := s.Lists.All(ctx, "home")
	if err != nil || len(all) != 1 || all[0].Entries != 2 || all[0].Source != "one.csv" {
		t.Errorf("%+v %v", all, err)
	}
	var rows int
	must(t, s.raw.QueryRow("SELECT count(*) FROM list_entries").Scan(&rows))
	if rows != 2 {
		t.Errorf("%d rows are left", rows)
	}
	if n, err := s.Lists.Replace(ctx, "home", "parish", "three.csv", entries("441144960000", "999999")); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if _, known, _ := s.Situation(ctx, "home", steve); len(known.Entries) != 0 {
		t.Errorf("the old contents are still in force: %+v", known.Entries)
	}
	if removed, err := s.Lists.Remove(ctx, "home", "parish"); !removed || err != nil {
		t.Error(removed, err)
	}
	must(t, s.Lists.Clean(ctx))
	must(t, s.raw.QueryRow("SELECT count(*) FROM list_entries").Scan(&rows))
	if rows != 0 {
		t.Errorf("%d rows are left of a list that was removed", rows)
	}
}

// A program that dies in an import leaves a version that nobody uses; the next start clears it away.
func TestInterruptedImportIsClearedAway(t *testing.T) {
	s, path := open(t)
	ctx := t.Context()
	_, err := s.Lists.Replace(ctx, "home", "parish", "", entries("442079460666"))
	must(t, err)
	must(t, s.Lists.BeginImport(ctx, "home", "parish", entries("442079460001", "442079460002")))
	again, err := store.Open(ctx, path)
	must(t, err)
	defer func() { must(t, again.Close()) }()
	must(t, again.Expire(ctx, time.Unix(0, 0))) // it may be an import that another program is working on
	var rows int
	must(t, s.raw.QueryRow("SELECT count(*) FROM list_entries").Scan(&rows))
	if rows != 3 {
		t.Errorf("an import under way was disturbed: %d rows", rows)
	}
	_, err = s.raw.Exec("UPDATE list_versions SET touched_at = touched_at - 100000")
	must(t, err)
	must(t, again.Expire(ctx, time.Unix(0, 0)))
	must(t, s.raw.QueryRow("SELECT count(*) FROM list_entries").Scan(&rows))
	if rows != 1 {
		t.Errorf("%d rows", rows)
	}
}
