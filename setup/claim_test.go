package setup

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// One at a time sets up, whoever else tries; and nothing is left of it.
func TestOneAtATimeSetsUp(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "ringfence")
	file := filepath.Join(folder, "ringfence.toml")
	release, err := Claim(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Claim(file); !errors.Is(err, ErrBusy) {
		t.Errorf("the second is not refused: %v", err)
	}
	if info, err := os.Stat(file + ".setup"); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("the other user of the package can't open it: %v %v", info.Mode(), err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	var inside sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for done := 0; done < 50; {
				release, err := Claim(file)
				if errors.Is(err, ErrBusy) {
					continue
				}
				if err != nil || !inside.TryLock() {
					t.Errorf("two set up at once, or none may: %v", err)
					return
				}
				done++
				inside.Unlock()
				if err := release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}
