package ivr

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ringfence/prompts"
	"ringfence/screening"
)

// CarerKey is what a carer can do on the page with a call that is under way.
type CarerKey string

// The keys. The words are a contract with the page.
const (
	// PressLetThrough stops asking: the telephones ring as for a known caller, and whoever picks up is connected.
	PressLetThrough CarerKey = "let-through"
	// PressNotNow stops the ringing and lets the caller leave a message.
	PressNotNow CarerKey = "not-now"
	// PressAway sends the caller away as a scam: the inspection message, and the number is blocked.
	PressAway CarerKey = "away"
)

// Refused is why a carer's key was not taken: a sentence for people.
type Refused string

func (r Refused) Error() string { return string(r) }

const (
	refusedOver      Refused = "This call is over."
	refusedUnknown   Refused = "There is no such call."
	refusedKey       Refused = "There is no such key for a call."
	refusedBetween   Refused = "The call was just going on to its next step. Look again, and press once more."
	refusedRestarted Refused = "This call went on while Ringfence was restarted, so it cannot be reached from here. In a conversation, star and seven on the telephone send a scam caller away."
	refusedHelp      Refused = "This may be help calling back, so it can only be answered."
)

// stage is what a call is at, as far as a carer's keys go.
type stage int

const (
	betweenStages stage = iota
	whileAsked          // the caller says who they are
	whileRinging        // the telephones ring for one who will be announced
	whileAnnounced
	whileRingingOn // the telephones ring, and whoever picks up is connected
	whileWaiting
	whileLeaving // a message
	whileTalking
)

const talkAlready Refused = "They are talking already."

// refusals are why a key is not taken at a stage. Those that are not here are.
var refusals = map[stage]map[CarerKey]Refused{
	whileRingingOn: {PressLetThrough: "The telephones are ringing already, and whoever picks up is connected."},
	whileWaiting:   {PressLetThrough: "They are on another call. They have heard that somebody else is calling."},
	whileLeaving: {
		PressLetThrough: "The caller is leaving a message, and the telephones ring no more.",
		PressNotNow:     "The caller is leaving a message already.",
	},
	whileTalking: {PressLetThrough: talkAlready, PressNotNow: talkAlready},
}

// press is a key that was taken. It is the cause of the end of the step that it interrupts, and the step's error.
type press struct {
	key       CarerKey
	by        string
	telephone Leg // that was picked up at the same moment; nil: none
}

func (p *press) Error() string      { return "a carer has pressed " + string(p.key) }
func (*press) Is(target error) bool { return target == ErrInterrupted }

// who says it for the log.
func (p *press) who() string { return p.by + ", on the page" }

// did is what was done with the caller, for the log and for those who came too late.
func (p *press) did() string { return keyWords[p.key] + " by " + p.who() }

var keyWords = map[CarerKey]string{
	PressLetThrough: "let through", PressNotNow: "told “not now”", PressAway: "sent away as a scam",
}

// inbox takes what carers press while a call goes through its stages. Of two keys at the same moment the first is taken.
type inbox struct {
	mu        sync.Mutex
	at        stage
	over      bool
	interrupt context.CancelCauseFunc
	taken     *press // has interrupted this stage
	through   *press // while the telephones rang: whoever picks up is connected
	away      *press // while they talked
	changed   chan struct{}
}

func newInbox() *inbox { return &inbox{changed: make(chan struct{})} }

// enter begins a stage, which leave ends; leave tells what has interrupted it.
func (i *inbox) enter(ctx context.Context, at stage) (step context.Context, leave func() *press) {
	step, interrupt := context.WithCancelCause(ctx)
	i.set(at, interrupt)
	return step, func() *press {
		defer interrupt(nil)
		i.mu.Lock()
		defer i.mu.Unlock()
		taken := i.taken
		i.at, i.taken = betweenStages, nil
		return taken
	}
}

func (i *inbox) set(at stage, interrupt context.CancelCauseFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.at, i.interrupt = at, interrupt
	i.tell()
}

