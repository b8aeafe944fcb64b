package main

import (
	"math"
	"runtime/debug"
)

// How far the heap may grow before it is collected in any case. Small computers have little memory, and millions of numbers on
// lists are no reason to need more: what is in use is a third of this. A program takes about as much again for its own code
// and data, and serve up to twenty megabytes for SQLite's pages.
const (
	serveHeap  = 40 << 20
	importHeap = 52 << 20
)

// boundHeap bounds the heap where the process is this program's alone, but for a bound that whoever runs it has set (GOMEMLIMIT).
func (p *program) boundHeap(most int64) {
	if p.alone && debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(most)
	}
}
