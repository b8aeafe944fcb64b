package switchboard

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/ivr"
)

// Asterisk reports the end of talk after a pause, which is not talk.
func TestTalkIsMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := (&Switchboard{}).newLeg("1.1", callerGrace)
		until := func() ivr.Talk { return l.talking.until(time.Now()) }
		if got := until(); got != (ivr.Talk{}) {
			t.Errorf("before any talk: %+v", got)
		}
		l.onTalkingFinished() // of talk that began before anybody listened
		l.onTalkingStarted()
		time.Sleep(2 * time.Second)
		if got := until(); got != (ivr.Talk{Spoken: 2 * time.Second, Run: 2 * time.Second}) {
			t.Errorf("while they talk: %+v", got)
		}
		time.Sleep(talkPause)
		l.onTalkingFinished()
		time.Sleep(time.Second)
		if got := until(); got != (ivr.Talk{Spoken: 2 * time.Second, Run: 2 * time.Second, Quiet: time.Second + talkPause}) {
			t.Errorf("after it: %+v", got)
		}
		l.onTalkingStarted()
		time.Sleep(time.Second)
		if got := until(); got != (ivr.Talk{Spoken: 3 * time.Second, Run: time.Second}) {
			t.Errorf("when they talk again: %+v", got)
		}
	})
}

// Asterisk listens during the question, and no longer; and what it heard before is forgotten.
func TestAsteriskListensDuringTheQuestion(t *testing.T) {
	a := newFakeAsterisk(t)
	l := a.leg("1.1", callerGrace)
	a.sends(`{"type":"ChannelTalkingStarted","channel":{"id":"1.1"}}`)
	if err := l.HearTalk(t.Context()); err != nil {
		t.Fatal(err)
	}
	if talk := l.Talked(t.Context()); talk != (ivr.Talk{}) {
		t.Errorf("%+v", talk)
	}
	if err := l.HearTalk(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.sends(`{"type":"ChannelTalkingStarted","channel":{"id":"1.1"}}`)
	a.sends(`{"type":"ChannelTalkingFinished","channel":{"id":"1.1"},"duration":900}`)
	if talk := l.Talked(t.Context()); talk.Quiet == 0 {
		t.Errorf("%+v", talk)
	}
	var set []any
	for _, asked := range a.asked("POST channels/1.1/variable") {
		set = append(set, asked["variable"])
	}
	if len(set) != 4 || set[0] != "TALK_DETECT(set)" || set[1] != "TALK_DETECT(remove)" {
		t.Errorf("Asterisk was asked for %v", set)
	}
	a.answer("POST channels/1.1/variable", gone)
	if err := l.HearTalk(t.Context()); !errors.Is(err, ivr.ErrGone) {
		t.Error(err)
	}
}
