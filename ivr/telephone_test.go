package ivr

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// dial lets the telephone dial a code.
func (s *scene) dial(t *testing.T, code string) (string, error) {
	err := s.screener.OnCodeDialled(t.Context(), DialledCode{Household: "home", Code: code, Telephone: s.home.phone})
	return s.did.String(), err
}

// A telephone that is put down at any step of any code: serving it ends, and nothing hangs. Keys are pressed, or not.
func TestTelephoneGoneAtEveryStepOfEveryCode(t *testing.T) {
	codes := Codes()
	codes = append(codes, Code{Name: "unknown"})
	for _, code := range codes {
		for _, key := range "0123*" {
			for at := 1; at < 100; at++ {
				s := newScene()
				s.home.phone.reply = func([]Sound) rune { return key }
				s.home.phone.says = slices.Repeat([]Recording{{Spoken: time.Second}}, 50)
				s.home.phone.gone = at
				got, err := s.dial(t, code.Name)
				if err != nil {
					t.Fatalf("%s, key %c, put down at step %d: %v\n%s", code.Name, key, at, err, got)
				}
				if !strings.Contains(got, "telephone gone") {
					break
				}
			}
		}
	}
}

// Whatever the store cannot do, the household hears that something went wrong, and the operator is told.
func TestCodesWhenTheStoreFails(t *testing.T) {
	for _, code := range Codes() {
		if code.Name == "test-call" { // needs no store
			continue
		}
		s := newScene()
		s.memory.err = errors.New("disk full")
		s.home.phone.reply = func([]Sound) rune { return '3' }
		got, err := s.dial(t, code.Name)
		if err == nil || !strings.Contains(got, "telephone hears something-wrong") || !strings.HasSuffix(got, "telephone hung up") {
			t.Errorf("%s: %v\n%s", code.Name, err, got)
		}
	}
}

// The mode that is said is the one that holds.
func TestModeThatHolds(t *testing.T) {
	// It is midnight at the beginning of 1970, a Thursday.
	night := []screening.Span{{Days: screening.Daily, From: 0, To: 7 * 60, Mode: screening.KnownOnly}}
	for name, c := range map[string]struct {
		times screening.Times
		want  string
	}{
		"as always":          {screening.Times{}, "mode-ask press-for-next\nmode: known-only"},
		"for a while":        {screening.Times{Temporary: screening.Off, TemporaryUntil: time.Unix(3600, 0)}, "mode-off press-for-next\nmode: ask"},
		"no longer":          {screening.Times{Temporary: screening.Off, TemporaryUntil: time.Unix(-1, 0)}, "mode-ask press-for-next\nmode: known-only"},
		"by the schedule":    {screening.Times{Week: night}, "mode-known-only press-for-next\nmode: block-only"},
		"not by an off hour": {screening.Times{Week: []screening.Span{{Days: screening.Daily, From: 60, To: 120, Mode: screening.Off}}}, "mode-ask press-for-next\nmode: known-only"},
		"every call rings":   {screening.Times{Temporary: screening.Watch, TemporaryUntil: time.Unix(3600, 0)}, "mode-watch press-for-next\nmode: ask"},
	} {
		s := newScene()
		s.screener.Lines = NewLines(map[string]screening.Line{"home": {Region: "GB", Language: "en-GB", Zone: time.UTC}})
		s.memory.house.Times = c.times
		s.home.phone.keys = []rune{'1'}
		if got, err := s.dial(t, "mode"); err != nil || !strings.HasPrefix(got, "telephone hears "+c.want) {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
}

func TestCodesWithoutALastCaller(t *testing.T) {
	for _, code := range []string{"last-caller", "block-last", "allow-last"} {
		s := newScene()
		s.memory.nobody = true
		if got, err := s.dial(t, code); err != nil || got != "telephone hears nothing-to-do\ntelephone hung up" {
			t.Errorf("%s: %v\n%s", code, err, got)
		}
	}
}

func TestNothingSaidIsNoGreeting(t *testing.T) {
	s := newScene()
	s.home.phone.keys = []rune{'2'}
	s.home.phone.says = []Recording{{Spoken: 100 * time.Millisecond}}
	if got, err := s.dial(t, "greeting"); err != nil || !strings.Contains(got, "telephone hears nothing-heard") || strings.Contains(got, "own ") {
		t.Errorf("%v\n%s", err, got)
	}
}

// Each reason that a verdict can have has words for the household.
func TestEveryReasonCanBeSpoken(t *testing.T) {
	for _, code := range screening.Codes() {
		if _, known := why[code]; !known {
			t.Errorf("a household cannot be told of the reason %s", code)
		}
	}
}

func TestOutgoingCallsThatAreWarnedOf(t *testing.T) {
	listed := screening.Knowledge{Entries: []screening.Entry{{List: "parish", Confidence: 0.9}}}
	for name, c := range map[string]struct {
		number string
		known  screening.Knowledge
		key    rune
		goes   bool
		hears  string
	}{
		"an honest number":           {"02079460123", screening.Knowledge{}, 0, true, ""},
		"a contact on a list":        {"02079460123", screening.Knowledge{Contact: &screening.Contact{}, Entries: listed.Entries}, 0, true, ""},
		"a listed one":               {"02079460666", listed, 0, false, "warn-dial-scam"},
		"a listed one, all the same": {"02079460666", listed, '1', true, "warn-dial-scam"},
		"a blocked one":              {"02079460666", screening.Knowledge{Block: &screening.Block{}}, 0, false, "warn-dial-scam"},
		"little evidence":            {"02079460666", screening.Knowledge{Entries: []screening.Entry{{Confidence: 0.1}}}, 0, true, ""},
		"premium rate":               {"09098790123", screening.Knowledge{}, 0, false, "warn-dial-premium"},
		"a short number":             {"1471", screening.Knowledge{}, 0, true, ""},
	} {
		s := newScene()
		s.memory.known = c.known
		s.home.phone.reply = func([]Sound) rune { return c.key }
		goes, err := s.screener.MayCallOut(t.Context(), OutgoingCall{Household: "home", Number: c.number, Telephone: s.home.phone})
		if got := s.did.String(); err != nil || goes != c.goes || !strings.Contains(got, c.hears) || c.hears == "" && got != "" {
			t.Errorf("%s: goes %v, %v\n%s", name, goes, err, got)
		}
	}
	s := newScene()
	s.memory.err = fmt.Errorf("disk full")
	if goes, err := s.screener.MayCallOut(t.Context(), OutgoingCall{Household: "home", Number: "02079460666", Telephone: s.home.phone}); !goes || err == nil {
		t.Error("a fault of the store keeps the household from dialling")
	}
}

func TestWhatTheHouseholdRings(t *testing.T) {
	for number, want := range map[string]string{
		"02079460123": "dialled: +442079460123", "09098790123": "", "0033123456789": "", "1471": "dialled: 1471",
	} {
		for _, on := range []bool{true, false} {
			s := newScene()
			s.memory.house.RingDialled = on
			err := s.screener.OnDialplanReport(t.Context(), DialplanReport{Household: "home", Number: number})
			if got := s.did.String(); err != nil || on && got != want || !on && got != "" {
				t.Errorf("%s, switched on %v: %v %q", number, on, err, got)
			}
		}
	}
}
