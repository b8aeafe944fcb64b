package main

import (
	"errors"
	"math"
	"os"
	"runtime/debug"
	"runtime/pprof"
)

// How far the heap may grow before it is collected in any case. Small computers have little memory, and millions of numbers on
// lists are no reason to need more: what is in use is a third of this. A program takes about as much again for its own code
// and data, and serve up to twenty megabytes for SQLite's pages.
const (
	serveHeap  = 40 << 20
	importHeap = 52 << 20
	keeperHeap = 8 << 20
)

// boundHeap bounds the heap where the process is this program's alone, but for a bound that whoever runs it has set (GOMEMLIMIT).
func (p *program) boundHeap(most int64) {
	if p.alone && debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(most)
	}
}

// profile writes into a file where the program spends its time, until stop is called.
func profile(file string) (stop func(), err error) {
	f, err := os.Create(file) //nolint:gosec // whoever starts the program names it
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close() // a profile that is not whole is refused by whoever reads it
	}, nil
}
