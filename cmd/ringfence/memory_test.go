package main

import (
	"math"
	"os"
	"runtime"
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

// collected is how often garbage was collected before this package was initialised, the last one of the program.
var collected = func() uint32 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.NumGC
}()

func TestGarbageIsCollectedOnlyOnceTheProgramHasBegun(t *testing.T) {
	if os.Getenv("GOGC") != "" {
		t.Skip("GOGC is set")
	}
	if collected > 0 {
		t.Errorf("it was collected %d times", collected)
	}
	if percent := debug.SetGCPercent(100); percent != 100 { // testMain says that it has begun
		t.Errorf("the heap may still grow by %d %%", percent)
	}
}
