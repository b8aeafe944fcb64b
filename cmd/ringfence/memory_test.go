package main

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestTheHeapHasABoundUnlessAnotherIsSet(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	const chosen = 1 << 40
	for _, c := range []struct {
		alone     bool
		set, want int64
	}{
		{true, math.MaxInt64, chosen / 2},
		{true, chosen, chosen},
		{false, math.MaxInt64, math.MaxInt64},
	} {
		debug.SetMemoryLimit(c.set)
		(&program{alone: c.alone}).boundHeap(chosen / 2)
		if got := debug.SetMemoryLimit(-1); got != c.want {
			t.Errorf("%+v: the bound is %d", c, got)
		}
	}
}
