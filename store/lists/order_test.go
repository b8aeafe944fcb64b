package lists_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ringfence/store/columns"
	"ringfence/store/lists"
)

var anyEntry = rapid.Custom(func(t *rapid.T) lists.Entry {
	digits := rapid.OneOf(rapid.StringMatching(`[1-9][0-9]{6,14}`), rapid.StringMatching(`44207946[0-9]`), rapid.StringMatching(`0?[1-9][0-9]{1,4}`)).Draw(t, "digits")
	day := rapid.Int32Range(0, 30_000)
	return lists.Entry{
		Digits: digits, Prefix: digits[0] != '0' && rapid.Bool().Draw(t, "prefix"), Confidence: rapid.Float64Range(0, 1).Draw(t, "confidence"),
		Category: rapid.SampledFrom([]string{"", "bank", "tech-support"}).Draw(t, "category"), Note: rapid.StringN(0, -1, 200).Draw(t, "note"),
		Reporters: rapid.IntRange(0, 20).Draw(t, "reporters"), First: day.Draw(t, "first"), Last: day.Draw(t, "last"), Expires: day.Draw(t, "expires"),
	}
})

// Whatever comes in is in the list in the order of its key, each number once and as it came last.
func TestAnImportSortsWhatComes(t *testing.T) {
	s, _ := open(t)
	type key struct {
		number int64
		prefix bool
	}
	keyOf := func(e lists.Entry) key {
		number, err := columns.Key(e.Digits, e.Prefix)
		must(t, err)
		return key{number, e.Prefix}
	}
	rapid.Check(t, func(rt *rapid.T) {
		in := rapid.SliceOfN(anyEntry, 0, 120).Draw(rt, "entries")
		last := map[key]lists.Entry{}
		n, err := s.Lists.Replace(t.Context(), "home", "parish", "", func(yield func(lists.Entry, error) bool) {
			for _, e := range in {
				last[keyOf(e)] = e
				if !yield(e, nil) {
					return
				}
			}
		})
		if err != nil || n != len(last) {
			rt.Fatalf("%d numbers, want %d (%v)", n, len(last), err)
		}
		got, err := s.Lists.Entries(t.Context(), "home", "parish", len(in)+1)
		if err != nil || len(got) != len(last) {
			rt.Fatalf("%d entries, want %d (%v)", len(got), len(last), err)
		}
		for _, e := range got {
			if e != last[keyOf(e)] {
				rt.Errorf("%+v, want %+v", e, last[keyOf(e)])
			}
		}
	})
}

// Each page of the table is written about once, for entries go in in the order of their numbers, whatever order they come in.
func TestEntriesGoInInOrder(t *testing.T) {
	s, _ := open(t)
	const numbers = 10 * lists.Batch
	var highest []int
	s.onCommit(t, func() { highest = append(highest, s.count(t, "SELECT coalesce(max(number), 0) FROM list_entries")) })
	_, err := s.Lists.Replace(t.Context(), "home", "parish", "", upTo(numbers, 7))
	must(t, err)
	if steps := slices.Compact(highest); len(steps) < numbers/lists.Batch {
		t.Errorf("the highest number grew %d times in %d batches", len(steps), numbers/lists.Batch)
	}
}
