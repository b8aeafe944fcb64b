package app

import (
	"strings"
	"testing"
	"time"

	"ringfence/config/configtest"
	"ringfence/ivr"
	"ringfence/screening"
	"ringfence/sound"
	"ringfence/store"
)

// What a telephone changes is in the log of changes.
func TestChangesByTelephone(t *testing.T) {
	s := configtest.Read(t, configtest.Usual)
	db, err := OpenStore(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	b := byTelephone{choices{db, sounds{t.TempDir()}}, ivr.NewLines(s.Lines())}
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
	_, err = b.SendAway(ctx, "home", "+442079460666", "scam, sent away by the household")
	must(err)
	_, err = b.BlockNumber(ctx, "home", "+442079460777", "blocked by telephone", false)
	must(err)
	must(b.SetMode(ctx, "home", screening.KnownOnly))
	must(b.SetExpecting(ctx, "home", time.Now().Add(time.Hour)))
	must(b.SetPhrase(ctx, "home", ivr.Greeting, sound.WAV(8000, []byte(strings.Repeat("ab", 8000)))))
	must(b.RemovePhrase(ctx, "home", ivr.Greeting))
	if deleted, err := b.DeleteMessage(ctx, "home", 99); deleted || err != nil { // there is none
		t.Fatal(deleted, err)
	}
	all, err := db.AuditLog(ctx, "home", 0, 20)
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
		"phrase-removed: The usual words are back for the greeting before messages, and your recording is deleted.",
		"phrase-set: Callers hear your own recording of the greeting before messages from now on.",
		"mode-changed: “Only people you know” holds from now on.",
		"block-added: 020 7946 0777 is blocked: it won't ring any more.",
		"call-away: 020 7946 0666 was sent away as a scam, blocked and reported.",
		"contact-added: Joan (020 7946 0001) is one of your contacts now, and always gets through.",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log has:\n%s", strings.Join(got, "\n"))
	}
	must(db.Close())
}
