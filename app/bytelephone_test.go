package app

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"ringfence/config/configtest"
	"ringfence/ivr"
	"ringfence/screening"
	"ringfence/store"
)

// What a telephone changes is in the log of changes; a log that cannot be written holds nothing up.
func TestChangesByTelephone(t *testing.T) {
	s := configtest.Read(t, configtest.Usual)
	db, err := OpenStore(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var log strings.Builder
	b := byTelephone{choices{db, sounds{t.TempDir()}}, ivr.NewLines(s.Lines()), slog.New(slog.NewTextHandler(&log, nil))}
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(b.AllowNumber(ctx, "home", "+442079460001", "Joan"))
	if blocked, err := b.BlockNumber(ctx, "home", "+442079460001", "by mistake", false); blocked || err != nil { // a contact
		t.Fatal(blocked, err)
	}
	_, err = b.BlockNumber(ctx, "home", "+442079460666", "scam, sent away by Anna", false)
	must(err)
	must(b.ReportNumber(ctx, "home", "+442079460666"))
	must(b.SetMode(ctx, "home", screening.KnownOnly))
	must(b.SetExpecting(ctx, "home", time.Now().Add(time.Hour)))
	must(b.RemovePhrase(ctx, "home", ivr.Greeting))
	if deleted, err := b.DeleteMessage(ctx, "home", 99); deleted || err != nil { // there is none
		t.Fatal(deleted, err)
	}
	all, err := db.AuditLog(ctx, "home", 0, 20)
	must(err)
	var got []string
	for _, c := range all {
		if c.By != store.ByTelephone || c.Person != 0 {
			t.Errorf("%+v", c)
		}
		if c.What == "expecting" && c.Way == store.WayTelephone {
			continue // its time is in it
		}
		got = append(got, c.Text)
	}
	want := []string{
		"The household has gone back to the usual words for the greeting before messages.",
		"“Only people you know” holds from now on.",
		"020 7946 0666 was reported as a scam.",
		"020 7946 0666 is turned away now (scam, sent away by Anna).",
		"020 7946 0001 always rings now.",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log has:\n%s", strings.Join(got, "\n"))
	}
	must(db.Close())
	b.changed(ctx, "home", "mode", "x")
	if !strings.Contains(log.String(), "the log of changes could not be written") {
		t.Error("what fails is in no log")
	}
}
