package ivr

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/prompts"
	"ringfence/screening"
)

const (
	ringTime    = 60 * time.Second // for how long telephones ring
	nameTime    = 10 * time.Second // for how long a caller may say who they are
	nameSilence = 2 * time.Second  // silence that ends it
	messageTime = 2 * time.Minute
	// A caller who leaves a message stops to think; an analogue line that was hung up goes on in silence.
	messageSilence = 5 * time.Second
	// Less speech than that is a click or a breath. "Er." is 0.5 s.
	leastSpoken = 250 * time.Millisecond
	// keyTime is how long a household may take to press a key after the choices were read: an old hand takes the
	// receiver from the ear and looks for the key first.
	keyTime  = 7 * time.Second
	readings = 2
	again    = 4 // how often "*" or a wrong key reads the choices anew before they count as read
	allKeys  = "0123456789*#"
	// After that much ringing a caller who has said who they are is offered to leave a message instead.
	offerAfter = 45 * time.Second
	offerKey   = 5 * time.Second // for how long the key to do so is waited for
)

// turnAway: the caller hears why they are not wanted, and never reaches the household. The dialplan does it, so that it
// goes on whatever becomes of this program.
func (c *call) turnAway(ctx context.Context) (Outcome, error) {
	return TurnedAway, c.Leg.SendAway(ctx, c.ownFarewell(c.verdict.Farewell))
}

// ownFarewell is the household's own inspection message in place of the usual one, where it has recorded one: an extension
// of its own in the dialplan.
func (c *call) ownFarewell(words screening.Farewell) screening.Farewell {
	if words == screening.NotWanted {
		return words
	}
	if _, own := c.Sounds.Own(c.Household, prompts.Inspection); own {
		return screening.Farewell("own-" + c.Household)
	}
	return words
}

// ring: the caller hears ordinary ringing and pays nothing until the household answers.
func (c *call) ring(ctx context.Context) (Outcome, error) {
	if err := c.takeTurn(ctx); err != nil {
		return c.nobody(ctx, err)
	}
	telephone, err := c.pickUp(ctx, whileRingingOn, func(ctx context.Context) (Leg, error) {
		if err := c.Leg.Ring(ctx, ringTime); err != nil {
			return nil, err
		}
		return c.ringTelephones(ctx)
	})
	if err != nil {
		return c.nobody(ctx, err)
	}
	return c.join(ctx, telephone, Talked)
}

// pickUp waits, at a stage, until a telephone is picked up.
func (c *call) pickUp(ctx context.Context, at stage, ring func(ctx context.Context) (Leg, error)) (telephone Leg, err error) {
	err = c.during(ctx, at, func(ctx context.Context) (err error) {
		telephone, err = c.onTurn(ctx, ring)
		return err
	})
	if p := (*press)(nil); errors.As(err, &p) {
		p.telephone = telephone
	}
	return telephone, err
}

// join lets caller and household talk, until they have finished.
func (c *call) join(ctx context.Context, telephone Leg, as Outcome) (Outcome, error) {
	return c.talk(ctx, as, func(ctx context.Context) error { return c.Telephones.Talk(ctx, c.Leg, telephone) })
}

// screen: the caller says who they are and why they call, and the household hears that before it decides.
func (c *call) screen(ctx context.Context) (Outcome, error) {
	defer c.askOthers(ctx)()
	var said Recording
	err := c.during(ctx, whileAsked, func(ctx context.Context) (err error) {
		said, err = c.interview(ctx)
		return err
	})
	switch {
	case errors.Is(err, errSilent) && c.verdict.Official: // rung all the same, with said empty
	case errors.Is(err, errSilent):
		return NoName, c.farewell(ctx, prompts.NoName)
	case errors.Is(err, errTrusted):
		return c.ringTrusted(ctx)
	case errors.Is(err, errNotProven):
		return NotProven, c.farewell(ctx, prompts.NotProven)
	case err != nil:
		return "", err
	}
	telephone, err := c.ringOnTurn(ctx)
	switch {
	case errors.Is(err, errMessageInstead):
		return c.takeMessage(ctx, NobodyHome)
	case err != nil:
		return c.nobody(ctx, err)
	case c.inbox.letThrough():
		return c.join(ctx, telephone, Talked)
	}
	return c.announce(ctx, telephone, said)
}

