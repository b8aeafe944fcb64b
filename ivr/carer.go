package ivr

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ringfence/calllog"
	"ringfence/prompts"
	"ringfence/screening"
)

// Refused is why a carer's key was not accepted, as a sentence for people.
type Refused string

func (r Refused) Error() string { return string(r) }

const (
	refusedOver      Refused = "This call is over."
	refusedUnknown   Refused = "There is no such call."
	refusedKey       Refused = "There is no such key for a call."
	refusedBetween   Refused = "The call was just going on to its next step. Look again, and press once more."
	refusedRestarted Refused = "Ringfence restarted during this call, so it cannot be reached from here. In a conversation, star and seven on the phone send a scam caller away."
	refusedHelp      Refused = "This may be help calling back, so it can only be answered."
)

// stage is where a call is, as far as a carer's keys are concerned.
type stage int

const (
	betweenStages stage = iota
	whileAsked          // the caller says who they are
	whileRinging        // the telephones ring for a caller who will be announced
	whileAnnounced
	whileRingingOn // the telephones ring, and whoever picks up is connected
	whileWaiting
	whileLeaving // a message
	whileTalking
)

const talkAlready Refused = "They are talking already."

// refusals say why a key is not accepted at a stage. All others are accepted.
var refusals = map[stage]map[calllog.CarerKey]Refused{
	whileRingingOn: {calllog.CarerLetThrough: "The phones are ringing already, and whoever picks up is connected."},
	whileWaiting:   {calllog.CarerLetThrough: "They are on another call. They have heard that somebody else is calling."},
	whileLeaving: {
		calllog.CarerLetThrough: "The caller is leaving a message, and the phones ring no more.",
		calllog.CarerNotNow:     "The caller is leaving a message already.",
	},
	whileTalking: {calllog.CarerLetThrough: talkAlready, calllog.CarerNotNow: talkAlready},
}

// press is a key that was accepted. It is the cause with which it ends a step's context, and then the step's error.
type press struct {
	key       calllog.CarerKey
	by        string
	telephone Leg // one that was picked up at the same moment, or nil
}

func (p *press) Error() string      { return "a carer has pressed " + string(p.key) }
func (*press) Is(target error) bool { return target == ErrInterrupted }

// who names the carer for the log.
func (p *press) who() string { return p.by + ", on the page" }

// step says what was done with the caller, for the log.
func (p *press) step() calllog.Step { return calllog.CarerPressed{Key: p.key, By: p.by} }

// inbox takes the keys that carers press during a call. Of two keys at the same moment the first wins.
type inbox struct {
	mu        sync.Mutex
	at        stage
	over      bool
	interrupt context.CancelCauseFunc
	taken     *press // the key that has interrupted this stage
	through   *press // let through while the telephones rang: whoever picks up is connected
	away      *press // sent away while they talked
	changed   chan struct{}
}

func newInbox() *inbox { return &inbox{changed: make(chan struct{})} }

// enter begins a stage. leave ends it, and returns the key that has interrupted it, if any.
func (i *inbox) enter(ctx context.Context, at stage) (step context.Context, leave func() *press) {
	step, cancel := context.WithCancelCause(ctx)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.at, i.interrupt = at, cancel
	i.tell()
	return step, func() *press {
		defer cancel(nil)
		i.mu.Lock()
		defer i.mu.Unlock()
		taken := i.taken
		i.at, i.taken = betweenStages, nil
		return taken
	}
}

// tell is called with mu held.
func (i *inbox) tell() {
	close(i.changed)
	i.changed = make(chan struct{})
}

// end refuses all keys from now on.
func (i *inbox) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.over = true
	i.tell()
}

// turnsTo changes the present stage to another, unless a key has interrupted it.
func (i *inbox) turnsTo(at stage) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.taken != nil || i.over {
		return false
	}
	i.at = at
	return true
}

func (i *inbox) letThrough() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.through != nil
}

func (i *inbox) sentAway() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.away != nil
}

// during runs a step of a call during which carers may press keys. A key that interrupts it is returned as its error.
func during[T any](ctx context.Context, c *call, at stage, step func(ctx context.Context) (T, error)) (T, error) {
	ctx, leave := c.inbox.enter(ctx, at)
	result, err := step(ctx)
	if p := leave(); p != nil {
		err = p
	}
	return result, err
}

// during is the same for a step that has no result.
func (c *call) during(ctx context.Context, at stage, step func(ctx context.Context) error) error {
	_, err := during(ctx, c, at, func(ctx context.Context) (struct{}, error) { return struct{}{}, step(ctx) })
	return err
}

