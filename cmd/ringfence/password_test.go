package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/accounts"
	"ringfence/store"
)

// fullLog is a database whose log takes nothing.
type fullLog struct{ *store.Store }

func (fullLog) LogAccount(context.Context, accounts.Deed) error { return errors.New("the log is full") }

// What could not be done is not said to be.
func TestNothingIsSaidOfWhatFailed(t *testing.T) {
	beside(t)
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "ringfence.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	anna, err := db.People.Add(t.Context(), "Anna", "anna@example.org")
	if err != nil {
		t.Fatal(err)
	}
	anna.HasTOTP = true
	for _, f := range []newPasswordFlags{{ForgetApp: true, Link: true}, {Link: true}, {}} {
		var out bytes.Buffer
		p := &program{in: strings.NewReader("kettle orbit walnut sofa\n"), out: &out, err: &out}
		of := accounts.New(db.People, fullLog{db}, slog.New(slog.DiscardHandler))
		if err := f.run(t.Context(), p, of, anna, accounts.By{Name: "command line", At: time.Now()}, "http://ringfence"); err == nil || out.Len() > 0 {
			t.Errorf("%+v: %q, %v", f, out.String(), err)
		}
	}
}

func TestPlainClause(t *testing.T) {
	for sentence, want := range map[string]string{
		"There is no mode loud.": "there is no mode loud",
		"“Loud” is no mode.":     "“Loud” is no mode",
		"Écoute is no mode.":     "écoute is no mode",
	} {
		if got := plainClause(sentence); got != want {
			t.Errorf("%q becomes %q, not %q", sentence, got, want)
		}
	}
}
