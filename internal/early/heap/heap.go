// Package heap puts off collecting garbage while a program begins. Initialising its packages and reading a command leaves 9 MB in the heap, most of them
// in use. With Go's usual setting they were collected three times, for a third of what a command cost.
//
// It is initialised before most packages, as its module's path comes before theirs (see package words).
package heap

import (
	"os"
	_ "unsafe" // for linkname
)

// Percentages by which the heap grows before it is collected, and four megabytes by as many to begin with (runtime/debug.SetGCPercent).
const (
	atStart = 400
	usual   = 100
)

func init() { set(atStart) }

// Begun has garbage collected as usual from now on.
func Begun() { set(usual) }

// set leaves what the user has set.
func set(percent int32) {
	if os.Getenv("GOGC") == "" {
		setGCPercent(percent)
	}
}

// setGCPercent is runtime/debug.SetGCPercent without runtime/debug, whose path comes after github.com.
//
//go:linkname setGCPercent runtime/debug.setGCPercent
func setGCPercent(percent int32) int32
