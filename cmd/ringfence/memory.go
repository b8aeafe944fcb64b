package main

import (
	"errors"
	"math"
	"os"
	"runtime/debug"
	"runtime/pprof"
)

// How far the heap may grow before it is collected in any case. Small computers have little memory, and even with millions of numbers on lists a
// third of this is in use. The program's own code and data take about as much again, and in serve SQLite's pages up to twenty megabytes.
const (
	serveHeap  = 40 << 20
	importHeap = 52 << 20
	// It has 5 MB in use. With 8 MB in all it was collected forty times a second while Asterisk started: 0.6 s of the processor, not 0.2, to save 1 MB.
	keeperHeap = 16 << 20
	// A reading of 10 s needs 5 MB at a time and leaves 20 MB behind. With a heap of 8 MB, collecting that took a third of the processor time.
	speechHeap = 24 << 20
)

// boundHeap bounds the heap if the process runs nothing but this program, unless the user has set a bound (GOMEMLIMIT).
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
		_ = f.Close() // go tool pprof refuses an incomplete profile
	}, nil
}
