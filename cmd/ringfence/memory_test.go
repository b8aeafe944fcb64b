package main

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestMemoryHasABoundUnlessAnotherIsSet(t *testing.T) {
	limit, percent := debug.SetMemoryLimit(math.MaxInt64), debug.SetGCPercent(100)
	defer func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	}()
	boundMemory()
	if got := debug.SetMemoryLimit(-1); got != goMemory {
		t.Errorf("the bound is %d, want %d", got, goMemory)
	}
	const chosen = 64 << 20
	debug.SetMemoryLimit(chosen)
	boundMemory()
	if got := debug.SetMemoryLimit(-1); got != chosen {
		t.Errorf("where %d was chosen, the bound is %d", chosen, got)
	}
}
