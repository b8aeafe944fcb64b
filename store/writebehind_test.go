package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store/storetest"
)

func writeBehind(t *testing.T, s *Store) (w *WriteBehind, written chan struct{}) {
	t.Helper()
	written = make(chan struct{}, 1)
	w, err := s.WriteBehind(t.Context(), slog.New(slog.DiscardHandler), func() {
		select {
		case written <- struct{}{}:
		default:
		}
	})
	must(t, err)
	return w, written
}

// lockedBy is another program that writes for as long as it likes.
func lockedBy(t *testing.T, s *Store) (release func()) {
	t.Helper()
	other, err := Open(t.Context(), s.path)
	must(t, err)
	tx, err := other.write.BeginTx(context.WithoutCancel(t.Context()), nil)
	must(t, err)
	return func() { must(t, errors.Join(tx.Rollback(), other.Close())) }
}

// A call does not wait for a database that is locked, and loses nothing by it: what it wrote meanwhile is there once it can be, in its
// order, and what it asked for is done.
func TestACallDoesNotWaitForALockedDatabase(t *testing.T) {
	s, _ := open(t)
	w, _ := writeBehind(t, s)
	before, err := s.CallArrived(t.Context(), "home", "1.0", time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, "talked")
	must(t, err)
	w.Close()
	w, _ = writeBehind(t, s)
	release := lockedBy(t, s)

	began := time.Now()
	call, err := w.CallArrived("home", "1.1", began, screening.Identity{}, screening.Caller{Number: joan}, screening.Verdict{}, "")
	must(t, err)
	if call <= before {
		t.Errorf("the call after %d is %d", before, call)
	}
	for i := range 3 {
		w.CallStep(call, began.Add(time.Duration(i)), calllog.SpamLookup{Text: fmt.Sprint(i)})
	}
	must(t, w.Keep(t.Context(), call, "name", []byte("a name"), time.Second))
	must(t, w.Keep(t.Context(), call, "message", []byte("a message"), time.Second)) // waits for as long as anything does
	_, err = Await(t.Context(), w, func(ctx context.Context) (bool, error) {
		return true, s.AddBlock(ctx, "home", blockOn(steve), ByTelephone)
	})
	if !errors.Is(err, ErrLater) {
		t.Errorf("a block in a database that is locked: %v", err)
	}
	w.CallEnded(call, began.Add(time.Minute), "message-left")
	if _, _, err := s.Situation(t.Context(), "home", joan); err != nil { // a verdict does not wait either
		t.Error(err)
	}
	// What is told apart is one second in all, of patience, and five for each of these nine: SQLite's own wait for a lock. The machine may be slow.
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("a call has waited for %v", took)
	}
	release()
	w.Close()
	calls, err := s.Calls(t.Context(), "home", 1)
	must(t, err)
	c := calls[0]
	if c.ID != call || c.Number != joan || c.Outcome != "message-left" || len(c.Steps) != 3 || len(c.Recordings) != 2 {
		t.Errorf("the log has %+v", c)
	}
	_, known, err := s.Situation(t.Context(), "home", steve)
	if err != nil || known.Block == nil {
		t.Errorf("the block is not there: %+v, %v", known, err)
	}
}

// What waits is written with one commit, and one line that can never be written does not keep the others from it.
func TestLinesThatWaitGoInTogether(t *testing.T) {
	s, _ := open(t)
	w, written := writeBehind(t, s)
	release := lockedBy(t, s)
	call, err := w.CallArrived("home", "1.1", time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, "")
	must(t, err)
	w.CallStep(call+1000, time.Now(), calllog.SpamLookup{Text: "of a call that nobody knows"})
	for range 50 {
		w.CallStep(call, time.Now(), calllog.NoRoom{})
	}
	commits := 0
	for _, db := range []*sql.DB{s.write.DB, s.relaxed.DB} {
		must(t, storetest.OnCommit(t.Context(), db, func() { commits++ }))
	}
	release()
	<-written
	w.Close()
	calls, err := s.Calls(t.Context(), "home", 1)
	must(t, err)
	if len(calls) != 1 || len(calls[0].Steps) != 50 {
		t.Errorf("the log has %+v", calls)
	}
	if commits > 3 { // the first may have been tried alone
		t.Errorf("52 lines took %d commits", commits)
	}
}

// What is asked for in vain has no answer, but a context that ends is noticed.
func TestAwaitEndsWithItsContext(t *testing.T) {
	s, _ := open(t)
	w, _ := writeBehind(t, s)
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	release := lockedBy(t, s)
	defer release()
	cancel()
	if _, err := Await(ctx, w, func(ctx context.Context) (int, error) { return 1, s.write.Do(ctx, func(*sql.Tx) error { return nil }) }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// What could not be written until the cancel is written by the next start, a message first of all; nothing sweeps it meanwhile, even where
// the program was killed.
func TestTheNextStartWritesWhatCouldNotBeWritten(t *testing.T) {
	for _, killed := range []bool{true, false} {
		t.Run(fmt.Sprintf("killed: %v", killed), func(t *testing.T) {
			s, path := open(t)
			w, _ := writeBehind(t, s)
			release := lockedBy(t, s)
			began := time.Now().Add(-time.Minute)
			call, err := w.CallArrived("home", "1.1", began, screening.Identity{}, screening.Caller{Number: joan}, screening.Verdict{}, "")
			must(t, err)
			w.CallStep(call, began, calllog.SpamLookup{Text: "1"})
			must(t, w.Keep(t.Context(), call, "message", []byte("a message"), time.Second))
			file := filepath.Join(filepath.Dir(path), unwrittenFile)
			whenKilled, err := os.ReadFile(file)
			must(t, err)
			w.CallEnded(call, began.Add(time.Second), "message-left")
			sound := filepath.Join(s.recordings, nameOfRecording(call, "message"))
			must(t, os.Chtimes(sound, began, began.Add(-2*orphanAge)))
			must(t, s.sweepRecordings(t.Context(), time.Now()))
			w.Close()
			<-w.ended
			release()
			if killed {
				must(t, os.WriteFile(file, whenKilled, 0o600))
			}

			w, _ = writeBehind(t, s)
			next, err := w.CallArrived("home", "1.2", time.Now(), screening.Identity{}, screening.Caller{}, screening.Verdict{}, "talked")
			if err != nil || next <= call {
				t.Errorf("the call after %d is %d (%v)", call, next, err)
			}
			w.Close()
			messages, err := s.Messages(t.Context(), "home")
			if err != nil || len(messages) != 1 || messages[0].Call != call || messages[0].Number != joan {
				t.Fatalf("the messages are %+v (%v)", messages, err)
			}
			if kept, err := os.ReadFile(messages[0].Path); err != nil || string(kept) != "a message" {
				t.Errorf("it is %q (%v)", kept, err)
			}
			calls, err := s.Calls(t.Context(), "home", 2)
			if err != nil || len(calls) != 2 || len(calls[1].Steps) != 1 || (calls[1].Outcome == "message-left") == killed {
				t.Errorf("the log has %+v (%v)", calls, err)
			}
			if left, err := readUnwritten(filepath.Dir(path)); err != nil || len(left) > 0 {
				t.Errorf("still in the file: %v (%v)", left, err)
			}
		})
	}
}
