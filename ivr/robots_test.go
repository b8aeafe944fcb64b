package ivr

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/prompts"
	"ringfence/screening"
)

// questionLength is how long the question and the tone take.
const questionLength = 5400 * time.Millisecond

func TestWhoTalksLikeARecording(t *testing.T) {
	const second = time.Second
	whole := Recording{Sound: Sound{Length: 10 * second}, Spoken: 9 * second, RunsOn: true}
	short := Recording{Sound: Sound{Length: 4 * second}, Spoken: 2 * second}
	for name, c := range map[string]struct {
		over Talk
		said Recording
		want calllog.WhySuspected
	}{
		"waits for the tone":                   {Talk{}, short, ""},
		"hello, hello":                         {Talk{Spoken: 2 * second, Run: second, Quiet: 2 * second}, short, ""},
		"talks over the beginning":             {Talk{Spoken: 3400 * second / 1000, Run: 3400 * second / 1000, Quiet: 3 * second / 2}, short, ""},
		"talks over the tone":                  {Talk{Spoken: 2 * second, Run: 2 * second}, short, ""},
		"begins late, and goes on to the tone": {Talk{Spoken: 3800 * second / 1000, Run: 3800 * second / 1000, Quiet: second / 2}, short, ""},
		"talks a lot, and hears the tone":      {Talk{Spoken: 4200 * second / 1000, Run: 4200 * second / 1000, Quiet: second}, short, ""},
		"talks through the question and tone":  {Talk{Spoken: 4800 * second / 1000, Run: 2 * second}, short, calllog.TalkedOverQuestion},
		"pauses at the tone":                   {Talk{Spoken: 4300 * second / 1000, Run: 2 * second, Quiet: second / 2}, short, calllog.TalkedOverQuestion},
		"ends what they say with a key":        {Talk{Spoken: 9 * second, Run: 9 * second}, Recording{Spoken: 4 * second, EndedByKey: true}, ""},
		"tells everything":                     {Talk{}, whole, calllog.TalkedOn},
		"ends within their time, by silence":   {Talk{}, Recording{Sound: Sound{Length: nameRecorded - nameSilence}, Spoken: 6 * second, RunsOn: true}, ""},
		"needs ten seconds":                    {Talk{}, Recording{Sound: Sound{Length: 10 * second}, Spoken: 9 * second}, ""},
		"is quiet, so Asterisk hears silence":  {Talk{}, Recording{Sound: Sound{Length: 2 * second}, Spoken: second, RunsOn: true}, ""},
	} {
		if got := suspicion(questionLength, c.over, c.said); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

// Whoever comes to an end within their ten seconds is no recorded call, even at the last moment: so much more is recorded as shows that.
func TestTheEndOfTheirTimeIsHeard(t *testing.T) {
	s := newScene()
	s.home.phone.keys = []rune{'1'}
	if got, err := s.play(); err != nil || s.caller.most != nameRecorded {
		t.Errorf("%v is recorded: %v\n%s", s.caller.most, err, got)
	}
}

// suspicious is a scene whose caller talks through the question and the tone.
func suspicious() *scene {
	s := newScene()
	s.memory.house.HumanCheck = screening.CheckSuspicious
	length := prompts.Duration("en-GB", prompts.AskName) + prompts.Duration("en-GB", prompts.Tone)
	s.caller.talks = []Talk{{Spoken: length, Run: length}}
	s.caller.says[0].Spoken = enough
	return s
}

// Whoever presses the key goes on as anybody; a robot does not.
func TestWhoIsSuspectedIsAskedForAKey(t *testing.T) {
	s := suspicious()
	if got, err := s.play(); err != nil || strings.Contains(got, "telephone rings") || !strings.Contains(got, "caller hears not-proven") ||
		!strings.Contains(got, "log: ended not-proven") {
		t.Errorf("a robot: %v\n%s", err, got)
	}
	s = suspicious()
	s.caller.reply = asksFor
	if got, err := s.play(); err != nil || !strings.Contains(got, "telephone hears call-from") {
		t.Errorf("a person: %v\n%s", err, got)
	}
	s = suspicious()
	s.caller.talks = nil
	s.caller.says = []Recording{{Sound: Sound{Media: "recording:name", Length: nameTime}, Spoken: nameTime, RunsOn: true}}
	if got, err := s.play(); err != nil || strings.Contains(got, "telephone rings") || !strings.Contains(got, "log: ended not-proven") {
		t.Errorf("a robot that waits for the tone: %v\n%s", err, got)
	}
}

// Where it can't be known how somebody talks, and where nobody has chosen to look for recordings, the call goes as it always did.
func TestNobodyIsSuspectedWithoutReason(t *testing.T) {
	for name, change := range map[string]func(*scene){
		"Asterisk cannot tell":  func(s *scene) { s.caller.deaf = errors.New("no such function") },
		"nothing was heard":     func(s *scene) { s.caller.talks = nil },
		"another value":         func(s *scene) { s.memory.house.HumanCheck = screening.CheckOff },
		"one that is not known": func(s *scene) { s.memory.house.HumanCheck = "fortress" },
		"the question was cut short": func(s *scene) {
			s.caller.keys = []rune{'#'}
		},
	} {
		s := suspicious()
		change(s)
		if got, err := s.play(); err != nil || strings.Contains(got, "prove-human") || !strings.Contains(got, "telephone hears call-from name") {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
}

// Whoever talks over the tone is asked once more, and if they say nothing or less then, the household hears what they said before.
func TestWhoTalksOverTheToneIsAskedOnceMore(t *testing.T) {
	hurried := func() *scene {
		s := suspicious()
		s.caller.talks = []Talk{{Spoken: 2 * time.Second, Run: 2 * time.Second}}
		s.caller.says[0].Spoken = time.Second
		return s
	}
	s := hurried()
	s.caller.says = append(s.caller.says, Recording{Sound: Sound{Media: "recording:again", Length: 3 * time.Second}, Spoken: 2 * time.Second})
	if got, err := s.play(); err != nil || !strings.Contains(got, "caller hears ask-name-again") || !strings.Contains(got, "telephone hears call-from again") {
		t.Errorf("%v\n%s", err, got)
	}
	s = hurried()
	got, err := s.play()
	if err != nil || !strings.Contains(got, "caller hears ask-name-again") || !strings.Contains(got, "telephone hears call-from said-") {
		t.Errorf("%v\n%s", err, got)
	}
	s = hurried()
	s.caller.says[0].Spoken = 2 * time.Second
	s.caller.says = append(s.caller.says, Recording{Sound: Sound{Media: "recording:hello", Length: time.Second}, Spoken: time.Second})
	if got, err := s.play(); err != nil || !strings.Contains(got, "telephone hears call-from said-") || strings.Count(got, "kept: name") != 1 {
		t.Errorf("%v\n%s", err, got)
	}
	s = hurried()
	s.caller.says[0].Spoken = enough
	if got, err := s.play(); err != nil || strings.Contains(got, "ask-name-again") || !strings.Contains(got, "telephone hears call-from name") {
		t.Errorf("%v\n%s", err, got)
	}
}
