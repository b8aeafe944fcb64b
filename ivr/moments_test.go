package ivr

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ringfence/prompts"
	"ringfence/screening"
)

// Somebody in a hurry cuts the question short with "#". They hear the tone all the same, or they would not know when to speak.
func TestHashCutsTheQuestionShort(t *testing.T) {
	s := newScene()
	s.caller.keys = []rune{'#'}
	got, err := s.play()
	if err != nil || !strings.Contains(got, "caller hears ask-name tone\ncaller hears tone\ncaller is recorded") {
		t.Errorf("%v\n%s", err, got)
	}
}

// offered has the caller press a key at the offer to leave a message, or none.
func (s *scene) offered(key rune) {
	s.caller.reply = func(sounds []Sound) rune {
		if sounds[0].Media == "sound:en-GB/"+string(prompts.OfferMessage) {
			return key
		}
		return 0
	}
}

// Whoever does not take the offer hears ringing again, for as long as the telephones ring. Nobody picks up here, because they would hear ringing during the
// announcement as well.
func TestRingingGoesOnAfterTheOffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene()
		s.home.after, s.home.err = offerAfter+5*time.Second, ErrNoAnswer
		s.offered(0)
		got, err := s.play()
		if err != nil || !strings.Contains(got, "caller hears offer-message\ncaller hears ringing\n") || strings.Count(got, "telephone rings") != 1 {
			t.Errorf("%v\n%s", err, got)
		}
	})
}

// quickHome is a home where somebody picks up at the moment at which the telephones are told to stop.
type quickHome struct{ *fakeHome }

func (h quickHome) Ring(ctx context.Context, spec RingSpec) (Leg, error) {
	if h.rings != nil {
		h.rings(spec)
	}
	spec.begin(ctx)
	<-ctx.Done()
	h.did.add("telephone picked up")
	return h.phone, nil
}

// Nobody announces a contact: whoever picks up as they hang up is told so too.
func TestPickedUpAsAContactHangsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene()
		s.screener.Telephones = quickHome{s.home}
		s.memory.known.Contact = &screening.Contact{ID: 1, Name: "Daughter"}
		s.home.rings = func(RingSpec) {
			s.caller.gone = 1
			_ = s.caller.step(t.Context())
		}
		got, err := s.play()
		if err != nil || !strings.HasSuffix(got, "caller gone\ntelephone picked up\ntelephone hears caller-gone\ntelephone hung up\nlog: ended caller-gone") {
			t.Errorf("%v\n%s", err, got)
		}
	})
}

// Whoever picks up as the caller presses 1 has the call: they must not stand at a telephone with nobody on it.
func TestPickedUpAsTheCallerPressesOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene()
		s.screener.Telephones = quickHome{s.home}
		s.offered('1')
		s.home.phone.keys = []rune{'1'}
		got, err := s.play()
		if err != nil || strings.Contains(got, "leave-message") ||
			!strings.Contains(got, "caller hears offer-message\ntelephone picked up\n") || !strings.HasSuffix(got, "they talk\nlog: ended accepted") {
			t.Errorf("%v\n%s", err, got)
		}
	})
}

// If the caller has hung up at the offer, or after it, whoever picks up at that moment does not stand at a telephone with nobody on it.
func TestPickedUpAsTheCallerHangsUp(t *testing.T) {
	for name, c := range map[string]struct {
		heard prompts.ID // the last that the caller hears
		steps int        // and those that they are still there for
		told  string
	}{
		"at the offer": {prompts.PleaseHold, 1, "telephone hears caller-gone\n"},
		"after it":     {prompts.OfferMessage, 1, ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene()
			s.screener.Telephones = quickHome{s.home}
			s.caller.onHear = func(words string) {
				if words == string(c.heard) {
					s.caller.gone = s.caller.steps + c.steps
				}
			}
			got, err := s.play()
			if err != nil || !strings.HasSuffix(got, "caller gone\ntelephone picked up\n"+c.told+"telephone hung up\nlog: ended caller-gone") {
				t.Errorf("%s: %v\n%s", name, err, got)
			}
		})
	}
}

