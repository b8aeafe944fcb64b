package ivr

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"strings"
	"sync"
	"time"

	"ringfence/calllog"
	"ringfence/prompts"
	"ringfence/screening"
)

// digits are the keys that callers are asked for, with their names.
var digits = []struct {
	key  rune
	name prompts.ID
}{
	{'0', prompts.N0}, {'1', prompts.N1}, {'2', prompts.N2}, {'3', prompts.N3}, {'4', prompts.N4},
	{'5', prompts.N5}, {'6', prompts.N6}, {'7', prompts.N7}, {'8', prompts.N8}, {'9', prompts.N9},
}

// isPerson asks the caller for a key that is drawn afresh for each call, and asks again for the same one: a recording that always presses the same
// key passes one time in ten, and a second key would double that. Passing only leads to the announcement; a key that let callers in is one
// that scammers would learn to press.
func (c *call) isPerson(ctx context.Context) error {
	drawn, err := rand.Int(rand.Reader, big.NewInt(int64(len(digits))))
	if err != nil {
		return err
	}
	wanted := digits[drawn.Int64()]
	for _, words := range []prompts.ID{prompts.ProveHuman, prompts.ProveHumanAgain} {
		key, err := c.Leg.Ask(ctx, allKeys, keyTime, c.say(words, wanted.name)...)
		if err != nil && !errors.Is(err, ErrNoKey) {
			return err
		}
		if key == wanted.key {
			c.step(calllog.PassedCheck{})
			return nil
		}
	}
	c.step(calllog.FailedCheck{})
	return errNotProven
}

// screenedMark comes before the name on a telephone with a display if the caller had to say who they are, and nobody can read what they said.
const screenedMark = "Screened"

// showName is what a telephone with a display shows beside the caller's own number.
func (c *call) showName() string {
	said := c.saidShort()
	switch {
	case c.trusted != "":
		return c.trusted
	case c.verdict.Action != screening.Screen, c.admitted:
		return c.caller.Name
	case said != "":
		return said
	case c.caller.Name == "":
		return screenedMark
	default:
		return screenedMark + ": " + c.caller.Name
	}
}

// saidShort is what the caller has said, cut for a display, if a machine has read it by now and the household wants that.
func (c *call) saidShort() string {
	if !c.house.DisplayWords {
		return ""
	}
	words, _ := c.reading.now()
	return displayed(words)
}

// displayTime is how long the telephones wait, at most, for the words that they show: what a display shows is fixed when it begins to ring. The words of
// a sentence of four seconds were there after 0.6 s in the median, on two busy cores (docs/speech-measured.md).
const displayTime = 600 * time.Millisecond

// awaitDisplay waits for words that the household wants on its display, in silence, and says whether they may still come. It returns at once where the
// caller is told to hold anyway before anything rings.
func (c *call) awaitDisplay(ctx context.Context) (mayCome bool) {
	if !c.house.DisplayWords || c.isSuspicious() {
		return false
	}
	c.reading.await(ctx, displayTime)
	return !c.reading.isOver()
}

var errMessageInstead = errors.New("the caller would rather leave a message")

// picked is what came of ringing.
type picked struct {
	telephone Leg
	err       error
}

// ringAndOffer rings the house while the caller is told to hold, if they have not been, and hears ringing. After a while it invites them to leave a
// message.
func (c *call) ringAndOffer(ctx context.Context) (Leg, error) {
	tell, begun := !c.askedToHold, make(chan struct{})
	if tell {
		c.onRingingBegins = sync.OnceFunc(func() { close(begun) })
	} else if err := c.Leg.Ring(ctx, soonRung); err != nil {
		return nil, err
	}
	ringing, cancel := context.WithCancelCause(ctx)
	// With this cause, requests that the interrupted step has sent are waited for: its late deadline must not replace the next step's.
	stop := func() { cancel(ErrInterrupted) }
	defer stop()
	up := make(chan picked, 1)
	holding, cancelHold := context.WithCancelCause(ctx)
	defer cancelHold(nil)
	waiting, cancelOffer := context.WithCancelCause(ctx)
	defer cancelOffer(nil)
	go func() {
		telephone, err := c.ask(ringing)
		up <- picked{telephone, err}
		if err == nil {
			cancelHold(ErrInterrupted) // whoever has picked up need not wait for the caller's words to end
		}
		cancelOffer(ErrInterrupted) // cuts the offer short
	}()
	if tell {
		select {
		case <-begun:
		case <-waiting.Done():
		}
		if err := c.hold(ctx, holding); err != nil {
			return nil, errors.Join(err, discard(ctx, stop, func() Leg { return (<-up).telephone }))
		}
	}
	return c.offerMessage(ctx, waiting, stop, up)
}

