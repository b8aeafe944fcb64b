package ivrstore

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/ivr"
	"ringfence/screening"
	"ringfence/sound"
	"ringfence/store"
)

// open opens a household's store.
func open(t *testing.T) Store {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "ringfence.db"))
	if err == nil {
		err = db.EnsureHousehold(t.Context(), "home")
	}
	if err != nil {
		t.Fatal(err)
	}
	queue, err := db.WriteBehind(t.Context(), slog.New(slog.DiscardHandler), func() {})
	if err != nil {
		t.Fatal(err)
	}
	queue.Patience = time.Hour // for a slow machine
	t.Cleanup(func() {
		queue.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return Store{
		Store: db, Queue: queue, Sounds: Sounds{Store: db, Folder: t.TempDir()},
		Lines: ivr.NewLines(map[string]screening.Line{"home": {Region: "GB", Zone: time.Local}}),
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What a telephone changes is in the audit log.
func TestChangesByTelephone(t *testing.T) {
	b, ctx := open(t), t.Context()
	must := func(err error) { t.Helper(); must(t, err) }
	must(b.AllowNumber(ctx, "home", "+442079460001", "Joan"))
	blocked, err := b.BlockNumber(ctx, "home", "+442079460001", "by mistake", false)
	must(err)
	if blocked {
		t.Error("a contact is blocked")
	}
	_, err = b.SendAway(ctx, "home", "+442079460666", "scam, sent away by the household")
	must(err)
	_, err = b.BlockNumber(ctx, "home", "+442079460777", "blocked by phone", false)
	must(err)
	must(b.SetMode(ctx, "home", screening.KnownOnly))
	must(b.ExpectNext(ctx, "home"))
	must(b.SetPhrase(ctx, "home", ivr.Greeting, sound.WAV(8000, []byte(strings.Repeat("ab", 8000)))))
	must(b.RemovePhrase(ctx, "home", ivr.Greeting))
	must(b.DeleteMessage(ctx, "home", 99)) // there is none
	all, err := b.AuditLog(ctx, "home", 0, 20)
	must(err)
	var got []string
	for _, c := range all {
		if c.By != store.ByTelephone || c.Person != 0 || c.Way != store.WayTelephone {
			t.Errorf("%+v", c)
		}
		if c.What == "expecting" && c.Way == store.WayTelephone {
			continue // its time is in it
		}
		got = append(got, c.What+": "+c.Text)
	}
	want := []string{
		"phrase-removed: The usual words are back for the greeting before messages.",
		"phrase-set: Callers hear your own recording of the greeting before messages from now on.",
		"mode-changed: “Only people you know” holds from now on.",
		"block-added: 020 7946 0777 is blocked: it won't ring any more.",
		"call-away: 020 7946 0666 was sent away as a scam, blocked and reported.",
		"contact-added: Joan (020 7946 0001) is one of your contacts now, and always gets through.",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log has:\n%s", strings.Join(got, "\n"))
	}
}
