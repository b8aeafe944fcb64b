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

// asksFor is the key that the human check has asked for.
func asksFor(sounds []Sound) rune {
	for _, d := range digits {
		if len(sounds) > 0 && sounds[len(sounds)-1].Media == "sound:en-GB/"+string(d.name) {
			return d.key
		}
	}
	return 0
}

// A recording that presses the same key each time fails nine times in ten, and a person never does.
func TestHumanCheckOver200Calls(t *testing.T) {
	const calls = 200
	passes := func(reply func([]Sound) rune) (passed int) {
		for range calls {
			s := newScene()
			s.memory.house.HumanCheck = screening.CheckAlways
			s.caller.reply = reply
			got, err := s.play()
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(got, "telephone hears call-from") {
				passed++
			} else if !strings.Contains(got, "caller hears not-proven") || !strings.Contains(got, "log: ended not-proven") {
				t.Fatalf("who fails hears\n%s", got)
			}
		}
		return passed
	}
	// With one chance in ten, 200 calls pass 20 times, and 45 times once in ten million runs.
	if n := passes(func([]Sound) rune { return '7' }); n > 45 {
		t.Errorf("a recording that always presses 7 has passed %d times in %d", n, calls)
	}
	if n := passes(asksFor); n != calls {
		t.Errorf("a person has passed %d times in %d", n, calls)
	}
	if n := passes(func([]Sound) rune { return 0 }); n != 0 {
		t.Errorf("who presses nothing has passed %d times", n)
	}
	drawn := map[rune]bool{}
	passes(func(sounds []Sound) rune { drawn[asksFor(sounds)] = true; return asksFor(sounds) })
	if len(drawn) < len(digits) { // each digit is left out of 200 calls once in a billion runs
		t.Errorf("of ten keys only %d were asked for", len(drawn))
	}
}

// The second chance is for the same key: another would double the chances of a recording.
func TestHumanCheckAsksTwiceForTheSameKey(t *testing.T) {
	s := newScene()
	s.memory.house.HumanCheck = screening.CheckAlways
	var asked []rune
	s.caller.reply = func(sounds []Sound) rune {
		key := asksFor(sounds)
		if key == 0 {
			return 0 // still the question who it is
		}
		if asked = append(asked, key); len(asked) == 1 {
			return '#'
		}
		return key
	}
	if got, _ := s.play(); len(asked) != 2 || asked[0] != asked[1] || !strings.Contains(got, "telephone hears call-from") {
		t.Errorf("asked for %q\n%s", asked, got)
	}
}

func TestPassCodes(t *testing.T) {
	for typed, want := range map[string]struct {
		tried int
		rings bool
	}{
		"471100#": {1, true}, "471100": {1, true}, "9999#471100#": {2, true}, "1#2#": {0, false}, "": {0, false},
		"1111#2222#3333#471100#": {codeTries, false}, "12345678901234567": {0, false},
	} {
		s := newScene()
		s.caller.typed = typed
		got, err := s.play()
		rang := strings.Contains(got, `telephone rings for "Ward 7"`) && strings.Contains(got, "they talk") && !strings.Contains(got, "call-from")
		if err != nil || rang != want.rings || s.memory.codes != want.tried {
			t.Errorf("%q: %d tried, rings: %v, %v\n%s", typed, s.memory.codes, rang, err, got)
		}
	}
}

// The caller hears ringing, and after 45 s is offered to leave a message. Whoever picks up during the offer has the call.
func TestMessageIsOffered(t *testing.T) {
	for after, want := range map[time.Duration]string{
		10 * time.Second: "telephone hears call-from", 50 * time.Second: "telephone hears call-from", 0: "caller hears leave-message",
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene()
			s.home.after = after
			if after == 0 {
				s.home.after = time.Hour
				s.caller.reply = func(sounds []Sound) rune {
					if sounds[0].Media == "sound:en-GB/"+string(prompts.OfferMessage) {
						return '1'
					}
					return 0
				}
			}
			got, err := s.play()
			if offered := strings.Contains(got, "offer-message"); err != nil || !strings.Contains(got, want) || offered != (after != 10*time.Second) {
				t.Errorf("picked up after %s: %v\n%s", after, err, got)
			}
		})
	}
}

// What the offer has asked of Asterisk is waited for when somebody picks up, so that its deadline is not set after that of the announcement.
func TestOfferIsCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene()
		s.home.after = offerAfter + time.Second
		var cut error
		s.caller.onRecord = func(int) {
			s.caller.waits = func(ctx context.Context) { <-ctx.Done(); cut = context.Cause(ctx) }
		}
		if got, err := s.play(); err != nil || !strings.Contains(got, "telephone hears call-from") || !errors.Is(cut, ErrInterrupted) {
			t.Errorf("%v, %v\n%s", err, cut, got)
		}
	})
}

