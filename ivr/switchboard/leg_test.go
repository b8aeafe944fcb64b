package switchboard

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"ringfence/ivr"
	"ringfence/sound"
)

const atMost = 10 * time.Second

// leg is a leg in Stasis whose sounds and recordings end as soon as they have begun.
func (a *fakeAsterisk) leg(id string, grace time.Duration) *leg {
	l := a.newLeg(id, grace)
	a.add(l)
	l.onStasis("PJSIP/" + id)
	ends := func(what, at string) func(request) string {
		return func(request) string {
			a.sends(fmt.Sprintf(`{"type":%q,%q:{"target_uri":"channel:%s"}}`, what, at, id))
			return "{}"
		}
	}
	a.answerBy("POST channels/"+id+"/play/"+id+"-sound", ends("PlaybackFinished", "playback"))
	a.answerBy("POST channels/"+id+"/record", ends("RecordingFinished", "recording"))
	a.answer("GET recordings/stored/"+id+"-said/file", string(sound.WAV(8000, make([]byte, 16000))))
	return l
}

// deadline is after how many seconds Asterisk takes a channel back, as it was told last.
func (a *fakeAsterisk) deadline(channel string) int {
	a.t.Helper()
	last := 0
	for _, set := range a.asked("POST channels/" + channel + "/variable") {
		if set["variable"] == "TIMEOUT(absolute)" {
			seconds, err := strconv.Atoi(set["value"].(string))
			if err != nil {
				a.t.Error(err)
			}
			last = seconds
		}
	}
	return last
}

// Before each step with a leg Asterisk is told when to take it back. Nobody is then in silence for more than 20 s, and the telephone that a
// caller waits for goes first.
func TestDeadlines(t *testing.T) {
	a := newFakeAsterisk(t)
	ctx := t.Context()
	tune := ivr.Sound{Media: "sound:tune", Length: atMost}
	for name, c := range map[string]struct {
		grace time.Duration
		step  func(l *leg) error
		want  int
	}{
		"a caller is answered":              {callerGrace, func(l *leg) error { return l.Answer(ctx) }, 9},
		"a caller hears ringing":            {callerGrace, func(l *leg) error { return l.Ring(ctx, time.Minute) }, 75},
		"a caller whom telephones ring for": {callerGrace, func(l *leg) error { l.rungFor = time.Now().Add(time.Minute); return l.Ring(ctx, time.Second) }, 60},
		"a caller hears a sound":            {callerGrace, func(l *leg) error { return l.Play(ctx, tune) }, 18},
		"a telephone hears a sound":         {telephoneGrace, func(l *leg) error { return l.Play(ctx, tune) }, 16},
		"a telephone waits for words":       {telephoneGrace, func(l *leg) error { return l.Stay(ctx, 2*time.Second) }, 8},
		"a name is recorded":                {callerGrace, func(l *leg) error { _, err := l.Record(ctx, ivr.RecordSpec{Max: atMost}); return err }, 18},
		"and whether it has ended":          {callerGrace, func(l *leg) error { _, err := l.Record(ctx, ivr.RecordSpec{Max: atMost + sound.LastPart}); return err }, 18},
		"a telephone is to press":           {telephoneGrace, func(l *leg) error { l.onKey("1"); _, err := l.Ask(ctx, "1", 7*time.Second); return err }, 13},
		"while telephones ring":             {callerGrace, func(l *leg) error { l.rungFor = time.Now().Add(time.Minute); return l.allow(ctx, time.Second) }, 60},
		"when they ring hardly more":        {callerGrace, func(l *leg) error { l.rungFor = time.Now().Add(time.Second); return l.allow(ctx, atMost) }, 18},
	} {
		l := a.leg(strconv.Itoa(len(a.requests)), c.grace)
		if err := c.step(l); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := a.deadline(l.id); got != c.want {
			t.Errorf("%s: it is taken back after %d s, not %d", name, got, c.want)
		}
	}
	if ringGrace <= telephoneGrace {
		t.Error("the house would ring again while somebody listens to an announcement")
	}
}

// Asterisk knows no events of a caller who has just hung up. That is a hang-up, and no fault for which the house would ring.
func TestGoneBeforeAMessageAndBeforeATalk(t *testing.T) {
	a := newFakeAsterisk(t)
	a.answer("POST applications/ringfence/subscription", noSuch)
	caller, phone := a.leg("1.1", callerGrace), a.leg("1.2", telephoneGrace)
	if _, err := caller.Record(t.Context(), ivr.RecordSpec{Unattended: ivr.LeaveMessage}); !errors.Is(err, ivr.ErrGone) {
		t.Errorf("before a message: %v", err)
	}
	if err := a.Talk(t.Context(), caller, phone); !errors.Is(err, ivr.ErrGone) {
		t.Errorf("before they talk: %v", err)
	}
}

