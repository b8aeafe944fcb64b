package ivr

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"ringfence/prompts"
)

// TestStep is a step of a test call. The words are a contract with the page.
type TestStep string

// Steps, in the order in which they may come; a test ends with one of those below TestHeard.
const (
	TestRinging     TestStep = "ringing"
	TestPickedUp    TestStep = "picked-up"
	TestHeard       TestStep = "heard"        // the words were played to the end, or a key was pressed during them
	TestPressed     TestStep = "pressed"      // 1: the keys work too
	TestNoKey       TestStep = "no-key"       // none was pressed
	TestPutDown     TestStep = "put-down"     // before a key was pressed
	TestNoAnswer    TestStep = "no-answer"    // the telephones rang
	TestBusy        TestStep = "busy"         // off the hook
	TestNoTelephone TestStep = "no-telephone" // none is there
	TestGaveWay     TestStep = "gave-way"     // to a call that came in meanwhile
	TestFault       TestStep = "fault"
)

const (
	testName = "Ringfence test call" // on a telephone with a display
	testTime = 45 * time.Second      // how long the telephones ring
	testMost = 2 * time.Minute       // for the whole test, even if Asterisk goes away meanwhile
	// testStops is the longest that a call waits for a test to give way.
	testStops = 3 * time.Second
)

const (
	refusedInUse   Refused = "A call is under way. Make the test call when it is over."
	refusedTesting Refused = "A test call is under way already."
)

var errGaveWay = errors.New("a call has come")

// test is a test call in progress.
type test struct {
	stop     context.CancelCauseFunc
	ended    chan struct{}
	pickedUp atomic.Bool
}

// TestCall rings a household's telephones without a caller. Whoever picks up hears that this is a test, and is asked for a key. The steps come on the
// channel, which is closed at the end; nobody has to read them. ctx ends the test, and so does a call that comes meanwhile. A Refused says why there
// is no test, for example because a call is in progress.
func (s *Screener) TestCall(ctx context.Context, household string) (<-chan TestStep, error) {
	ctx, cancel := context.WithTimeout(ctx, testMost)
	ctx, cancelTest := context.WithCancelCause(ctx)
	t := &test{stop: cancelTest, ended: make(chan struct{})}
	if _, another := s.tests.LoadOrStore(household, t); another {
		cancel()
		return nil, refusedTesting
	}
	end := func() {
		cancel()
		s.tests.Delete(household)
		close(t.ended)
	}
	// A call that comes from now on finds the test; mayTest finds one that came before.
	if err := s.mayTest(ctx, household); err != nil {
		end()
		return nil, err
	}
	const most = 8 // steps
	steps := make(chan TestStep, most)
	go func() {
		defer close(steps)
		defer end()
		tell := func(step TestStep) {
			steps <- step
			s.Log.Info("a test call", "household", household, "step", step)
		}
		s.test(ctx, t, household, tell)
	}()
	return steps, nil
}

func (s *Screener) mayTest(ctx context.Context, household string) error {
	if s.isCalled(household) {
		return refusedInUse
	}
	use, err := s.Telephones.Use(ctx, household)
	if err == nil && use != Free {
		return refusedInUse
	}
	return err
}

// test is the test call itself.
func (s *Screener) test(ctx context.Context, t *test, household string, tell func(TestStep)) {
	tell(TestRinging)
	telephone, err := s.Telephones.Ring(ctx, RingSpec{Household: household, ShowName: testName, AtMost: testTime})
	if err != nil {
		tell(s.testEnd(ctx, household, err))
		return
	}
	t.pickedUp.Store(true)
	tell(TestPickedUp)
	last, err := s.testKey(ctx, household, telephone, tell)
	if err != nil {
		last = s.testEnd(ctx, household, err)
	}
	if err := telephone.Hangup(context.WithoutCancel(ctx)); gone(err) != nil {
		s.Log.Error("a telephone could not be hung up", "household", household, "err", err)
	}
	tell(last)
}

// testKey says that this is a test, and asks for a key.
func (s *Screener) testKey(ctx context.Context, household string, telephone Leg, tell func(TestStep)) (TestStep, error) {
	language := s.Lines.Of(household).Language
	for read := range readings {
		key, err := telephone.Ask(ctx, "1", 0, say(language, prompts.TestPress)...)
		if err != nil && !errors.Is(err, ErrNoKey) {
			return "", err
		}
		if read == 0 {
			tell(TestHeard)
		}
		if key == 0 {
			key, err = telephone.Ask(ctx, "1", keyTime)
		}
		if key == '1' {
			return TestPressed, gone(telephone.Play(ctx, say(language, prompts.TestWorks)...))
		}
		if !errors.Is(err, ErrNoKey) {
			return "", err
		}
	}
	return TestNoKey, gone(telephone.Play(ctx, say(language, prompts.TestNoKey)...))
}

// testEnd says how a test ended that was cut short.
func (s *Screener) testEnd(ctx context.Context, household string, err error) TestStep {
	switch {
	case errors.Is(context.Cause(ctx), errGaveWay):
		return TestGaveWay
	case errors.Is(err, ErrNoAnswer):
		return TestNoAnswer
	case errors.Is(err, ErrBusy):
		return TestBusy
	case errors.Is(err, ErrUnreachable):
		return TestNoTelephone
	case errors.Is(err, ErrGone):
		return TestPutDown
	default:
		s.Log.Error("a test call has failed", "household", household, "err", err)
		return TestFault
	}
}

// giveWay ends a test call, so that this call finds the telephones free. Somebody who has picked up for the test may still have the receiver in
// their hand.
func (c *call) giveWay(ctx context.Context) {
	running, _ := c.tests.Load(c.Household)
	t, is := running.(*test)
	if !is {
		return
	}
	t.stop(errGaveWay)
	select {
	case <-t.ended:
	case <-ctx.Done():
	case <-time.After(testStops):
		c.log.Error("a test call does not end; the telephones ring all the same")
	}
	c.offHook = t.pickedUp.Load()
}

const (
	hookTries = 20 // how often telephones that are still off the hook after a test call are rung again
	hookEvery = time.Second
)

// ringOffHook rings the telephones. After a test call it tries again for a while if they are still off the hook.
func (c *call) ringOffHook(ctx context.Context, spec RingSpec) (Leg, error) {
	ring := func() (Leg, error) { return c.Telephones.Ring(ctx, spec) }
	if !c.offHook {
		return ring()
	}
	return ringAgain(ctx, hookTries, hookEvery, ring)
}
