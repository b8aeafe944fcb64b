package ivr

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"ringfence/calllog"
	"ringfence/screening"
)

// atStep lets a carer press keys on the page once a call has come to a step. It returns what became of each.
func (s *scene) atStep(t *testing.T, step string, keys ...calllog.CarerKey) *[]error {
	t.Helper()
	var errs []error
	once := sync.OnceFunc(func() {
		for _, key := range keys {
			errs = append(errs, s.screener.Press(t.Context(), "home", 1, key, "Anna"))
		}
	})
	switch step {
	case "asked":
		s.caller.reply = func([]Sound) rune { once(); return 0 }
	case "ringing":
		s.home.rings = func(RingSpec) { once() }
	case "announced":
		s.home.phone.reply = func([]Sound) rune { once(); return '1' } // at the same moment
	case "talking":
		s.home.talks = once
		s.home.phone.keys = []rune{'1'}
	case "message":
		s.home.err = ErrNoAnswer
		s.caller.onRecord = func(n int) {
			if n == 2 {
				once()
			}
		}
	default:
		t.Fatalf("there is no step %q", step)
	}
	return &errs
}

func TestCarersKeys(t *testing.T) {
	const away = "caller sent away with inspection\nnotice: sent-away\n"
	const message = "caller answered\ncaller hears not-now leave-message\n"
	for name, c := range map[string]struct {
		key           calllog.CarerKey
		then, outcome string
	}{
		"asked let-through":     {calllog.CarerLetThrough, "caller hears please-hold\ncaller hears ringing\ntelephone rings for \"\" \"020 7946 0999\"\nthey talk\n", "talked"},
		"asked not-now":         {calllog.CarerNotNow, message, "not-now"},
		"asked away":            {calllog.CarerSendAway, away, "sent-away"},
		"ringing let-through":   {calllog.CarerLetThrough, "they talk\n", "talked"},
		"ringing not-now":       {calllog.CarerNotNow, "the telephone stops ringing\n" + message, "not-now"},
		"ringing away":          {calllog.CarerSendAway, "the telephone stops ringing\n" + away, "sent-away"},
		"announced let-through": {calllog.CarerLetThrough, "telephone hears connecting\nthey talk\n", "talked"},
		"announced not-now":     {calllog.CarerNotNow, "telephone hung up\n" + message, "not-now"},
		"announced away":        {calllog.CarerSendAway, away + "telephone hears sent-away\ntelephone hung up\n", "sent-away"},
		"talking away": {
			calllog.CarerSendAway, "sent away with inspection, and the telephone hears sent-away\nnotice: sent-away\n", "sent-away",
		},
		"message away": {calllog.CarerSendAway, away, "sent-away"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			step, _, _ := strings.Cut(name, " ")
			errs := s.atStep(t, step, c.key)
			got, err := s.play()
			if err != nil || len(*errs) != 1 || (*errs)[0] != nil {
				t.Errorf("%v %v", err, *errs)
			}
			got = strings.ReplaceAll(got, "step: ", "\x00")
			before, after, noted := strings.Cut(got, "\x00")
			_, rest, _ := strings.Cut(after, "\n")
			if !noted || !strings.HasSuffix(before+rest, "log: ended "+c.outcome) || !strings.Contains(before+rest, c.then) {
				t.Errorf("%s", got)
			}
			if !strings.HasPrefix(after, calllog.WordsOf(calllog.CarerPressed{Key: c.key, By: "Anna"})) {
				t.Errorf("the time line says %q", after)
			}
		})
	}
}

func TestCarersKeysThatMakeNoSense(t *testing.T) {
	for name, c := range map[string]struct {
		key  calllog.CarerKey
		want Refused
	}{
		"talking let-through": {calllog.CarerLetThrough, talkAlready},
		"talking not-now":     {calllog.CarerNotNow, talkAlready},
		"message let-through": {calllog.CarerLetThrough, refusals[whileLeaving][calllog.CarerLetThrough]},
		"message not-now":     {calllog.CarerNotNow, refusals[whileLeaving][calllog.CarerNotNow]},
		"asked shout":         {"shout", refusedKey},
	} {
		t.Run(name, func(t *testing.T) {
			plain, s := newScene(), newScene()
			step, _, _ := strings.Cut(name, " ")
			plain.atStep(t, step)
			errs := s.atStep(t, step, c.key)
			want, _ := plain.play()
			got, err := s.play()
			if err != nil || len(*errs) != 1 || !errors.Is((*errs)[0], c.want) {
				t.Errorf("%v %v", err, *errs)
			}
			if got != want {
				t.Errorf("the call has gone another way:\n%s\nnot\n%s", got, want)
			}
		})
	}
}

// Calls that ring through can be turned down as well.
func TestCarersKeysForAContact(t *testing.T) {
	s := newScene()
	s.memory.known.Contact = &screening.Contact{ID: 1, Name: "Daughter"}
	errs := s.atStep(t, "ringing", calllog.CarerLetThrough, calllog.CarerSendAway, calllog.CarerSendAway)
	got, err := s.play()
	if err != nil || !errors.Is((*errs)[0], refusals[whileRingingOn][calllog.CarerLetThrough]) || (*errs)[1] != nil {
		t.Errorf("%v %v", err, *errs)
	}
	if why := Refused("Somebody was quicker: the caller was sent away as a scam by Anna, on the page."); !errors.Is((*errs)[2], why) {
		t.Errorf("the second key was told %v", (*errs)[2])
	}
	if strings.Contains(got, "blocked") || !strings.Contains(got, "sent away with inspection") {
		t.Errorf("%s", got)
	}
}

