package store

import (
	"slices"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// keptWords are the words of a call's recordings, by kind.
func keptWords(t *testing.T, s *Store, call int64) map[string]Words {
	t.Helper()
	c, err := s.Call(t.Context(), "home", call)
	must(t, err)
	words := map[string]Words{}
	for _, r := range c.Recordings {
		words[r.Kind] = r.Words
	}
	return words
}

// Words belong to their recording: there are none before they were read, another recording has none, and they go with it.
func TestWordsLiveAndDieWithTheirRecording(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now()
	call := aMessage(t, s, "home", now.Add(-time.Hour), joan, "JOAN")
	must(t, s.Keep(ctx, call, calllog.RecordedName, []byte("RIFF"), time.Second))
	if got := keptWords(t, s, call); got[calllog.RecordedName] != (Words{}) || got[calllog.RecordedMessage] != (Words{}) {
		t.Errorf("before anything was read: %+v", got)
	}
	must(t, s.KeepWords(ctx, call, calllog.RecordedName, "It's\nJoan \u202e\x00", true))
	must(t, s.KeepWords(ctx, call, calllog.RecordedMessage, "", false))
	want := map[string]Words{calllog.RecordedName: {Text: "It's Joan", Unsure: true, WereRead: true}, calllog.RecordedMessage: {WereRead: true}}
	if got := keptWords(t, s, call); got[calllog.RecordedName] != want[calllog.RecordedName] || got[calllog.RecordedMessage] != want[calllog.RecordedMessage] {
		t.Errorf("%+v", got)
	}
	must(t, s.KeepWords(ctx, call, calllog.RecordedMessage, "the boiler has gone out", false))
	if m, err := s.Messages(ctx, "home"); err != nil || len(m) != 1 || m[0].Words != (Words{Text: "the boiler has gone out", WereRead: true}) {
		t.Errorf("%+v %v", m, err)
	}
	must(t, s.Keep(ctx, call, calllog.RecordedName, []byte("RIFF again"), time.Second))
	if got := keptWords(t, s, call)[calllog.RecordedName]; got != (Words{}) {
		t.Errorf("another recording has the first one's words: %+v", got)
	}
	_, err := s.ForgetMessage(ctx, "home", call)
	must(t, err)
	must(t, s.KeepWords(ctx, call, calllog.RecordedMessage, "they come late", false))
	for _, text := range []string{"boiler", "late"} {
		if got := ids(t, s, "home", CallSearch{Who: text, Hears: true}); got != "[]" {
			t.Errorf("the words of a deleted message find %s", got)
		}
	}
}

// Messages that no machine is done with are found for a time, and no longer; those without words are done with.
func TestUnreadMessages(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	now := time.Now()
	aMessage(t, s, "home", now.Add(-25*time.Hour), joan, "old")
	first := aMessage(t, s, "home", now.Add(-3*time.Hour), joan, "first")
	last := aMessage(t, s, "other", now.Add(-time.Hour), joan, "last")
	done := aMessage(t, s, "home", now.Add(-2*time.Hour), joan, "done")
	must(t, s.KeepWords(ctx, done, calllog.RecordedMessage, "", false))
	aMessage(t, s, "home", now.Add(time.Second), joan, "new")
	got, err := s.UnreadMessages(ctx, now.Add(-24*time.Hour), now)
	if err != nil || !slices.Equal(got, []UnreadMessage{{"other", last}, {"home", first}}) {
		t.Errorf("%+v %v", got, err)
	}
}

// What was said finds the call, for people who may hear recordings, in any case and without accents; all words are in one recording.
func TestFindCallsByWhatWasSaid(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	one := logged{at: ten, number: steve, action: screening.Screen, outcome: "not-now", message: true}.log(t, s)
	must(t, s.Keep(ctx, one, calllog.RecordedName, []byte("RIFF"), time.Second))
	must(t, s.KeepWords(ctx, one, calllog.RecordedName, "Here is Zoë about the Boiler.", false))
	must(t, s.KeepWords(ctx, one, calllog.RecordedMessage, "Please ring me on Monday 100 %.", false))
	other := logged{household: "other", at: ten, number: steve, action: screening.Screen, message: true}.log(t, s)
	must(t, s.KeepWords(ctx, other, calllog.RecordedMessage, "boiler", false))
	for who, found := range map[string]bool{"boiler": true, "zoe boiler": true, "monday": true, "100 %": true, "boiler monday": false, "%": true, "boil_r": false} {
		want := "[]"
		if found {
			want = "[1]"
		}
		if got := ids(t, s, "home", CallSearch{Who: who, Hears: true}); got != want {
			t.Errorf("%q finds %s, not %s", who, got, want)
		}
		if got := ids(t, s, "home", CallSearch{Who: who}); got != "[]" {
			t.Errorf("%q finds %s for somebody who may not hear", who, got)
		}
	}
}

// Words are queued behind the recording that they are of, while the database is locked too.
func TestWordsWaitForTheirRecording(t *testing.T) {
	s, _ := open(t)
	w, _ := writeBehind(t, s)
	release := lockedBy(t, s)
	call, err := w.CallArrived("home", "1.1", time.Now(), screening.Identity{}, screening.Caller{Number: joan}, screening.Verdict{}, "")
	must(t, err)
	must(t, w.Keep(t.Context(), call, calllog.RecordedName, []byte("RIFF"), time.Second))
	w.KeepWords(t.Context(), call, calllog.RecordedName, "Joan", false)
	release()
	w.Close()
	if got := keptWords(t, s, call)[calllog.RecordedName]; got.Text != "Joan" {
		t.Errorf("%+v", got)
	}
}

// An opinion belongs to words: there is none without them, another recording has none, it goes with a message, and waits for the words while the
// database is locked.
func TestOpinionLivesAndDiesWithTheWords(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	call := aMessage(t, s, "home", time.Now().Add(-time.Hour), steve, "STEVE")
	must(t, s.Keep(ctx, call, calllog.RecordedName, []byte("RIFF"), time.Second))
	opinion := Opinion{Level: calllog.ScriptWarn, Sentence: "Wants\nmoney \u202e\x00"}
	must(t, s.KeepOpinion(ctx, call, calllog.RecordedName, opinion))
	if got := keptWords(t, s, call)[calllog.RecordedName]; got != (Words{}) {
		t.Errorf("an opinion of no words is kept: %+v", got)
	}
	for _, kind := range []string{calllog.RecordedName, calllog.RecordedMessage} {
		must(t, s.KeepWords(ctx, call, kind, "It's Steve", false))
		must(t, s.KeepOpinion(ctx, call, kind, opinion))
		want := Words{Text: "It's Steve", WereRead: true, Opinion: Opinion{Level: calllog.ScriptWarn, Sentence: "Wants money"}}
		if got := keptWords(t, s, call)[kind]; got != want {
			t.Errorf("%s: %+v", kind, got)
		}
	}
	if m, err := s.Messages(ctx, "home"); err != nil || len(m) != 1 || m[0].Opinion.Level != calllog.ScriptWarn {
		t.Errorf("%+v %v", m, err)
	}
	must(t, s.Keep(ctx, call, calllog.RecordedName, []byte("RIFF again"), time.Second))
	if got := keptWords(t, s, call)[calllog.RecordedName]; got != (Words{}) {
		t.Errorf("another recording has the first one's opinion: %+v", got)
	}
	_, err := s.ForgetMessage(ctx, "home", call)
	must(t, err)
	must(t, s.KeepOpinion(ctx, call, calllog.RecordedMessage, opinion))
	if got := keptWords(t, s, call)[calllog.RecordedMessage]; got != (Words{}) {
		t.Errorf("a message that is gone: %+v", got)
	}

	w, _ := writeBehind(t, s)
	release := lockedBy(t, s)
	w.KeepWords(ctx, call, calllog.RecordedName, "Steve", false)
	w.KeepOpinion(ctx, call, calllog.RecordedName, opinion)
	release()
	w.Close()
	if got := keptWords(t, s, call)[calllog.RecordedName]; got.Opinion.Level != calllog.ScriptWarn {
		t.Errorf("behind the words: %+v", got)
	}
}