func TestNoRoomForAMessage(t *testing.T) {
	s := newScene()
	s.memory.house.Mode = screening.KnownOnly
	s.memory.full = true
	if got, err := s.play(); err != nil || !strings.Contains(got, "caller hears known-only box-full") || strings.Contains(got, "recorded") {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestSecondCall(t *testing.T) {
	for name, c := range map[string]struct {
		use   Use
		known bool
		want  string
	}{
		"an unknown caller":         {Talking, false, "caller hears on-another-call leave-message"},
		"a contact":                 {Talking, true, "telephone hears waiting another-call"},
		"while the household dials": {Calling, true, "telephone hears waiting\n"},
		"during a call for help":    {Helped, true, "caller hears on-another-call leave-message"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene()
			s.home.use = c.use
			if c.known {
				s.memory.known.Contact = &screening.Contact{Name: "Daughter"}
			}
			got, err := s.play()
			if err != nil || !strings.Contains(got, c.want) || strings.Contains(got, "telephone rings") {
				t.Errorf("%s: %v\n%s", name, err, got)
			}
			if c.use == Helped && strings.Contains(got, "telephone hears") {
				t.Errorf("a sound of ours went into a call for help:\n%s", got)
			}
		})
	}
}

// Who rings back at the moment when a call for help ends gets through.
func TestRingsBackAsACallForHelpEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene()
		s.home.use, s.home.free = Helped, time.Now().Add(300*time.Millisecond)
		s.memory.known.Contact = &screening.Contact{Name: "Daughter"}
		if got, err := s.play(); err != nil || !strings.Contains(got, "telephone rings") || strings.Contains(got, "on-another-call") {
			t.Errorf("%v\n%s", err, got)
		}
	})
}

// Only one caller waits; *2 takes them, and then there is nobody.
func TestLobby(t *testing.T) {
	s := newScene()
	w, alone := s.screener.lobby.enter("home", s.caller, newInbox())
	if _, second := s.screener.lobby.enter("home", s.caller, newInbox()); !alone || second {
		t.Error("two callers wait")
	}
	take := KeyInCall{Household: "home", Channel: "1.1", What: "take", Telephone: s.home.phone}
	if err := s.screener.OnKeyInCall(t.Context(), take); err != nil {
		t.Error(err)
	}
	select {
	case <-w.taken:
	default:
		t.Error("the caller was not told")
	}
	if s.screener.lobby.leave("home", w) {
		t.Error("the caller still waits")
	}
	if err := s.screener.OnKeyInCall(t.Context(), take); err != nil || !strings.Contains(s.did.String(), "telephone hears nobody-waiting") {
		t.Errorf("%v\n%s", err, s.did)
	}
}

func TestKeysOfTheConversation(t *testing.T) {
	for what, want := range map[string]string{
		"keep": "allowed: +442079460999\ntelephone hears now-allowed",
		"away": "blocked and reported: +442079460999\nnotice: sent-away\nlog: ended sent-away\ntelephone hears sent-away",
	} {
		s := newScene()
		err := s.screener.OnKeyInCall(t.Context(), KeyInCall{Household: "home", Channel: "1.1", What: what, Telephone: s.home.phone})
		if got := s.did.String(); err != nil || got != want {
			t.Errorf("%s: %v\n%s", what, err, got)
		}
		s = newScene()
		s.home.phone.gone = 1 // put down at once: done all the same
		err = s.screener.OnKeyInCall(t.Context(), KeyInCall{Household: "home", Channel: "1.1", What: what, Telephone: s.home.phone})
		if got := s.did.String(); err != nil || !strings.Contains(got, strings.SplitN(want, "\n", 2)[0]) {
			t.Errorf("%s, and put down: %v\n%s", what, err, got)
		}
	}
}

// A number that is never blocked was shown falsely by whoever is sent away: it is neither blocked nor reported, nor made a contact.
func TestKeysForAnOfficialNumber(t *testing.T) {
	for what, want := range map[string]string{
		"away": "notice: sent-away\nlog: ended sent-away\ntelephone hears sent-away-official",
		"keep": "telephone hears official-not-kept",
	} {
		s := newScene()
		s.memory.caller = "101"
		err := s.screener.OnKeyInCall(t.Context(), KeyInCall{Household: "home", Channel: "1.1", What: what, Telephone: s.home.phone})
		if got := s.did.String(); err != nil || got != want {
			t.Errorf("%s: %v\n%s", what, err, got)
		}
	}
	for code, want := range map[string]string{"block-last": "official-not-blocked", "allow-last": "official-not-kept"} {
		s := newScene()
		s.memory.caller = "101"
		if got, err := s.dial(t, code); err != nil || !strings.Contains(got, "telephone hears "+want) || strings.Contains(got, "blocked: ") || strings.Contains(got, "allowed: ") {
			t.Errorf("%s: %v\n%s", code, err, got)
		}
	}
}

// A contact who is sent away in the conversation, by mistake perhaps, is not blocked.
func TestStarSevenForAContact(t *testing.T) {
	s := newScene()
	s.memory.known.Contact = &screening.Contact{Name: "Daughter"}
	err := s.screener.OnKeyInCall(t.Context(), KeyInCall{Household: "home", Channel: "1.1", What: "away", Telephone: s.home.phone})
	if got := s.did.String(); err != nil || got != "not blocked: +442079460999\nnotice: sent-away\nlog: ended sent-away\ntelephone hears sent-away-contact" {
		t.Errorf("%v\n%s", err, got)
	}
}

// Nor is one who was the last caller, unless the household says so once more.
func TestBlockingAContact(t *testing.T) {
	for key, want := range map[rune]string{
		'1': "not blocked: +442079460999\ntelephone hears block-contact\nblocked: +442079460999\ntelephone hears now-blocked\n",
		0:   "not blocked: +442079460999\ntelephone hears block-contact\ntelephone hears goodbye\n",
	} {
		s := newScene()
		s.memory.known.Contact = &screening.Contact{Name: "Daughter"}
		s.home.phone.keys = []rune{key}
		if got, err := s.dial(t, "block-last"); err != nil || !strings.Contains(got, want) || strings.HasPrefix(got, "not blocked") {
			t.Errorf("key %q: %v\n%s", key, err, got)
		}
	}
}
