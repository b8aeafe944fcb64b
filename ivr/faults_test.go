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

// scripts are all courses that a call can take, by name.
func scripts() map[string]func(*scene) {
	all := map[string]func(*scene){
		"ring":           func(s *scene) { s.memory.known.Contact = &screening.Contact{Name: "Daughter"} },
		"turn away":      func(s *scene) { s.memory.known.Block = &screening.Block{ID: 1} },
		"silent":         func(s *scene) { s.caller.says = nil },
		"silent at home": func(s *scene) { s.home.phone.keys = nil },
		"wrong keys":     func(s *scene) { s.home.phone.keys = []rune("90#5678") },
		"nobody answers": func(s *scene) { s.home.err = ErrNoAnswer },
		"busy":           func(s *scene) { s.home.err = ErrBusy },
		"unreachable":    func(s *scene) { s.home.err = ErrUnreachable },
		"known only":     func(s *scene) { s.memory.house.Mode = screening.KnownOnly },
		"known only, and silent": func(s *scene) {
			s.memory.house.Mode, s.caller.says = screening.KnownOnly, nil
		},
		"no room for a message": func(s *scene) { s.memory.house.Mode, s.memory.full = screening.KnownOnly, true },
		"full disk": func(s *scene) {
			s.memory.keep, s.home.phone.keys = errors.New("disk full"), []rune{'2'}
			s.caller.says = append(s.caller.says, Recording{Spoken: 3 * time.Second})
		},
		"full disk and a name": func(s *scene) { s.memory.keep = errors.New("disk full") },
		"quiet hours":          func(s *scene) { s.memory.house.Times = atNight },
		"quiet hours for a contact": func(s *scene) {
			s.memory.house.Times, s.memory.known.Contact = atNight, &screening.Contact{Name: "Daughter"}
		},
		"human check passed": func(s *scene) { s.memory.house.HumanCheck, s.caller.reply = screening.CheckAlways, asksFor },
		"human check failed": func(s *scene) { s.memory.house.HumanCheck = screening.CheckAlways },
		"pass code":          func(s *scene) { s.caller.typed = "471100#" },
		"wrong pass code":    func(s *scene) { s.caller.typed = "471101#" },
		"message offered":    func(s *scene) { s.home.after = 50 * time.Second },
		"message instead": func(s *scene) {
			s.home.after = time.Hour
			s.caller.reply = func(sounds []Sound) rune {
				if sounds[0].Media == "sound:en-GB/"+string(prompts.OfferMessage) {
					return '1'
				}
				return 0
			}
		},
		"second call":              func(s *scene) { s.home.use = Talking },
		"second call of a contact": func(s *scene) { s.home.use, s.memory.known.Contact = Talking, &screening.Contact{Name: "Daughter"} },
		"second call during a call for help": func(s *scene) {
			s.home.use, s.memory.known.Contact = Helped, &screening.Contact{Name: "Daughter"}
		},
	}
	for _, key := range "1234*" {
		all["key "+string(key)] = func(s *scene) { s.home.phone.keys = []rune{key} }
		for _, when := range []screening.CarerWhen{screening.CarerNoAnswer, screening.CarerUnknown, screening.CarerAlways} {
			all["carer "+string(when)+" key "+string(key)] = func(s *scene) {
				s.memory.house.CarerNumber, s.memory.house.CarerWhen = "+441632960333", when
				s.home.phone.keys, s.home.phone.outside = []rune{key}, true
			}
		}
	}
	return all
}

var atNight = screening.Times{
	Zone: time.UTC, QuietContacts: screening.Message, Week: []screening.Span{{Days: 127, From: 0, To: 0, Quiet: true}},
}

// A caller who hangs up at any step of any script: the script ends, the call has one end in the log, and nobody is left at
// a telephone without a word.
func TestCallerGoneAtEveryStepOfEveryScript(t *testing.T) {
	for name, script := range scripts() {
		steps := 0
		for at := 1; ; at++ {
			var got string
			var err error
			synctest.Test(t, func(t *testing.T) {
				s := newScene()
				script(s)
				s.caller.gone = at
				got, err = s.play()
			})
			if err != nil {
				t.Fatalf("%s, gone at step %d: %v\n%s", name, at, err, got)
			}
			if ends := strings.Count(got, "log: ended") + strings.Count(got, " turned-away") - strings.Count(got, "goes on"); ends != 1 {
				t.Fatalf("%s, gone at step %d: %d ends in the log\n%s", name, at, ends, got)
			}
			picked := strings.Contains(got, "telephone hears call-from") || strings.Contains(got, "telephone hears carer-call-from")
			if picked && !strings.Contains(got, "caller-gone") && !strings.Contains(got, "telephone hung up") && !strings.Contains(got, "they talk") {
				t.Fatalf("%s, gone at step %d: somebody stands at a telephone\n%s", name, at, got)
			}
			if !strings.Contains(got, "caller gone") {
				break // the script was through before
			}
			steps = at
		}
		if steps == 0 {
			t.Errorf("%s has no step at which a caller can hang up", name)
		}
	}
}