// When Asterisk can write no more, it reports an ordinary end of the recording, too soon for the silence that ends one: then it is not taken
// for all that somebody has said. The key that ends a recording may come at any time.
func TestARecordingThatEndsTooSoon(t *testing.T) {
	spec := ivr.RecordSpec{Max: atMost, Silence: 2 * time.Second, EndKey: "#"}
	for name, ends := range map[string]bool{"by itself": false, "by the key": true} {
		a := newFakeAsterisk(t)
		l := a.leg("1.1", callerGrace)
		recorded := a.answers["POST channels/1.1/record"]
		a.answerBy("POST channels/1.1/record", func(r request) string {
			if ends {
				a.sends(`{"type":"ChannelDtmfReceived","digit":"#","channel":{"id":"1.1"}}`)
			}
			return recorded(r)
		})
		if _, err := l.Record(t.Context(), spec); (err == nil) != ends {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A key counts only if it was asked for, and stops the sound.
func TestKeysDuringASound(t *testing.T) {
	a := newFakeAsterisk(t)
	l := a.leg("1.1", telephoneGrace)
	a.answerBy("POST channels/1.1/play/1.1-sound", func(request) string {
		a.sends(`{"type":"ChannelDtmfReceived","digit":"9","channel":{"id":"1.1"}}`)
		a.sends(`{"type":"ChannelDtmfReceived","digit":"2","channel":{"id":"1.1"}}`)
		return "{}"
	})
	a.answerBy("DELETE playbacks/1.1-sound", func(request) string {
		a.sends(`{"type":"PlaybackFinished","playback":{"target_uri":"channel:1.1"}}`)
		return "{}"
	})
	key, err := l.Ask(t.Context(), "12", time.Second, ivr.Sound{Media: "sound:choices", Length: atMost})
	if key != '2' || err != nil {
		t.Errorf("%q, %v", key, err)
	}
	if typed := l.Pressed(); typed != "92" || l.Pressed() != "" {
		t.Errorf("pressed were %q", typed)
	}
}

// Somebody who leans on the keys fills no memory.
func TestLeaningOnTheKeys(t *testing.T) {
	a := newFakeAsterisk(t)
	l := a.leg("1.1", callerGrace)
	for range 10 * typedMost {
		a.sends(`{"type":"ChannelDtmfReceived","digit":"7","channel":{"id":"1.1"}}`)
	}
	if n := len(l.Pressed()); n != typedMost {
		t.Errorf("%d keys are remembered", n)
	}
	if _, err := l.Ask(t.Context(), "7", 0); err == nil {
		t.Error("a key from before is taken for an answer")
	}
}

// A leg that we hand to the dialplan has not hung up; one that leaves by itself has.
func TestWhoHasHungUp(t *testing.T) {
	for name, c := range map[string]struct {
		hand bool
		gone bool
	}{"handed on": {true, false}, "left by itself": {false, true}} {
		a := newFakeAsterisk(t)
		call, end := context.WithCancel(t.Context())
		l := a.leg("1.1", callerGrace)
		l.onLeave = end
		if c.hand {
			if err := l.SendAway(t.Context(), ""); err != nil {
				t.Error(err)
			}
			if a.wentTo("1.1") != "turn-away" {
				t.Errorf("sent away to %q", a.wentTo("1.1"))
			}
		}
		a.sends(`{"type":"StasisEnd","channel":{"id":"1.1"}}`)
		if (call.Err() != nil) != c.gone {
			t.Errorf("%s: gone is %v", name, call.Err() != nil)
		}
		end()
	}
}

// Where Asterisk does not take a leg, the script still has it, and the call can go back to the dialplan.
func TestALegThatIsNotTaken(t *testing.T) {
	a := newFakeAsterisk(t)
	l := a.leg("1.1", callerGrace)
	a.answer("POST channels/1.1/continue", noSuch)
	if err := l.SendAway(t.Context(), ""); err == nil || !l.here() {
		t.Errorf("%v, and it is here: %v", err, l.here())
	}
}

// Most people end a message by hanging up, which ends their script's context. What they have said is fetched all the same.
func TestWhatWasSaidIsFetchedAfterTheHangup(t *testing.T) {
	a := newFakeAsterisk(t)
	l := a.leg("1.1", callerGrace)
	ctx, leave := context.WithCancelCause(t.Context())
	leave(ivr.ErrGone)
	l.recordedAs(ctx, "1.1-said")
	if said, err := l.collect(ctx, ivr.ErrGone); !errors.Is(err, ivr.ErrGone) || said.WAV == nil {
		t.Errorf("%d bytes, %v", len(said.WAV), err)
	}
}