// interview asks the caller all that the household wants to know before it is rung.
func (c *call) interview(ctx context.Context) (Recording, error) {
	if err := c.Leg.Answer(ctx); err != nil {
		return Recording{}, err
	}
	said, err := c.askName(ctx)
	if err != nil {
		return said, err
	}
	if c.verdict.Check {
		if err := c.isPerson(ctx); err != nil {
			return said, err
		}
	}
	return said, c.Leg.Play(ctx, c.say(prompts.PleaseHold)...)
}

var (
	errSilent    = errors.New("the caller said nothing")
	errNotProven = errors.New("the caller did not press the key that was asked for")
)

// askName asks who is calling, and once more if there was nothing to be heard. Somebody who knows a pass code may key it at
// any time meanwhile, with "#" at its end.
func (c *call) askName(ctx context.Context) (Recording, error) {
	for _, question := range []prompts.ID{prompts.AskName, prompts.AskNameAgain} {
		c.step(ctx, "asked", string(question))
		key, err := c.Leg.Ask(ctx, "#", 0, c.say(Greeting, question, prompts.Tone)...)
		if err != nil && !errors.Is(err, ErrNoKey) {
			return Recording{}, err
		}
		if c.passCode(ctx) {
			return Recording{}, errTrusted
		}
		if key == '#' { // cut short by somebody in a hurry: they still need to know when to speak
			if err := c.Leg.Play(ctx, c.say(prompts.Tone)...); err != nil {
				return Recording{}, err
			}
		}
		said, err := c.listen(ctx)
		if errors.Is(err, ErrInterrupted) && said.Spoken >= leastSpoken {
			c.keepName(ctx, said) // as much as there is
		}
		if err != nil {
			return Recording{}, err
		}
		if c.passCode(ctx) {
			return Recording{}, errTrusted
		}
		if said.Spoken >= leastSpoken {
			c.keepName(ctx, said)
			return said, nil
		}
	}
	return Recording{}, errSilent
}

// keepName keeps what a caller has said of themselves. Where that fails, Asterisk has it, and it is announced; only the log
// will lack it.
func (c *call) keepName(ctx context.Context, said Recording) {
	c.step(ctx, "said", said.Length.Round(100*time.Millisecond).String())
	if err := c.keep(ctx, "name", said); err != nil {
		c.log.Error("what a caller has said could not be kept", "err", err)
	}
}

// listen records the caller's name and purpose. Two seconds of silence end it, but nobody has to begin within two
// seconds: silence at the beginning is given twice the time.
func (c *call) listen(ctx context.Context) (said Recording, err error) {
	spec := RecordSpec{Max: nameTime, Silence: nameSilence, EndKey: "#"}
	for range 2 {
		if said, err = c.Leg.Record(ctx, spec); err != nil || said.Spoken >= leastSpoken {
			return said, err
		}
	}
	return said, nil
}

// ringTelephones rings the house, with the caller's own number on a telephone that has a display.
func (c *call) ringTelephones(ctx context.Context) (Leg, error) {
	return c.ringThese(ctx, RingSpec{})
}

// ringThese does so; of spec only who is rung is taken.
func (c *call) ringThese(ctx context.Context, spec RingSpec) (Leg, error) {
	spec.Household, spec.Caller, spec.AtMost = c.Household, c.Leg, ringTime
	spec.ShowName, spec.ShowNumber = c.showName(), c.caller.Number.National(c.line.Region)
	spec.Help = c.verdict.Help()
	c.step(ctx, "rang", rung(spec))
	telephone, err := c.ringMakingRoom(ctx, spec)
	if err == nil {
		c.step(ctx, "picked-up", "")
	}
	return telephone, err
}

// nobody: the caller gets a plain sentence, never silence, when the household cannot be had.
func (c *call) nobody(ctx context.Context, why error) (Outcome, error) {
	switch {
	case ctx.Err() != nil:
		return CallerGone, ctx.Err()
	case errors.Is(why, ErrBusy), errors.Is(why, errMadeRoom):
		return c.takeMessage(ctx, Busy, prompts.OnAnotherCall)
	case errors.Is(why, ErrNoAnswer), errors.Is(why, ErrUnreachable):
		c.step(ctx, "no-answer", why.Error())
		return c.takeMessage(ctx, NobodyHome, prompts.NobodyHome)
	default:
		return "", why
	}
}