// tell wants mu.
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

// turnsTo changes the stage that goes on, unless a key has interrupted it.
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

// during does one step of a call, at which carers may press keys. Where one has interrupted it, that is its error.
func (c *call) during(ctx context.Context, at stage, step func(ctx context.Context) error) error {
	ctx, leave := c.inbox.enter(ctx, at)
	err := step(ctx)
	if p := leave(); p != nil {
		return p
	}
	return err
}

// between is for how long a key waits for a call to come to its next stage: between two there is a write to the log.
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

// underWay are the calls that carers can press keys for.
type underWay struct {
	mu    sync.Mutex
	calls map[int64]*call
}

func (u *underWay) add(c *call) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.calls == nil {
		u.calls = map[int64]*call{}
	}
	u.calls[c.id] = c
}

func (u *underWay) remove(c *call) {
	c.inbox.end()
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.calls, c.id)
}

func (u *underWay) find(household string, id int64) *call {
	u.mu.Lock()
	defer u.mu.Unlock()
	if c := u.calls[id]; c != nil && c.Household == household {
		return c
	}
	return nil
}

// any tells whether a household has a call under way.
func (u *underWay) any(household string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, c := range u.calls {
		if c.Household == household {
			return true
		}
	}
	return false
}

// Press does what a carer has pressed on the page for a call that is under way; by is the carer's name, for the call's time
// line. A Refused says why it was not done. It may be called at any time and by several at once; the call does not wait for
// it. It returns once it is certain that the key has its effect.
func (s *Screener) Press(ctx context.Context, household string, id int64, key CarerKey, by string) error {
	p := &press{key: key, by: by}
	if keyWords[key] == "" {
		return refusedKey
	}
	c := s.underWay.find(household, id)
	if c == nil {
		there, open, err := s.Memory.CallIsOpen(ctx, household, id)
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
	c.stepAt(ctx, at, "carer", p.did())
	return nil
}

// press is where the first of several wins.
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
			return Refused(fmt.Sprintf("Somebody was quicker: the caller was %s.", earlier.did()))
		}
	}
	switch {
	case i.at == whileTalking:
		return c.awayInTalk(ctx, p)
	case i.at == whileRinging && p.key == PressLetThrough:
		i.through, i.at = p, whileRingingOn
	default:
		i.taken = p
		i.interrupt(p)
	}
	return nil
}

// awayInTalk does what *7 does on the telephone. The two are joined by the dialplan, so it is the dialplan that does it.
func (c *call) awayInTalk(ctx context.Context, p *press) error {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), 2*afterwards) // whatever becomes of the page
	defer done()
	words, err := c.blockCaller(ctx, c.Household, c.caller.Number, "scam, sent away by "+p.who())
	if err != nil {
		c.log.Error("a number could not be blocked", "err", err)
	}
	err = c.Telephones.SendAway(ctx, c.Leg, c.ownFarewell(screening.Inspection), words)
	if errors.Is(err, ErrGone) {
		return refusedOver
	}
	if err != nil {
		return err
	}
	c.inbox.away = p
	c.tell(ctx, c.Household, NoticeSentAway, p.by+" sent a scam caller away, on the page.", c.id)
	return nil
}

// obey does what a carer has pressed, once the step that it interrupted has ended.
func (c *call) obey(ctx context.Context, p *press) (Outcome, error) {
	switch p.key {
	case PressLetThrough:
		c.admitted = true
		return c.ringTrusted(ctx)
	case PressAway:
		return c.scam(ctx, p.telephone, p.who())
	default:
		c.putDown(ctx, p.telephone)
		return c.takeMessage(ctx, NotNow, prompts.NotNow)
	}
}

// talk joins the two, as how says, until they have finished.
func (c *call) talk(ctx context.Context, as Outcome, how func(ctx context.Context) error) (Outcome, error) {
	err := c.during(ctx, whileTalking, how)
	if c.inbox.sentAway() {
		as = SentAway
	}
	return as, err
}
