package figures_test

import (
	"reflect"
	"sync"
	"testing"
	"time"

	"ringfence/cmd/faults/figures"
)

// What tests note side by side is read whole.
func TestFiguresAreReadAsTheyWereNoted(t *testing.T) {
	dir := t.TempDir()
	if all, err := figures.Read(dir); err != nil || len(all) != 0 {
		t.Errorf("of an empty folder: %v %v", all, err)
	}
	t.Setenv(figures.FolderVariable, dir)
	cell := figures.Cell{
		State: "asked", Fault: "killed", Silence: 9 * time.Second,
		Rang: figures.Yes, Talked: figures.Yes, Next: figures.No, Logged: figures.NotFit, Broken: []string{"the next call did not ring"},
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			figures.Note(t, "%d cuts\n%s", 25, "0 lost")
			figures.NoteCell(t, cell)
		})
	}
	all.Wait()
	got, err := figures.Read(dir)
	if err != nil || len(got) != 100 {
		t.Fatalf("%d figures, %v", len(got), err)
	}
	for _, f := range got {
		want := figures.Figure{Test: t.Name(), Text: "25 cuts\n0 lost"}
		if f.Cell != nil {
			want = figures.Figure{Test: t.Name(), Cell: &cell}
		}
		if !reflect.DeepEqual(f, want) {
			t.Errorf("%+v", f)
		}
	}
}

func TestLongTestsAreSkipped(t *testing.T) {
	for set, runs := range map[string]bool{"": false, "0": false, "1": true} {
		t.Setenv(figures.LongVariable, set)
		ran := false
		t.Run("", func(t *testing.T) {
			figures.Long(t)
			ran = true
		})
		if ran != runs {
			t.Errorf("with %q: %v", set, ran)
		}
	}
}