// farewell says a last sentence and hangs up.
func (c *call) farewell(ctx context.Context, words ...prompts.ID) error {
	if err := c.Leg.Answer(ctx); err != nil {
		return err
	}
	if err := c.Leg.Play(ctx, c.say(words...)...); err != nil {
		return err
	}
	return c.Leg.Hangup(ctx)
}

// takeMessage says why, and records what the caller wants to leave. Nothing said is no message, and the call keeps the
// outcome that it had before.
func (c *call) takeMessage(ctx context.Context, before Outcome, why ...prompts.ID) (outcome Outcome, err error) {
	err = c.during(ctx, whileLeaving, func(ctx context.Context) (err error) {
		outcome, err = c.leaveMessage(ctx, before, why)
		return err
	})
	return outcome, err
}

func (c *call) leaveMessage(ctx context.Context, before Outcome, why []prompts.ID) (Outcome, error) {
	c.endTurn()
	if err := c.Leg.Answer(ctx); err != nil {
		return before, err
	}
	room, err := c.Memory.RoomForMessage(ctx, c.Household)
	if ctx.Err() != nil {
		return before, context.Cause(ctx)
	}
	if err != nil {
		return before, c.notKept(ctx, before, err, false)
	}
	if !room {
		c.step(ctx, "no-room", "there was no room for a message")
		return before, gone(c.farewell(ctx, append(why, prompts.BoxFull)...))
	}
	words := append([]prompts.ID{Greeting}, why...)
	if err := c.Leg.Play(ctx, c.say(append(words, prompts.LeaveMessage)...)...); err != nil {
		return before, gone(err)
	}
	said, err := c.Leg.Record(ctx, RecordSpec{Max: messageTime, Silence: messageSilence, EndKey: "#", Unattended: LeaveMessage})
	if err != nil && !errors.Is(err, ErrGone) && ctx.Err() == nil {
		return before, c.notKept(ctx, before, err, false)
	}
	if said.Spoken < leastSpoken {
		if err != nil {
			return before, nil
		}
		return before, gone(c.farewell(ctx, prompts.Goodbye))
	}
	said = said.Trimmed()
	if fault := c.keep(ctx, "message", said); fault != nil {
		return before, c.notKept(ctx, before, fault, err != nil)
	}
	c.step(ctx, "message", said.Length.Round(100*time.Millisecond).String())
	c.tell(ctx, c.Household, NoticeMessageLeft, "A message was left.", c.id)
	if err != nil {
		return MessageLeft, nil
	}
	return MessageLeft, gone(c.farewell(ctx, prompts.MessageKept))
}

// notKept tells a caller that their message is lost, a full disk for example, rather than let them believe it was heard. Where no telephone has
// rung for them yet, the household's rings instead, unless they have hung up: nothing else is left of the call.
func (c *call) notKept(ctx context.Context, before Outcome, fault error, hungUp bool) error {
	c.step(ctx, "fault", "the message could not be kept")
	if before == NoMessage && !hungUp {
		return fmt.Errorf("keep the message: %w", fault)
	}
	c.log.Error("a message could not be kept", "err", fault)
	return gone(c.farewell(ctx, prompts.MessageNotKept))
}

// messageOnly: a caller for whom no telephone rings may leave a message.
func (c *call) messageOnly(ctx context.Context) (Outcome, error) {
	switch {
	case c.verdict.Quiet && c.known.Contact != nil:
		return c.takeMessage(ctx, NoMessage, prompts.QuietHours, prompts.CallAgain)
	case c.verdict.Quiet:
		return c.takeMessage(ctx, NoMessage, prompts.QuietHours)
	default:
		return c.takeMessage(ctx, NoMessage, prompts.KnownOnly)
	}
}

// gone turns "the caller has hung up" into nothing, where a script had nothing left to do but to be polite.
func gone(err error) error {
	if errors.Is(err, ErrGone) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// keep stores what was said with the call. The caller may have hung up by now.
func (c *call) keep(ctx context.Context, kind string, said Recording) error {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer done()
	return c.Memory.Keep(ctx, c.id, kind, said.WAV, said.Length)
}
