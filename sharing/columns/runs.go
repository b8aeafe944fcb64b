package columns

import (
	"maps"
	"math/bits"
	"slices"
)

// runs says whether most of many numbers follow one another, as those of orders do, in whatever order they come. So that it stays small, it looks at some of them
// alone: in groups of neighbours, at those groups whose hashes are the smallest. A group that has been let go never comes back, so what is kept is complete.
type runs struct {
	groups map[int64]uint64 // of 64 neighbours: which of them there are
	worst  int64            // of the groups, if there are as many as may be: the one with the largest hash
}

func (r *runs) add(number int64) {
	group, mark := number>>6, uint64(1)<<(number&63)
	if seen, kept := r.groups[group]; kept {
		r.groups[group] = seen | mark
		return
	}
	if len(r.groups) == maxRuns {
		if hashOf(group) > hashOf(r.worst) {
			return
		}
		delete(r.groups, r.worst)
	}
	if r.groups == nil {
		r.groups = map[int64]uint64{}
	}
	r.groups[group] = mark
	if len(r.groups) == maxRuns {
		r.worst = slices.MaxFunc(slices.Collect(maps.Keys(r.groups)), func(a, b int64) int {
			if hashOf(a) < hashOf(b) {
				return -1
			}
			return 1
		})
	}
}

// hashOf mixes a number's bits, one to one (the end of SplitMix64, which is in the public domain).
func hashOf(group int64) uint64 {
	x := uint64(group) //nolint:gosec // only its bits
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// most says whether at least half of the different numbers are one more than another.
func (r *runs) most() bool {
	follow, all := 0, 0
	for group, seen := range r.groups {
		all += bits.OnesCount64(seen)
		follow += bits.OnesCount64(seen & (seen << 1))
		if r.groups[group-1]>>63&seen&1 == 1 {
			follow++
		}
	}
	return all > 2 && 2*follow >= all
}
