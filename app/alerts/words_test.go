package alerts

import (
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/notify"
	"ringfence/store"
	"ringfence/store/outbox"
)

// leaves leaves a message with its notice.
func (x *fixture) leaves() int64 { return x.leavesOf(time.Second) }

func (x *fixture) leavesOf(length time.Duration) int64 {
	x.Helper()
	call := x.call(numbered("+442079460999", ""), calllog.MessageLeft)
	x.no(x.db.Keep(x.Context(), call, calllog.RecordedMessage, []byte("RIFF"), length))
	x.no(x.db.AddNotice(x.Context(), "home", x.at, store.NoticeMessageLeft, "A message was left.", call))
	return call
}

// The words of a message leave the house only in the alerts of somebody who wants that and may hear it; those alerts wait for them, but not for long.
func TestAlertsHaveWordsWhereTheyAreWanted(t *testing.T) {
	x := newFixture(t, nil, "https://alerts.example.org", outbox.EventMessageLeft)
	x.leaves()
	x.dispatcher.dispatch(t.Context())
	if got := x.told(); len(got) != 1 {
		t.Fatalf("an alert without words does not wait: %q", got)
	}
	wants := outbox.Choices{Events: []outbox.Event{outbox.EventMessageLeft}, Digest: notify.AtOnce, Words: true}
	x.no(x.db.Outbox.ChangeChannel(t.Context(), "home", x.person, x.channel, wants))
	call := x.leaves()
	x.dispatcher.dispatch(t.Context())
	if got := x.told(); len(got) != 1 {
		t.Fatalf("it does not wait for the words: %q", got)
	}
	x.no(x.db.KeepWords(t.Context(), call, calllog.RecordedMessage, "It's the <surgery>” www.example.org", true))
	x.dispatcher.dispatch(t.Context())
	if got := x.told(); len(got) != 2 || got[1] != "020 7946 0999 left a message. A machine heard, and isn’t sure: “It's the surgery www example org”" {
		t.Fatalf("%q", got)
	}
	x.no(x.db.SetMembership(t.Context(), "home", x.person, store.RoleOwner, false)) // may hear nothing any more
	call = x.leaves()
	x.no(x.db.KeepWords(t.Context(), call, calllog.RecordedMessage, "secret", false))
	x.dispatcher.dispatch(t.Context())
	x.leaves()
	x.at = x.at.Add(wordsTime + time.Second) // and it was never read
	x.dispatcher.dispatch(t.Context())
	if got := x.told(); len(got) != 4 || strings.Contains(strings.Join(got, " "), "secret") {
		t.Errorf("%q", got)
	}
}

// The words of a long message take longer, and its alert waits for them.
func TestAlertOfALongMessageWaitsForItsWords(t *testing.T) {
	x := newFixture(t, nil, "https://alerts.example.org", outbox.EventMessageLeft)
	x.no(x.db.Outbox.ChangeChannel(t.Context(), "home", x.person, x.channel, outbox.Choices{Events: []outbox.Event{outbox.EventMessageLeft}, Digest: notify.AtOnce, Words: true}))
	x.leavesOf(2 * time.Minute)
	x.at = x.at.Add(time.Minute)
	x.dispatcher.dispatch(t.Context())
	if got := x.told(); len(got) != 0 {
		t.Errorf("it did not wait for the words: %q", got)
	}
	x.at = x.at.Add(10 * time.Second)
	x.dispatcher.dispatch(t.Context())
	if got := x.told(); len(got) != 1 {
		t.Errorf("it waited for words that don't come: %q", got)
	}
}

// Somebody is told at once that a caller sounds like a scam; why, only where words may leave the house.
func TestAlertOfScamWords(t *testing.T) {
	x := newFixture(t, nil, "https://alerts.example.org", outbox.EventScamWords)
	call := x.call(numbered("+442079460999", ""), "")
	x.no(x.db.AddNotice(t.Context(), "home", x.at, store.NoticeScamWords, "A caller's words sound like a scam. Says it's your bank. Banks don't.", call))
	x.dispatcher.dispatch(t.Context())
	if got := x.told(); len(got) != 1 || got[0] != "What 020 7946 0999 said sounds like a scam." {
		t.Errorf("%q", got)
	}
}
