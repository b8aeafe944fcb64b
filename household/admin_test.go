package household

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/storetest"
)

const stranger = screening.Number("+442079460123")

// newStore is an empty database.
func newStore(t *testing.T, path string) *store.Store {
	t.Helper()
	err := storetest.Ready(context.Background(), path, store.Open)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func admin(t *testing.T) Admin {
	t.Helper()
	s := newStore(t, filepath.Join(t.TempDir(), "ringfence.db"))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.EnsureHousehold(t.Context(), "home"); err != nil {
		t.Fatal(err)
	}
	return Admin{
		Store: s, Household: "home", Line: screening.Line{Region: "GB", Number: "+442079460100", Zone: time.UTC}, Languages: []string{"en-GB", "fr-FR"},
		FromFile: FromFile{Region: "GB", KeepDays: 90}, Actor: CommandLine, Now: time.Now(),
	}
}

// lastLine is the newest line of the audit log.
func lastLine(t *testing.T, a Admin) store.AuditLine {
	t.Helper()
	all, err := a.Store.AuditLog(t.Context(), a.Household, 0, 1)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v %v", all, err)
	}
	return all[0]
}

func TestBlockAndUndo(t *testing.T) {
	a := admin(t)
	done, err := a.AddBlock(t.Context(), BlockRequest{Number: string(stranger), Note: "a scam"})
	if err != nil || !done.CanUndo {
		t.Fatalf("%+v %v", done, err)
	}
	if l := lastLine(t, a); l.ID != done.Line || l.What != "block-added" || l.Way != store.WayCommand || l.Text != done.Sentence || l.After != "020 7946 0123 (a scam)" {
		t.Errorf("%+v", l)
	}
	if again, err := a.AddBlock(t.Context(), BlockRequest{Number: string(stranger)}); err != nil || again.Line != 0 || again.Sentence != "020 7946 0123 is blocked already." {
		t.Errorf("%+v %v", again, err)
	}
	if _, err := a.Undo(t.Context(), done.Line); err != nil {
		t.Error(err)
	}
	if _, blocked, err := a.Store.BlockOf(t.Context(), "home", stranger.Digits(), false); err != nil || blocked {
		t.Error("still blocked", err)
	}
	if l := lastLine(t, a); l.What != "undone" || l.Undoes != done.Line || l.Before != "020 7946 0123 (a scam)" || l.After != "" {
		t.Errorf("%+v", l)
	}
	var refusal *Refusal
	if _, err := a.Undo(t.Context(), done.Line); !errors.As(err, &refusal) {
		t.Errorf("undone twice: %v", err)
	}
}

func TestContactsAndHelplinesAreNotBlocked(t *testing.T) {
	a := admin(t)
	if err := a.Store.AddContact(t.Context(), "home", "Daughter", stranger); err != nil {
		t.Fatal(err)
	}
	for _, n := range []screening.Number{stranger, "999"} {
		var refusal *Refusal
		if _, err := a.AddBlock(t.Context(), BlockRequest{Number: string(n)}); !errors.As(err, &refusal) {
			t.Errorf("%s was blocked: %v", n, err)
		}
	}
}
