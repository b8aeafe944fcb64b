package list

import (
	"cmp"
	"slices"
	"strings"
)

// compare is the order of entries in a part: by the digits as a number, which never begin with 0, so that fewer digits come first
// and as many go by their text; the number itself before all numbers that begin so. It is the order of the store's primary key.
func compare(a, b Entry) int {
	if c := cmp.Or(cmp.Compare(len(a.Digits), len(b.Digits)), strings.Compare(a.Digits, b.Digits)); c != 0 || a.Prefix == b.Prefix {
		return c
	}
	if b.Prefix {
		return -1
	}
	return 1
}

// Sort puts entries in the order in which a list has them; of several of the same number the last one stays.
func Sort(entries []Entry) []Entry {
	slices.SortStableFunc(entries, compare)
	kept := entries[:0]
	for i, e := range entries {
		if i+1 < len(entries) && compare(e, entries[i+1]) == 0 {
			continue
		}
		kept = append(kept, e)
	}
	return kept
}