// leavingMemory has the caller hang up while the store looks for room for a message.
type leavingMemory struct {
	*stepMemory
	hangUp func()
}

func (m leavingMemory) RoomForMessage(ctx context.Context, _ string) (bool, error) {
	m.hangUp()
	return false, ctx.Err()
}

// A caller who hangs up just before they could leave a message has hung up: the log says neither that there was no room nor that a message
// was lost.
func TestCallerGoneBeforeAMessage(t *testing.T) {
	s := newScene()
	s.home.err = ErrNoAnswer
	memory := &stepMemory{fakeMemory: s.memory}
	s.screener.CallLog, s.screener.Recordings = memory, leavingMemory{memory, func() { s.caller.onEnd() }}
	got, err := s.play()
	steps := strings.Join(memory.steps, ", ")
	if err != nil || !strings.HasSuffix(got, "log: ended caller-gone") || strings.Contains(steps, "no-room") || strings.Contains(steps, "fault") {
		t.Errorf("%v, %s\n%s", err, steps, got)
	}
}

// Most people end a message by hanging up: what they have said is kept, and the carers are told. Who hangs up without a word has left none.
func TestCallerGoneDuringAMessage(t *testing.T) {
	for spoken, want := range map[time.Duration]string{
		3 * time.Second:  "leave-message\ncaller gone\nkept: message\nnotice: message-left\nlog: ended message-left",
		leastSpoken - 1:  "leave-message\ncaller gone\nlog: ended nobody-home",
		time.Duration(0): "leave-message\ncaller gone\nlog: ended nobody-home",
	} {
		s := newScene()
		s.home.err = ErrNoAnswer
		s.caller.says = append(s.caller.says, Recording{Spoken: spoken})
		s.caller.onHear = func(words string) {
			if strings.HasSuffix(words, "leave-message") {
				s.caller.gone = s.caller.steps + 1
			}
		}
		got, err := s.play()
		if err != nil || !strings.HasSuffix(got, want) {
			t.Errorf("%s were spoken: %v\n%s", spoken, err, got)
		}
	}
}

// The telephones ring while a caller in whom nothing is suspicious is told to hold; whoever hangs up meanwhile stops them. If the caller cannot be told,
// they ring on.
func TestTelephonesRingWhileTheCallerIsToldToHold(t *testing.T) {
	const rings = "telephone rings for \"Screened\" \"020 7946 0999\"\n"
	for name, c := range map[string]struct {
		change func(*scene)
		want   string
	}{
		"nothing suspicious": {func(*scene) {}, rings + "caller hears please-hold\n"},
		"nothing plays until they ring": {
			func(s *scene) { s.caller.onStay = func(next time.Duration) { s.did.add("caller stays for %v", next) } },
			"kept: name\ncaller stays for 3.6s\n" + rings,
		},
		"a list warns": {
			func(s *scene) { s.forged = true }, "caller hears please-hold\ncaller hears ringing\n" + rings,
		},
		"hangs up": {
			func(s *scene) {
				s.caller.onHear = func(words string) {
					if words == string(prompts.PleaseHold) {
						s.caller.onEnd()
					}
				}
			}, rings + "caller hears please-hold\nthe telephone stops ringing\nlog: ended caller-gone",
		},
		"cannot be told": {
			func(s *scene) { s.caller.mute = errors.New("no such sound") },
			rings + "caller hears please-hold\ncaller hears ringing\ncaller hears ringing\ntelephone hears call-from name choices\n",
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene()
			c.change(s)
			if got, err := s.play(); err != nil || !strings.Contains(got, c.want) {
				t.Errorf("%s: %v\n%s", name, err, got)
			}
		})
	}
}