// A call that may be help calling back can only be answered.
func TestCarersKeysForHelp(t *testing.T) {
	s := newScene()
	s.memory.known.Emergency = s.screener.Now()
	errs := s.atStep(t, "ringing", calllog.CarerSendAway, calllog.CarerNotNow)
	if got, err := s.play(); err != nil || !errors.Is((*errs)[0], refusedHelp) || !errors.Is((*errs)[1], refusedHelp) || !strings.HasSuffix(got, "log: ended talked") {
		t.Errorf("%v %v\n%s", err, *errs, got)
	}
}

// After one key another may follow, once the call has gone on.
func TestLetThroughAndThenAway(t *testing.T) {
	s := newScene()
	s.atStep(t, "asked", calllog.CarerLetThrough)
	errs := s.atStep(t, "ringing", calllog.CarerSendAway)
	got, err := s.play()
	if err != nil || (*errs)[0] != nil || !strings.HasSuffix(got, "log: ended sent-away") {
		t.Errorf("%v %v\n%s", err, *errs, got)
	}
}

// What was said before a carer has pressed a key is kept.
func TestWhatWasSaidIsKept(t *testing.T) {
	s := newScene()
	s.caller.onRecord = func(int) { _ = s.screener.Press(t.Context(), "home", 1, calllog.CarerSendAway, "Anna") } // looked at below
	if got, err := s.play(); err != nil || !strings.Contains(got, "kept: name\ncaller sent away") {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestKeysForCallsThatAreNotUnderWay(t *testing.T) {
	s := newScene()
	for _, c := range []struct {
		household string
		call      int64
		over      bool
		want      Refused
	}{{"home", 1, true, refusedOver}, {"home", 1, false, refusedRestarted}, {"home", 7, false, refusedUnknown}, {"away", 1, false, refusedUnknown}} {
		s.memory.over = c.over
		if err := s.screener.Press(t.Context(), c.household, c.call, calllog.CarerSendAway, "Anna"); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	// Nor does the call of one household hear the keys of another.
	var other error
	s.home.rings = func(RingSpec) { other = s.screener.Press(t.Context(), "away", 1, calllog.CarerSendAway, "Eve") }
	if got, err := s.play(); err != nil || !errors.Is(other, refusedUnknown) || strings.Contains(got, "sent away") {
		t.Errorf("%v %v\n%s", err, other, got)
	}
	if err := s.screener.Press(t.Context(), "home", 1, calllog.CarerSendAway, "Anna"); err == nil {
		t.Error("a key was taken after the end of the call")
	}
}

// Of several carers who press at the same moment one is taken, and the household's own key goes before or after, never
// halfway.
func TestCarersPressAtTheSameMoment(t *testing.T) {
	for range 50 {
		s := newScene()
		var pressed sync.WaitGroup
		errs := make([]error, 4)
		s.home.phone.reply = func([]Sound) rune {
			for i := range errs {
				pressed.Go(func() {
					errs[i] = s.screener.Press(t.Context(), "home", 1, []calllog.CarerKey{calllog.CarerSendAway, calllog.CarerNotNow}[i%2], "Anna")
				})
			}
			return '1'
		}
		got, err := s.play()
		pressed.Wait()
		taken := 0
		for _, e := range errs {
			if e == nil {
				taken++
			}
		}
		if err != nil || taken > 1 && !strings.Contains(got, "told “not now”") || strings.Count(got, "sent away with") > 1 {
			t.Fatalf("%v: %d were taken\n%s", err, taken, got)
		}
	}
}

// A key waits until the call is at its next step; it never waits for long.
func TestKeyBetweenTwoSteps(t *testing.T) {
	i := newInbox()
	go i.enter(t.Context(), whileRinging)
	if err := i.lock(t.Context()); err != nil || i.at != whileRinging {
		t.Errorf("%v", err)
	}
	i.at = betweenStages
	i.mu.Unlock()
	go i.end()
	if err := i.lock(t.Context()); !errors.Is(err, refusedOver) {
		t.Errorf("%v", err)
	}
}

// The household takes the caller who waits, or a carer disposes of them: not both.
func TestWaitingCallerIsTakenOrTurnedDown(t *testing.T) {
	for _, first := range []string{"carer", "household"} {
		s := newScene()
		s.memory.known.Contact = &screening.Contact{ID: 1}
		s.home.use = Talking
		var pressed error
		once := sync.OnceFunc(func() {
			take := func() {
				if err := s.screener.OnKeyInCall(t.Context(), KeyInCall{Household: "home", What: "take", Telephone: s.home.phone}); err != nil {
					t.Error(err)
				}
			}
			if first == "household" {
				take()
			}
			pressed = s.screener.Press(t.Context(), "home", 1, calllog.CarerNotNow, "Anna")
			if first == "carer" {
				take()
			}
		})
		s.home.whispers = once
		got, err := s.play()
		if taken := strings.Contains(got, "next"); err != nil || taken != (first == "household") || taken == (pressed == nil) {
			t.Errorf("%s: %v %v\n%s", first, err, pressed, got)
		}
	}
}
