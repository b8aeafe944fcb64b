package main_test

import (
	"sync"
	"testing"
	"time"

	"ringfence/cmd/faults/figures"
)

// notesLongest notes the longest of what a test's subtests measure, once all of them have ended: the words take how many measured something, and the
// longest in seconds.
func notesLongest(t *testing.T, words string) (add func(time.Duration)) {
	var mu sync.Mutex
	var all int
	var longest time.Duration
	t.Cleanup(func() {
		if all > 0 {
			figures.Note(t, words, all, longest.Seconds())
		}
	})
	return func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		all, longest = all+1, max(longest, d)
	}
}

// Figures for promises.
const (
	silenceNoted = "%d callers reached a phone, and were in silence for %.1f seconds at most"
	ringingNoted = "%d calls rang, %.1f seconds after they were made at the latest"
)