// between is how long a key waits for a call to reach its next stage. Between two stages there is a write to the log.
const between = 2 * time.Second

// lock returns with mu held, once the call is at a stage.
func (i *inbox) lock(ctx context.Context) error {
	late := time.After(between)
	i.mu.Lock()
	for i.at == betweenStages && !i.over {
		changed := i.changed
		i.mu.Unlock()
		select {
		case <-changed:
		case <-late:
			return refusedBetween
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		i.mu.Lock()
	}
	if i.over {
		i.mu.Unlock()
		return refusedOver
	}
	return nil
}

// isCalled says whether a household has a call in progress.
func (s *Screener) isCalled(household string) (is bool) {
	s.underWay.Range(func(_, found any) bool {
		c, ok := found.(*call)
		is = ok && c.Household == household
		return !is
	})
	return is
}

// Press does what a carer has pressed on the page for a call in progress. by is the carer's name, for the call's time line. A Refused says why it was
// not done. It may be called at any time, and by several carers at once; the call never waits for it. It returns once it is certain that the key
// takes effect.
func (s *Screener) Press(ctx context.Context, household string, id int64, key calllog.CarerKey, by string) error {
	p := &press{key: key, by: by}
	switch key {
	case calllog.CarerLetThrough, calllog.CarerNotNow, calllog.CarerSendAway:
	default:
		return refusedKey
	}
	found, _ := s.underWay.Load(id)
	c, is := found.(*call)
	if !is || c.Household != household {
		there, open, err := s.OpenCalls.CallIsOpen(ctx, household, id)
		switch {
		case err != nil:
			return err
		case !there:
			return refusedUnknown
		case open:
			return refusedRestarted
		default:
			return refusedOver
		}
	}
	at := s.Now()
	if err := c.press(ctx, p); err != nil {
		return err
	}
	c.log.Info("a carer has pressed a key on the page", "key", key)
	c.CallLog.CallStep(c.id, at, p.step())
	return nil
}

// press takes a key for the call; the first of several wins.
func (c *call) press(ctx context.Context, p *press) error {
	i := c.inbox
	if err := i.lock(ctx); err != nil {
		return err
	}
	defer i.mu.Unlock()
	if refused, no := refusals[i.at][p.key]; no {
		return refused
	}
	if c.verdict.Help() {
		return refusedHelp
	}
	for _, earlier := range []*press{i.taken, i.away} {
		if earlier != nil {
			return Refused(fmt.Sprintf("Somebody was quicker: the caller was %s.", calllog.WordsOf(earlier.step())))
		}
	}
	switch {
	case i.at == whileTalking:
		return c.awayInTalk(ctx, p)
	case i.at == whileRinging && p.key == calllog.CarerLetThrough:
		i.through, i.at = p, whileRingingOn
	default:
		i.taken = p
		i.interrupt(p)
	}
	return nil
}

// awayInTalk does what *7 does on the telephone. The dialplan does it, because the dialplan has joined the two.
func (c *call) awayInTalk(ctx context.Context, p *press) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*afterwards) // even if the page is closed
	defer cancel()
	err := c.Telephones.SendAway(ctx, c.Leg, c.ownFarewell(screening.Inspection), c.wordsForAway(c.Household, c.caller.Number, c.known.Contact != nil))
	if errors.Is(err, ErrGone) {
		return refusedOver
	}
	if err != nil {
		return err
	}
	c.inbox.away = p
	c.Carers.OnSentAway(ctx, c.Household, p.who(), c.id)
	return nil
}

// obey does what a carer has asked for, once the interrupted step has ended.
func (c *call) obey(ctx context.Context, p *press) (calllog.Outcome, error) {
	switch p.key {
	case calllog.CarerLetThrough:
		c.admitted = true
		return c.ringTrusted(ctx)
	case calllog.CarerSendAway:
		return c.scam(ctx, p.telephone, p)
	default:
		c.putDown(ctx, p.telephone)
		return c.takeMessage(ctx, calllog.NotNow, prompts.NotNow)
	}
}

// talk joins the two with how, and waits until they have finished.
func (c *call) talk(ctx context.Context, as calllog.Outcome, how func(ctx context.Context) error) (calllog.Outcome, error) {
	err := c.during(ctx, whileTalking, how)
	if c.inbox.sentAway() {
		as = calllog.SentAway
	}
	return as, err
}