// A disk that is full: the house rings for whoever has left a message that it has not rung for before; where it has, they hear that it was not
// kept. Who says who they are is announced all the same, and the log says that they did.
func TestFullDisk(t *testing.T) {
	s := newScene()
	s.memory.house.Mode, s.memory.keep = screening.KnownOnly, errors.New("disk full")
	if got, err := s.play(); err == nil || strings.Contains(got, "log: ended") || strings.Contains(got, "hung up") {
		t.Errorf("the house does not ring: %v\n%s", err, got)
	}
	s = newScene()
	scripts()["full disk"](s)
	if got, err := s.play(); err != nil || !strings.Contains(got, "caller hears message-not-kept\ncaller hung up\nlog: ended not-now") {
		t.Errorf("%v\n%s", err, got)
	}
	s = newScene()
	scripts()["full disk and a name"](s)
	memory := &stepMemory{fakeMemory: s.memory}
	s.screener.CallLog = memory
	if got, err := s.play(); err != nil || !strings.Contains(got, "telephone hears call-from name choices") || !strings.Contains(strings.Join(memory.steps, ", "), "said") {
		t.Errorf("%v, %v\n%s", err, memory.steps, got)
	}
}

// The same for a telephone that is put down, or vanishes.
func TestTelephoneGoneAtEveryStep(t *testing.T) {
	for _, key := range "134" {
		for at := 1; ; at++ {
			s := newScene()
			s.home.phone.keys = []rune{key}
			s.home.phone.gone = at
			got, err := s.play()
			if !strings.Contains(got, "telephone gone") {
				break
			}
			ended := strings.Contains(got, "log: ended")
			if (err == nil) != ended {
				t.Fatalf("key %c, telephone gone at step %d: %v, and ended: %v\n%s", key, at, err, ended, got)
			}
			if at == 1 && !strings.Contains(got, "caller hears not-now") {
				t.Fatalf("a telephone that is put down is not now:\n%s", got)
			}
		}
	}
}

// Whatever the store cannot do, the call rings: it goes back to the dialplan, or goes on.
func TestFaultOfTheStoreGivesTheCallBack(t *testing.T) {
	s := newScene()
	s.memory.err = errors.New("disk full")
	got, err := s.play()
	if err == nil || strings.Contains(got, "ended") {
		t.Errorf("the call should have gone back to the dialplan: %v\n%s", err, got)
	}
}

// A lost connection leaves the log open: Asterisk has the call, and tells its end later.
func TestLostConnection(t *testing.T) {
	s := newScene()
	ctx, end := context.WithCancelCause(context.Background())
	s.caller.gone, s.caller.onEnd = 2, func() { end(ErrLost) }
	err := s.screener.Handle(ctx, Arrival{Household: "home", Leg: s.caller, Identity: screening.Identity{Number: s.number}})
	if !errors.Is(err, ErrLost) || strings.Contains(s.did.String(), "ended") {
		t.Errorf("%v\n%s", err, s.did)
	}
}

// A call that the dialplan has taken back has no end yet: the household's telephones ring.
func TestTakenBack(t *testing.T) {
	s := newScene()
	s.caller.gone, s.caller.livesOn = 3, true
	if got, err := s.play(); !errors.Is(err, ErrTakenBack) || strings.Contains(got, "ended") {
		t.Errorf("%v\n%s", err, got)
	}
}

// A call that rang without the application is logged once, however often the dialplan tells of it.
func TestRangIsLoggedOnce(t *testing.T) {
	for over, want := range map[bool]string{false: "log: arrived ring for Daughter\nlog: ended talked", true: "log: goes on"} {
		s := newScene()
		s.memory.over = over
		s.memory.known.Contact = &screening.Contact{Name: "Daughter"}
		s.memory.names = true
		err := s.screener.OnRangUnscreened(t.Context(), UnscreenedCall{Household: "home", Channel: "1.1", Number: "02079460999", Presentation: "allowed", Status: "ANSWER"})
		if got := s.did.String(); err != nil || got != want {
			t.Errorf("over: %v: %v\n%s", over, err, got)
		}
	}
}

// A message that was left while the application was away is kept, told and the end of its call; silence is none, and neither is one
// whose call has an end already. One of whose call nothing is known is kept with a new one. One that cannot be kept is asked for again.
func TestOrphanedMessage(t *testing.T) {
	const lost = "log: arrived message\nkept: message\nnotice: message-left\nlog: ended message-left"
	for what, test := range map[string]struct {
		call   int64
		over   bool
		at     string
		spoken time.Duration
		fault  error
		want   string
	}{
		"kept":            {1, false, "home", time.Second, nil, "kept: message\nnotice: message-left\nlog: ended message-left"},
		"silence":         {1, false, "home", time.Millisecond, nil, ""},
		"over":            {0, true, "home", time.Second, nil, ""},
		"lost":            {0, false, "home", time.Second, nil, lost},
		"lost, not named": {0, false, "", time.Second, nil, lost},
		"lost, silence":   {0, false, "home", time.Millisecond, nil, ""},
		"disk full":       {1, false, "home", time.Second, errors.New("full"), "kept: message"},
	} {
		s := newScene()
		s.memory.open, s.memory.over, s.memory.keep = test.call, test.over, test.fault
		err := s.screener.OnOrphanedMessage(t.Context(), test.at, "1.1", Recording{Spoken: test.spoken})
		if got := s.did.String(); got != test.want || !errors.Is(err, test.fault) {
			t.Errorf("%s: %v\n%s", what, err, got)
		}
	}
	// Nobody's stays in Asterisk.
	s := newScene()
	if err := s.screener.OnOrphanedMessage(t.Context(), "another", "1.1", Recording{Spoken: time.Second}); err == nil || s.did.String() != "" {
		t.Errorf("nobody's: %v\n%s", err, s.did)
	}
}
