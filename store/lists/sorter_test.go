package lists

import (
	"errors"
	"fmt"
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"

	"ringfence/store/columns"
)

var anyEntry = rapid.Custom(func(t *rapid.T) Entry {
	digits := rapid.OneOf(rapid.StringMatching(`[1-9][0-9]{6,14}`), rapid.StringMatching(`44207946[0-9]`), rapid.StringMatching(`0?[1-9][0-9]{1,4}`)).Draw(t, "digits")
	day := rapid.Int32Range(0, 30_000)
	return Entry{
		Digits: digits, Prefix: digits[0] != '0' && rapid.Bool().Draw(t, "prefix"), Confidence: rapid.Float64Range(0, 1).Draw(t, "confidence"),
		Category: rapid.SampledFrom([]string{"", "bank", "tech-support"}).Draw(t, "category"), Note: rapid.StringN(0, -1, 200).Draw(t, "note"),
		Reporters: rapid.IntRange(0, 20).Draw(t, "reporters"), First: day.Draw(t, "first"), Last: day.Draw(t, "last"), Expires: day.Draw(t, "expires"),
	}
})

// Whatever comes in comes out in the order of the table's key, each number once and as it came last, whether it was sorted in
// memory or in a file.
func TestSorter(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOfN(anyEntry, 0, 60).Draw(t, "entries")
		s := &sorter{dir: dir, most: rapid.SampledFrom([]int{1, 2, 7, 1000}).Draw(t, "entries of a run")}
		defer func() {
			if err := s.close(); err != nil {
				t.Error(err)
			}
		}()
		want := map[int64]Entry{}
		for _, e := range in {
			if _, err := s.add(e); err != nil {
				t.Fatal(err)
			}
			key, err := columns.Key(e.Digits, e.Prefix)
			if err != nil {
				t.Fatal(err)
			}
			want[orderOf(key, e.Prefix)] = e
		}
		last, count := int64(math.MinInt64), 0
		for e, err := range s.all() {
			if err != nil {
				t.Fatal(err)
			}
			key, err := columns.Key(e.Digits, e.Prefix)
			if err != nil {
				t.Fatal(err)
			}
			order := orderOf(key, e.Prefix)
			if order <= last || e != want[order] {
				t.Fatalf("%+v comes after %d, want %+v", e, last, want[order])
			}
			last, count = order, count+1
		}
		if count != len(want) {
			t.Errorf("%d entries, want %d", count, len(want))
		}
	})
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Error("files are left:", left, err)
	}
}

// A disk may give back something else than was written to it, or nothing.
func TestASorterWhoseFileIsBroken(t *testing.T) {
	for name, harm := range map[string]func(file *os.File, end int64) error{
		"cut off": func(file *os.File, end int64) error { return file.Truncate(end - 5) },
		"zeros":   func(file *os.File, end int64) error { _, err := file.WriteAt(make([]byte, end), 0); return err },
	} {
		s := &sorter{dir: t.TempDir(), most: 4}
		for i := range 8 {
			_, err := s.add(Entry{Digits: fmt.Sprint(442079460000 + i), Confidence: 1, Note: "a note"})
			must(t, err)
		}
		must(t, harm(s.file, s.ends[len(s.ends)-1]))
		var fault error
		for _, err := range s.all() {
			fault = errors.Join(fault, err)
		}
		if fault == nil {
			t.Errorf("%s: nothing is said", name)
		}
		must(t, s.close())
	}
}

// Texts that come again and again are kept once, and others do not pile up.
func TestWords(t *testing.T) {
	var w words
	for i := range 10_000 {
		if got := w.of([]byte(fmt.Sprint("note ", i))); got != fmt.Sprint("note ", i) {
			t.Fatal(got)
		}
	}
	if len(w) > 256 {
		t.Errorf("%d are kept", len(w))
	}
	if text := []byte("tech-support"); testing.AllocsPerRun(10, func() { w.of(text) }) > 0 {
		t.Error("a word that is known is made anew")
	}
}