// hold tells the caller to hold until holding ends. If they cannot be told, the telephones ring on.
func (c *call) hold(ctx, holding context.Context) error {
	c.askedToHold = true
	err := c.Leg.Hold(holding, soonRung, c.say(prompts.PleaseHold)...)
	switch {
	case err == nil, holding.Err() != nil && ctx.Err() == nil:
		return nil
	case ctx.Err() != nil, errors.Is(err, ErrGone):
		return err
	}
	c.log.Error("a caller could not be told to hold; the telephones ring on", "err", err)
	return c.Leg.Ring(ctx, soonRung)
}

// offerMessage waits until a telephone is picked up, and after a while invites the caller to leave a message instead. waiting ends when a telephone is
// picked up or none rings any more, and stop stops them.
func (c *call) offerMessage(ctx, waiting context.Context, stop func(), up <-chan picked) (Leg, error) {
	select {
	case p := <-up:
		return p.telephone, p.err
	case <-time.After(offerAfter):
	}
	key, err := c.Leg.Ask(waiting, "1", offerKey, c.say(prompts.OfferMessage)...)
	if key == '1' {
		stop()
		if p := <-up; p.err == nil { // a telephone was picked up at the same moment
			return p.telephone, nil
		}
		c.step(calllog.Pressed{Key: calllog.KeyToMessage})
		return nil, errMessageInstead
	}
	if err != nil && !errors.Is(err, ErrNoKey) && waiting.Err() == nil {
		return nil, errors.Join(err, discard(ctx, stop, func() Leg { return (<-up).telephone }))
	}
	if waiting.Err() == nil {
		if err := c.Leg.Ring(ctx, soonRung); err != nil {
			return nil, errors.Join(err, discard(ctx, stop, func() Leg { return (<-up).telephone }))
		}
	}
	p := <-up
	return p.telephone, p.err
}

// discard stops telephones that ring for a caller who has gone, and hangs up one that was picked up meanwhile.
func discard(ctx context.Context, stop func(), picked func() Leg) error {
	stop()
	if telephone := picked(); telephone != nil {
		return gone(telephone.Hangup(context.WithoutCancel(ctx)))
	}
	return nil
}

var errTrusted = errors.New("the caller knows a pass code")

const (
	longestCode = 16 // digits of a pass code that are looked up
	codeTries   = 3  // in one call; across calls the household's store limits them
)

// passCode looks for a pass code in the keys that the caller has pressed. Nothing is said about a wrong one, so that guessers learn nothing.
func (c *call) passCode(ctx context.Context) bool {
	for _, code := range strings.FieldsFunc(c.Leg.Pressed(), func(r rune) bool { return r < '0' || r > '9' }) {
		if len(code) < screening.ShortestPassCode || len(code) > longestCode || c.tries >= codeTries {
			continue
		}
		c.tries++
		name, ok, err := c.Callers.TryPassCode(ctx, c.Household, code, c.id, c.Now())
		if err != nil {
			c.log.Error("a pass code could not be looked up", "err", err)
			return false
		}
		if ok {
			c.trusted = name
			return true
		}
	}
	return false
}

// ringTrusted rings for a caller with a pass code, or one whom a carer has let through. They have been answered already, and are told to hold.
func (c *call) ringTrusted(ctx context.Context) (calllog.Outcome, error) {
	if err := c.Leg.Play(ctx, c.say(prompts.PleaseHold)...); err != nil {
		return "", err
	}
	return c.ring(ctx)
}

// ask rings whoever is to hear about a caller: the house, the carer, or one after the other, as the household has chosen.
func (c *call) ask(ctx context.Context) (Leg, error) {
	carer := c.house.CarerNumber
	if carer == "" {
		return c.ringThese(ctx, RingSpec{})
	}
	switch c.house.CarerWhen {
	case screening.CarerAlways:
		return c.ringThese(ctx, RingSpec{Carer: carer, CarerOnly: true})
	case screening.CarerUnknown:
		return c.ringThese(ctx, RingSpec{Carer: carer})
	case screening.CarerNoAnswer:
		telephone, err := c.ringThese(ctx, RingSpec{})
		if !errors.Is(err, ErrNoAnswer) && !errors.Is(err, ErrUnreachable) {
			return telephone, err
		}
		return c.ringThese(ctx, RingSpec{Carer: carer, CarerOnly: true})
	default:
		return c.ringThese(ctx, RingSpec{})
	}
}

// rung says for the log which phones rang.
func rung(spec RingSpec) calllog.Phones {
	switch {
	case spec.CarerOnly:
		return calllog.CarersPhone
	case spec.Carer != "":
		return calllog.HomeAndCarersPhone
	default:
		return calllog.HomePhones
	}
}
