package lists_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
)

// changes are lines of an update: "+442079460666" is new or has other contents, "-442079460666" goes, and * is for a beginning.
func changes(lines ...string) iter.Seq2[lists.Change, error] {
	return func(yield func(lists.Change, error) bool) {
		for _, line := range lines {
			digits, prefix := strings.CutSuffix(line[1:], "*")
			c := lists.Change{lists.Entry{Digits: digits, Prefix: prefix}, line[0] == '-'}
			if !c.Remove {
				c.Confidence, c.Category = 0.5, line
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

func TestAFullUpdateSaysWhatHasChanged(t *testing.T) {
	s, _ := open(t)
	sub := filled(t, s, aSubscription(t, s, nil), "442079460001", "442079460002", "442079460003", "44207946*")
	done, err := s.Lists.ApplyFull(t.Context(), updateOf(sub, 2), func(yield func(lists.Entry, error) bool) {
		_ = yield(lists.Entry{Digits: "442079460001", Confidence: 1, Category: "442079460001"}, nil) && // as it was
			yield(lists.Entry{Digits: "442079460002", Confidence: 1, Category: "442079460002", Note: "new"}, nil) &&
			yield(lists.Entry{Digits: "442079460004"}, nil) && yield(lists.Entry{Digits: "442079460005"}, nil) && yield(lists.Entry{Digits: "44207946"}, nil)
	})
	if want := (lists.Counts{Added: 3, Changed: 1, Removed: 2, Entries: 5}); err != nil || done != want {
		t.Errorf("%+v %v", done, err)
	}
	if n := s.rows(t); n != 5 {
		t.Errorf("%d rows are left", n)
	}
}

// An update that is not whole changes nothing, whatever it fails by; and the list is there for the next.
func TestAnUpdateThatFailsChangesNothing(t *testing.T) {
	s, _ := open(t)
	sub := filled(t, s, aSubscription(t, s, nil), "442079460666")
	good := func(n int) iter.Seq2[lists.Change, error] {
		return func(yield func(lists.Change, error) bool) {
			for i := range n {
				if !yield(lists.Change{Entry: lists.Entry{Digits: fmt.Sprint(442070000000 + i)}}, nil) {
					return
				}
			}
		}
	}
	then := func(c lists.Change, err error) iter.Seq2[lists.Change, error] {
		return func(yield func(lists.Change, error) bool) {
			for c, err := range good(3 * lists.Batch) {
				if !yield(c, err) {
					return
				}
			}
			yield(c, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	for what, broken := range map[string]iter.Seq2[lists.Change, error]{
		"an error": then(lists.Change{}, errBroken), "no number": then(lists.Change{Entry: lists.Entry{Digits: "x"}}, nil),
		"a confidence": then(lists.Change{Entry: lists.Entry{Digits: "441", Confidence: 2}}, nil),
		"twice":        then(lists.Change{Entry: lists.Entry{Digits: "442070000000", Confidence: 1}}, nil),
		"the end": func(yield func(lists.Change, error) bool) {
			for c, err := range good(3 * lists.Batch) {
				if c.Digits == fmt.Sprint(442070000000+2*lists.Batch) {
					stop()
				}
				if !yield(c, err) {
					return
				}
			}
		},
	} {
		if _, err := s.Lists.ApplyChanges(ctx, updateOf(sub, 2), broken); err == nil {
			t.Errorf("%s: no error", what)
		}
		var left int
		must(t, s.raw.QueryRow("SELECT (SELECT count(*) FROM list_changes) + (SELECT count(*) FROM list_versions)").Scan(&left))
		if left != 1 || s.rows(t) != 1 {
			t.Errorf("%s: %d are left", what, left)
		}
		ctx, stop = context.WithCancel(t.Context())
	}
	stop()
	done, err := s.Lists.ApplyChanges(t.Context(), updateOf(sub, 2), good(3*lists.Batch))
	if err != nil || done != (lists.Counts{Added: 3 * lists.Batch, Entries: 3*lists.Batch + 1}) || s.rows(t) != 3*lists.Batch+1 {
		t.Errorf("%+v %v", done, err)
	}
}

// Whatever a list has and whatever an update changes: from the moment on in which it comes into force every look-up finds the new
// contents, after each piece of the work that follows, with a loss of power between any two.
func TestUpdatesAgainstAMap(t *testing.T) {
	s, _ := open(t)
	sub := aSubscription(t, s, nil)
	number := rapid.Custom(func(t *rapid.T) string {
		digits := rapid.SampledFrom([]string{"44207946", "442079460", "442079460666", "442079460667", "442079460668"}).Draw(t, "digits")
		if len(digits) < 12 || rapid.Bool().Draw(t, "prefix") {
			digits += "*"
		}
		return digits
	})
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		sub, err := s.Lists.Subscription(ctx, "home", sub.List)
		mustNow(t, err)
		old := rapid.SliceOfDistinct(number, rapid.ID).Draw(t, "old")
		_, err = s.Lists.ApplyFull(ctx, updateOf(sub, sub.Serial+1), entries(old...))
		mustNow(t, err)
		want := map[string]lists.Entry{}
		for e, err := range entries(old...) {
			mustNow(t, err)
			want[listed(e)] = e
		}
		before := maps.Clone(want)
		var lines []string
		for _, n := range rapid.SliceOfDistinct(number, rapid.ID).Draw(t, "changed") {
			lines = append(lines, rapid.SampledFrom([]string{"+", "-"}).Draw(t, "how")+n)
		}
		for c, err := range changes(lines...) {
			mustNow(t, err)
			if delete(want, listed(c.Entry)); !c.Remove {
				want[listed(c.Entry)] = c.Entry
			}
		}
		sub.Serial++
		done, err := s.Lists.Overrule(ctx, updateOf(sub, sub.Serial+1), changes(lines...))
		mustNow(t, err)
		if done != differ(before, want) {
			t.Fatalf("%+v, of %v: %v", done, old, lines)
		}
		for more, step := true, 0; more; step++ {
			agrees(t, s, want)
			more, err = s.Lists.FinishOne(ctx, sub.ID)
			mustNow(t, err)
			if step > 2*len(lines)+2 {
				t.Fatal("it goes on for ever")
			}
		}
		agrees(t, s, want)
		if numbers, err := s.Lists.Entries(ctx, "home", "parish", 100); err != nil || len(numbers) != len(want) {
			t.Fatalf("%v %v", numbers, err)
		}
	})
	var left int
	must(t, s.raw.QueryRow("SELECT (SELECT count(*) FROM list_changes) + (SELECT count(*) FROM list_versions)").Scan(&left))
	if left != 1 {
		t.Errorf("%d are left", left)
	}
}

func mustNow(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func listed(e lists.Entry) string { return fmt.Sprint(e.Digits, e.Prefix) }

func differ(before, after map[string]lists.Entry) (d lists.Counts) {
	for at, e := range after {
		if was, there := before[at]; !there {
			d.Added++
		} else if was != e {
			d.Changed++
		}
	}
	d.Entries = len(after)
	d.Removed = len(before) + d.Added - d.Entries
	return d
}

// agrees compares what a call finds with the best entry of a map.
func agrees(t *rapid.T, s *house, want map[string]lists.Entry) {
	for _, number := range []screening.Number{"+442079460666", "+442079460667", "+442079460668", "+442079460999", "+442079461999", "+442079470000"} {
		digits := string(number[1:])
		best, found := want[listed(lists.Entry{Digits: digits})]
		for n := len(digits); n > 0 && !found; n-- {
			best, found = want[listed(lists.Entry{Digits: digits[:n], Prefix: true})]
		}
		_, known, err := s.Situation(context.Background(), "home", number)
		switch {
		case err != nil:
			t.Fatal(err)
		case !found && len(known.Entries) != 0:
			t.Fatalf("%s is not on the list, but %+v", number, known.Entries)
		case found && (len(known.Entries) != 1 || known.Entries[0].Category != best.Category || known.Entries[0].Prefix != best.Prefix):
			t.Fatalf("%s: %+v, want %+v", number, known.Entries, best)
		}
	}
}

// A program that dies before the changes are in the list itself leaves them in force; the next one goes on.
func TestAnUpdateIsFinishedAfterALossOfPower(t *testing.T) {
	s, path := open(t)
	ctx := t.Context()
	sub := filled(t, s, aSubscription(t, s, nil), "442079460666", "442079460667")
	_, err := s.Lists.Overrule(ctx, updateOf(sub, 2), changes("-442079460666", "+442079460668"))
	must(t, err)
	again, err := store.Open(ctx, path)
	must(t, err)
	defer func() { must(t, again.Close()) }()
	_, err = s.raw.Exec("UPDATE list_versions SET touched_at = touched_at - 1000000")
	must(t, err)
	must(t, again.Expire(ctx, time.Unix(0, 0))) // which clears away what was cut off
	for range 2 {
		for number, want := range map[screening.Number]int{steve: 0, "+442079460667": 1, "+442079460668": 1} {
			if _, known, err := again.Situation(ctx, "home", number); err != nil || len(known.Entries) != want {
				t.Errorf("%s: %+v %v", number, known.Entries, err)
			}
		}
		must(t, again.Lists.FinishUpdates(ctx))
	}
	sub, err = again.Lists.Subscription(ctx, "home", "parish")
	if err != nil || sub.Serial != 2 || sub.Entries != 2 || s.rows(t) != 2 {
		t.Errorf("%+v %v", sub, err)
	}
	if removed, err := again.Lists.Remove(ctx, "home", "parish"); !removed || err != nil {
		t.Error(removed, err)
	}
	if must(t, again.Lists.Clean(ctx)); s.rows(t) != 0 {
		t.Error("its contents are still there")
	}
}

// Two programs update the same list: one of them does it, and the other one learns that it was too late.
func TestTwoUpdatesAtATime(t *testing.T) {
	s, _ := open(t)
	sub := filled(t, s, aSubscription(t, s, nil), "442079460666")
	_, err := s.Lists.ApplyChanges(t.Context(), updateOf(sub, 2), func(yield func(lists.Change, error) bool) {
		_, err := s.Lists.ApplyChanges(t.Context(), updateOf(sub, 2), changes("+442079460667"))
		must(t, err)
		_ = yield(lists.Change{Entry: lists.Entry{Digits: "442079460668"}}, nil)
	})
	if !errors.Is(err, lists.ErrUpdated) {
		t.Error(err)
	}
	_, err = s.Lists.ApplyFull(t.Context(), updateOf(sub, 2), entries("442079460669"))
	if !errors.Is(err, lists.ErrUpdated) {
		t.Error(err)
	}
	numbers, err := s.Lists.Entries(t.Context(), "home", "parish", 10)
	if err != nil || len(numbers) != 2 || numbers[1].Digits != "442079460667" || s.rows(t) != 2 {
		t.Errorf("%+v %v", numbers, err)
	}
}

// Calls go on while an update goes in: the writer is held for one piece of it at a time.
func TestCallsGoOnDuringAnUpdate(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	const many = 20_000
	var digits []string
	for i := range many {
		digits = append(digits, fmt.Sprint(442070000000+7*i))
	}
	sub := filled(t, s, aSubscription(t, s, nil), digits...)
	var ended atomic.Bool
	over := make(chan error, 1)
	go func() {
		_, err := s.Lists.ApplyChanges(ctx, updateOf(sub, 2), func(yield func(lists.Change, error) bool) {
			for i := range many {
				if !yield(lists.Change{lists.Entry{Digits: fmt.Sprint(442070000000 + 14*i)}, i%2 == 0}, nil) {
					return
				}
			}
		})
		ended.Store(true)
		over <- err
	}()
	var waits []time.Duration
	for !ended.Load() {
		began := time.Now()
		if _, err := s.CallArrived(ctx, "home", "x", began, screening.Identity{}, screening.Caller{}, screening.Verdict{}, ""); err != nil {
			t.Fatal(err)
		}
		waits = append(waits, time.Since(began))
	}
	must(t, <-over)
	slices.Sort(waits)
	t.Logf("%d calls were logged meanwhile; the longest waited %v, 99 of 100 at most %v", len(waits), waits[len(waits)-1], waits[len(waits)*99/100])
	if len(waits) < 10 {
		t.Errorf("only %d calls were logged meanwhile", len(waits))
	}
}

// BenchmarkUpdate is what a day's update of a list of a million costs.
func BenchmarkUpdate(b *testing.B) {
	s, _ := open(b)
	sub := aSubscription(b, s, nil)
	_, err := s.Lists.ApplyFull(b.Context(), updateOf(sub, 1), func(yield func(lists.Entry, error) bool) {
		for i := range 1_000_000 {
			if !yield(lists.Entry{Digits: fmt.Sprint(442030000000 + 7*i), Confidence: 0.9, Category: "tech-support"}, nil) {
				return
			}
		}
	})
	must(b, err)
	for b.Loop() {
		sub, err := s.Lists.Subscription(b.Context(), "home", "parish")
		must(b, err)
		_, err = s.Lists.ApplyChanges(b.Context(), updateOf(sub, sub.Serial+1), func(yield func(lists.Change, error) bool) {
			for i := range 1000 {
				if !yield(lists.Change{Entry: lists.Entry{Digits: fmt.Sprint(442030000000 + 7000*i), Confidence: 0.9, Note: fmt.Sprint(sub.Serial)}}, nil) {
					return
				}
			}
		})
		must(b, err)
	}
}
