package list

import (
	"cmp"
	"slices"
	"strings"
)

// compare is the order of entries in a part: by the digits as a number (they never start with 0, so fewer digits come first, and equally many are
// compared as text), with a number before the prefix of the same digits. It is the order of the store's primary key.
func compare(a, b Entry) int {
	if c := cmp.Or(cmp.Compare(len(a.Digits), len(b.Digits)), strings.Compare(a.Digits, b.Digits)); c != 0 || a.Prefix == b.Prefix {
		return c
	}
	if b.Prefix {
		return -1
	}
	return 1
}

// Sort puts entries in the order of a list; of several for the same number the last one stays.
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
