package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ringfence/screening"
	"ringfence/store/lists"
)

// What is known of a number is what a simple search of the blocks and of all lists gives: with the whole number and any of its
// beginnings on any of them, of this household and of another.
func TestWhatIsKnownIsWhatASearchFinds(t *testing.T) {
	s, _ := open(t)
	ctx := context.Background()
	must(t, s.EnsureHousehold(ctx, "next door"))
	names := []string{"one", "two", "three"}
	rapid.Check(t, func(r *rapid.T) {
		number := rapid.SampledFrom([]string{"442079460123", "12015550123", "123456789012345", "999"}).Draw(r, "number")
		place := rapid.Custom(func(r *rapid.T) lists.Entry {
			e := lists.Entry{Digits: number, Confidence: rapid.Float64Range(0, 1).Draw(r, "confidence")}
			if e.Prefix = rapid.Bool().Draw(r, "prefix"); e.Prefix {
				e.Digits = number[:rapid.IntRange(1, len(number)).Draw(r, "digits")]
			} else if rapid.IntRange(0, 3).Draw(r, "other") == 0 {
				e.Digits = number[:len(number)-1] + "9"
			}
			return e
		})
		places := rapid.SliceOfDistinct(place, func(e lists.Entry) string { return fmt.Sprint(e.Digits, e.Prefix) })
		var want []screening.Entry
		for _, list := range names {
			all := places.Draw(r, list)
			put(r, s, "home", list, all)
			put(r, s, "next door", list, places.Draw(r, "next door"))
			if best := bestBySearch(all, number); best != nil {
				want = append(want, screening.Entry{List: list, Confidence: best.Confidence, Prefix: best.Prefix})
			}
		}
		blocks := places.Draw(r, "blocks")
		setBlocks(r, s, blocks)

		_, known, err := s.Situation(ctx, "home", numberOf(number))
		if err != nil {
			r.Fatal(err)
		}
		byList := func(a, b screening.Entry) int { return cmp.Compare(a.List, b.List) }
		slices.SortFunc(known.Entries, byList)
		slices.SortFunc(want, byList)
		if !slices.Equal(known.Entries, want) {
			r.Errorf("of %s the lists have %+v, want %+v", number, known.Entries, want)
		}
		block := bestBySearch(blocks, number)
		if (block == nil) != (known.Block == nil) || block != nil && (block.Digits != known.Block.Digits || block.Prefix != known.Block.Prefix) {
			r.Errorf("%s: the block is %+v, want %+v", number, known.Block, block)
		}
	})
}

// bestBySearch is the entry of the whole number, else the longest that it begins with. A short number begins with nothing.
func bestBySearch(all []lists.Entry, number string) (best *lists.Entry) {
	for i, e := range all {
		switch {
		case !e.Prefix && e.Digits == number:
			return &all[i]
		case e.Prefix && len(number) > 6 && strings.HasPrefix(number, e.Digits) && (best == nil || len(e.Digits) > len(best.Digits)):
			best = &all[i]
		}
	}
	return best
}

func numberOf(digits string) screening.Number {
	if len(digits) <= 6 {
		return screening.Number(digits)
	}
	return screening.Number("+" + digits)
}

func put(r *rapid.T, s *Store, household, list string, all []lists.Entry) {
	_, err := s.Lists.Replace(context.Background(), household, list, "", func(yield func(lists.Entry, error) bool) {
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
	})
	if err != nil {
		r.Fatal(err)
	}
}

// setBlocks gives the household these blocks, and no others.
func setBlocks(r *rapid.T, s *Store, all []lists.Entry) {
	ctx := context.Background()
	before, err := s.Blocks(ctx, "home")
	if err != nil {
		r.Fatal(err)
	}
	for _, b := range before {
		if _, err := s.RemoveBlockByID(ctx, "home", b.ID); err != nil {
			r.Fatal(err)
		}
	}
	for _, e := range all {
		if err := s.AddBlock(ctx, "home", screening.Block{Digits: e.Digits, Prefix: e.Prefix}, ""); err != nil {
			r.Fatal(err)
		}
	}
}
