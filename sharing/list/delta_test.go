package list

import (
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func sequence[T any](each []T, err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range each {
			if !yield(one, nil) {
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

func gathered[T any](t interface{ Fatal(...any) }, from iter.Seq2[T, error]) (each []T) {
	for one, err := range from {
		if err != nil {
			t.Fatal(err)
		}
		each = append(each, one)
	}
	return each
}

var someEntries = rapid.Custom(func(t *rapid.T) []Entry {
	digits := rapid.SampledFrom([]string{"4420", "44201", "44202", "442011", "442012", "5520", "55201"})
	return Sort(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Entry {
		return Entry{Digits: digits.Draw(t, "digits"), Prefix: rapid.Bool().Draw(t, "prefix"), Confidence: float64(rapid.IntRange(0, 2).Draw(t, "confidence")) / 2}
	}), 0, 12).Draw(t, "entries"))
})

// What takes one list to the next, step by step or at once, ends at the same contents; and nothing is written that has not changed.
func TestDeltas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := someEntries.Draw(t, "a"), someEntries.Draw(t, "b"), someEntries.Draw(t, "c")
		ab, bc := gathered(t, diff(sequence(a, nil), sequence(b, nil))), gathered(t, diff(sequence(b, nil), sequence(c, nil)))
		if made := gathered(t, Apply(sequence(a, nil), sequence(ab, nil))); !slices.Equal(made, b) {
			t.Fatalf("%v makes %v", ab, made)
		}
		ac := gathered(t, compose(sequence(ab, nil), sequence(bc, nil)))
		if made := gathered(t, Apply(sequence(a, nil), sequence(ac, nil))); !slices.Equal(made, c) {
			t.Fatalf("%v and %v are %v, which makes %v", ab, bc, ac, made)
		}
		if none := gathered(t, diff(sequence(a, nil), sequence(a, nil))); len(none) != 0 {
			t.Fatalf("nothing has changed, and the delta is %v", none)
		}
		// The same with sets, which know no order.
		want := map[Entry]bool{}
		for _, e := range c {
			want[e] = true
		}
		for _, change := range ac {
			if was := want[change.Entry]; was == change.Remove {
				t.Fatalf("%v is in a delta that makes %v", change, slices.Collect(maps.Keys(want)))
			}
		}
		if !slices.IsSortedFunc(ac, func(x, y Change) int { return compare(x.Entry, y.Entry) }) {
			t.Fatalf("out of order: %v", ac)
		}
	})
}

// The order is that of the digits as a number, which is how a database with numbers for keys has them.
func TestOrder(t *testing.T) {
	written := "449 449* 4490* 4420794601 4420794601* 4420794602 493012345678"
	var entries []Entry
	for _, number := range strings.Fields(written) {
		digits, prefix := strings.CutSuffix(number, "*")
		entries = append(entries, Entry{Digits: digits, Prefix: prefix})
	}
	backwards := slices.Clone(entries)
	slices.Reverse(backwards)
	if sorted := Sort(backwards); !slices.Equal(sorted, entries) {
		t.Errorf("%v", sorted)
	}
	twice := Sort([]Entry{{Digits: "441", Note: "first"}, {Digits: "440"}, {Digits: "441", Note: "second"}})
	if len(twice) != 2 || twice[1].Note != "second" {
		t.Errorf("%v", twice)
	}
}

func TestAnErrorEndsADelta(t *testing.T) {
	broken := errors.New("broken")
	some := []Entry{{Digits: "441"}, {Digits: "442"}}
	changes := []Change{{Entry: Entry{Digits: "443"}}}
	backwards := []Entry{{Digits: "442"}, {Digits: "441"}}
	for what, result := range map[string]iter.Seq2[Entry, error]{
		"old":          Apply(sequence(some, broken), sequence(changes, nil)),
		"only old":     Apply(sequence(some[:0], broken), sequence(changes, nil)),
		"delta":        Apply(sequence(some, nil), sequence(changes, broken)),
		"only delta":   Apply(sequence(some, nil), sequence(changes[:0], broken)),
		"out of order": Apply(sequence(backwards, nil), sequence(changes, nil)),
		"another one":  entriesOf(diff(sequence(some, broken), sequence(some, nil))),
		"and another":  entriesOf(compose(sequence(changes, nil), sequence(changes, broken))),
	} {
		var last error
		for _, err := range result {
			if last != nil {
				t.Errorf("%s: something comes after the error", what)
			}
			last = err
		}
		if last == nil || what != "out of order" && !errors.Is(last, broken) {
			t.Errorf("%s: %v", what, last)
		}
	}
	for e, err := range Apply(sequence(some, broken), sequence(changes, broken)) {
		if err != nil || e != some[0] {
			t.Errorf("%v %v", e, err)
		}
		break // who stops is not asked again
	}
}
