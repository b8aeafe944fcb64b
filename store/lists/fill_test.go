package lists

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
)

// counted are n entries, or so many before end does something else.
func counted(n int, end func() error) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for i := range n {
			if !yield(Entry{Reporters: i}, nil) {
				return
			}
		}
		if err := end(); err != nil {
			yield(Entry{}, err)
		}
	}
}

func TestBatchesAreAllThatCame(t *testing.T) {
	well := func() error { return nil }
	for _, n := range []int{0, 1, batch - 1, batch, batch + 1, 10*batch + 7} {
		var got []int
		count, err := inBatches(counted(n, well), func(part []Entry) error {
			if len(part) == 0 || len(part) > batch {
				t.Errorf("a batch has %d entries", len(part))
			}
			for _, e := range part {
				got = append(got, e.Reporters)
			}
			return nil
		})
		if err != nil || count != n || len(got) != n || !slices.IsSorted(got) {
			t.Errorf("of %d entries %d were counted and %d came (%v)", n, count, len(got), err)
		}
	}
}

func TestAnErrorEndsBothWhoMakesBatchesAndWhoTakesThem(t *testing.T) {
	fault, full := errors.New("the file ends in the middle"), errors.New("the disk is full")
	taken := 0
	count, err := inBatches(counted(5*batch, func() error { return fault }), func(part []Entry) error { taken += len(part); return nil })
	if !errors.Is(err, fault) || count != 0 || taken != 5*batch {
		t.Errorf("%d entries, %d taken, error %v", count, taken, err)
	}
	for _, n := range []int{1, batch, 100 * batch} { // the last would not fit into what waits
		taken = 0
		count, err = inBatches(counted(n, func() error { return nil }), func([]Entry) error { taken++; return full })
		if !errors.Is(err, full) || count != 0 || taken != 1 {
			t.Errorf("of %d: %d entries, %d batches taken, error %v", n, count, taken, err)
		}
	}
}

// What reads a list recovers from a fault of its own, so that it has to see it; and nothing goes on after it.
func TestAPanicOfTheEntriesIsSeenWhereTheyAreRead(t *testing.T) {
	over := make(chan struct{})
	func() {
		defer func() {
			if fault := recover(); fmt.Sprint(fault) != "a fault" {
				t.Errorf("recovered %v", fault)
			}
		}()
		_, err := inBatches(counted(2*batch, func() error { panic("a fault") }), func([]Entry) error {
			select {
			case <-over:
				t.Error("a batch is taken after the end")
			default:
			}
			return nil
		})
		t.Error("it came back", err)
	}()
	close(over)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
