package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ringfence/calllog"
)

// When a message was heard is when somebody heard it first: by that the oldest go when there is no room.
func TestTheFirstHearingCounts(t *testing.T) {
	s, _ := open(t)
	call := aMessage(t, s, "home", time.Now(), joan, "")
	must(t, s.MarkHeard(t.Context(), "home", call))
	_, err := s.write.Exec("UPDATE recordings SET heard_at = 7 WHERE call_id = ?", call)
	must(t, err)
	must(t, s.MarkHeard(t.Context(), "home", call))
	var heard int64
	must(t, s.read.QueryRow("SELECT heard_at FROM recordings WHERE call_id = ?", call).Scan(&heard))
	if heard != 7 {
		t.Errorf("heard at %d", heard)
	}
}

// busy keeps a WriteBehind from writing anything until done is called.
func busy(w *WriteBehind) (done func()) {
	busy := make(chan struct{})
	w.Later(context.Background(), "", func(context.Context) error { <-busy; return nil })
	return func() { close(busy) }
}

// A database that cannot be written for long fills no memory.
func TestWhatWaitsIsBounded(t *testing.T) {
	s, _ := open(t)
	w, _ := writeBehind(t, s)
	done := busy(w)
	for range mostWaiting + 10 {
		w.Later(t.Context(), "", func(context.Context) error { return nil })
	}
	w.mu.Lock()
	waiting := len(w.waiting)
	w.mu.Unlock()
	done()
	w.Close()
	if waiting > mostWaiting {
		t.Errorf("%d wait", waiting)
	}
}

// Once a call has waited in vain for the database, what follows does not wait as well: a caller would hear nothing for as long as all of it
// takes.
func TestWaitingInVainIsDoneOnce(t *testing.T) {
	s, _ := open(t)
	w, _ := writeBehind(t, s)
	done := busy(w)
	began := time.Now()
	for range 30 {
		if err := w.Flush(t.Context()); !errors.Is(err, ErrLater) {
			t.Error(err)
		}
	}
	if took := time.Since(began); took > 15*patience {
		t.Errorf("it took %v", took)
	}
	done()
	w.Close()
}

// One account fills no database with tokens.
func TestTokensAreBounded(t *testing.T) {
	s, _ := open(t)
	p, err := s.People.Add(t.Context(), "Anna", "anna@example.org")
	must(t, err)
	add := func() error {
		_, err := s.AddToken(t.Context(), p.ID, Token{Name: "a program", Scope: ScopeRead}, time.Now())
		return err
	}
	for range maxTokens {
		must(t, add())
	}
	if add() == nil {
		t.Errorf("more than %d tokens are made", maxTokens)
	}
	tokens, err := s.Tokens(t.Context(), p.ID)
	must(t, err)
	if _, err := s.RevokeToken(t.Context(), p.ID, tokens[0].ID); err != nil || add() != nil {
		t.Error("none can be made in the place of one that was revoked")
	}
}

// The file that has what could not be written stays for as long as anything of it waits.
func TestWhatWasSetDownStaysUntilItIsWritten(t *testing.T) {
	s, _ := open(t)
	w, _ := writeBehind(t, s)
	done := busy(w)
	w.CallStep(1, time.Now(), calllog.PickedUp{})
	if lines, err := w.saveWaiting(); lines != 1 || err != nil {
		t.Errorf("%d lines, %v", lines, err)
	}
	file := filepath.Join(filepath.Dir(s.path), unwrittenFile)
	w.removeSaved()
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	done()
	w.Close()
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is there after all was written: %v", err)
	}
}

// The file of a recording is there before the log knows it: nothing sweeps one that has just been made.
func TestANewRecordingIsNotSwept(t *testing.T) {
	s, _ := open(t)
	file := filepath.Join(s.recordings, "new.wav")
	must(t, os.WriteFile(file, []byte("RIFF"), 0o600))
	must(t, s.Expire(t.Context(), time.Now().Add(time.Minute)))
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

// A call is as old as its end: one that began before the day on which the log ends, and went on after it, stays whole.
func TestACallIsAsOldAsItsEnd(t *testing.T) {
	s, _ := open(t)
	now := time.Now()
	long := aCall(t, s, "home", now.Add(-30*time.Second), joan, "") // it ends in half a minute
	short := aCall(t, s, "home", now.Add(-time.Hour), steve, "")
	must(t, s.Expire(t.Context(), now))
	calls, err := s.Calls(t.Context(), "home", 10)
	must(t, err)
	if len(calls) != 1 || calls[0].ID != long {
		t.Errorf("of %d and %d there are %+v", long, short, calls)
	}
}
