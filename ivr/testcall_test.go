package ivr

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// stepsOf makes a test call and returns its steps.
func (s *scene) stepsOf(t *testing.T) []TestStep {
	t.Helper()
	steps, err := s.screener.TestCall(t.Context(), "home")
	if err != nil {
		t.Fatal(err)
	}
	var all []TestStep
	for step := range steps {
		all = append(all, step)
	}
	return all
}

func TestTestCall(t *testing.T) {
	for name, c := range map[string]struct {
		keys []rune
		err  error
		gone int
		want []TestStep
		does string
	}{
		"a key at once":   {keys: []rune{'1'}, want: []TestStep{TestRinging, TestPickedUp, TestHeard, TestPressed}, does: "hears test-works\ntelephone hung up"},
		"a key after it":  {keys: []rune{0, '1'}, want: []TestStep{TestRinging, TestPickedUp, TestHeard, TestPressed}, does: "hears test-works"},
		"no key":          {want: []TestStep{TestRinging, TestPickedUp, TestHeard, TestNoKey}, does: "hears test-no-key\ntelephone hung up"},
		"put down":        {gone: 2, want: []TestStep{TestRinging, TestPickedUp, TestHeard, TestPutDown}},
		"nobody comes":    {err: ErrNoAnswer, want: []TestStep{TestRinging, TestNoAnswer}},
		"off the hook":    {err: ErrBusy, want: []TestStep{TestRinging, TestBusy}},
		"none is there":   {err: ErrUnreachable, want: []TestStep{TestRinging, TestNoTelephone}},
		"Asterisk errors": {err: errors.New("500"), want: []TestStep{TestRinging, TestFault}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene()
			s.home.phone.keys, s.home.err, s.home.phone.gone = c.keys, c.err, c.gone
			if got := s.stepsOf(t); !slices.Equal(got, c.want) || !strings.Contains(s.did.String(), c.does) {
				t.Errorf("%v\n%s", got, s.did)
			}
			if !strings.HasPrefix(s.did.String(), `telephone rings for "Ringfence test call" ""`) {
				t.Errorf("%s", s.did)
			}
		})
	}
}

func TestTestCallDisturbsNoCall(t *testing.T) {
	s := newScene()
	s.home.use = Talking
	if _, err := s.screener.TestCall(t.Context(), "home"); !errors.Is(err, refusedInUse) {
		t.Errorf("%v", err)
	}
	s.home.use = Free
	var during error
	s.caller.reply = func([]Sound) rune { _, during = s.screener.TestCall(t.Context(), "home"); return 0 }
	if _, err := s.play(); err != nil || !errors.Is(during, refusedInUse) {
		t.Errorf("%v %v", err, during)
	}
}

// A call that comes ends a test call, and rings; also where somebody still holds the receiver.
func TestTestCallGivesWay(t *testing.T) {
	s := newScene()
	s.memory.known.Contact = nil
	s.memory.house.Mode = "off"
	reading := make(chan struct{})
	s.home.phone.waits = func(ctx context.Context) {
		close(reading)
		<-ctx.Done()
	}
	steps, err := s.screener.TestCall(t.Context(), "home")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.screener.TestCall(t.Context(), "home"); !errors.Is(err, refusedTesting) {
		t.Errorf("a second test: %v", err)
	}
	<-reading
	busy := 2
	s.home.rings = func(RingSpec) {
		if busy--; busy >= 0 {
			s.home.err = ErrBusy
			return
		}
		s.home.err = nil
	}
	got, err := s.play()
	var all []TestStep
	for step := range steps {
		all = append(all, step)
	}
	if want := []TestStep{TestRinging, TestPickedUp, TestGaveWay}; err != nil || !slices.Equal(all, want) {
		t.Errorf("%v %v", err, all)
	}
	if !strings.HasSuffix(got, "they talk\nlog: ended talked") {
		t.Errorf("%s", got)
	}
}
