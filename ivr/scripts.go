package ivr

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ringfence/calllog"
	"ringfence/prompts"
	"ringfence/screening"
	"ringfence/sound"
)

const (
	ringTime     = 60 * time.Second          // how long telephones ring
	soonRung     = 3 * time.Second           // ample until they ring, which puts the caller's deadline off (Telephones.Ring)
	nameTime     = 10 * time.Second          // how long a caller may take to say who they are
	nameSilence  = 2 * time.Second           // the silence that ends it
	nameRecorded = nameTime + sound.LastPart // at most: what comes after their time shows whether they had come to an end by then
	messageTime  = 2 * time.Minute
	// The silence that ends a message. Callers stop to think; an analogue line that was hung up just goes silent.
	messageSilence = 5 * time.Second
	// Less speech than this is a click or a breath. "Er." is 0.5 s.
	leastSpoken = 250 * time.Millisecond
	// keyTime is how long a household may take to press a key after hearing the choices. Old people first have to take the receiver from their ear
	// and look for the key.
	keyTime  = 7 * time.Second
	readings = 2
	again    = 4 // how often "*" or a wrong key repeats the choices before a repetition counts as a reading
	allKeys  = "0123456789*#"
	// After this much ringing, a screened caller is offered to leave a message instead.
	offerAfter = 45 * time.Second
	offerKey   = 5 * time.Second // how long to wait for the key
)

// Recordings are what callers have said.
type Recordings interface {
	// RoomForMessage makes room for one more message, and returns false if it cannot.
	RoomForMessage(ctx context.Context, household string) (bool, error)
	// Keep keeps what a caller has said of themselves (calllog.RecordedName) or the message that they have left (calllog.RecordedMessage).
	Keep(ctx context.Context, call int64, kind string, wav []byte, length time.Duration) error
	// KeepWords keeps what a machine has read in such a recording, behind the call; "" for no words.
	KeepWords(ctx context.Context, call int64, kind, text string, unsure bool)
	// UnreadMessages are those that were left in a time, and no machine is done with; the newest first.
	UnreadMessages(ctx context.Context, since, before time.Time) ([]UnreadMessage, error)
	// KeepOpinion keeps how such words sound to a language model, and why in its words, behind them.
	KeepOpinion(ctx context.Context, call int64, kind string, level calllog.ScriptLevel, sentence string)
}

// turnAway tells the caller why they are not wanted; they never reach the household. The dialplan does it, so that it is done even if this program
// dies.
func (c *call) turnAway(ctx context.Context) (calllog.Outcome, error) {
	return calllog.TurnedAway, c.Leg.SendAway(ctx, c.ownFarewell(c.verdict.Farewell))
}

// ring rings the telephones. The caller hears ordinary ringing and pays nothing until the household answers.
func (c *call) ring(ctx context.Context) (calllog.Outcome, error) {
	if err := c.takeTurn(ctx); err != nil {
		return c.nobody(ctx, err)
	}
	telephone, err := c.pickUp(ctx, whileRingingOn, func(ctx context.Context) (Leg, error) {
		if err := c.Leg.Ring(ctx, soonRung); err != nil {
			return nil, err
		}
		return c.ringThese(ctx, RingSpec{})
	})
	if err != nil {
		return c.nobody(ctx, err)
	}
	return c.join(ctx, telephone, calllog.Talked)
}

// pickUp runs ring as a stage of the call, until a telephone is picked up.
func (c *call) pickUp(ctx context.Context, at stage, ring func(ctx context.Context) (Leg, error)) (telephone Leg, err error) {
	telephone, err = during(ctx, c, at, func(ctx context.Context) (Leg, error) { return c.onTurn(ctx, ring) })
	if p := (*press)(nil); errors.As(err, &p) {
		p.telephone = telephone
	}
	return telephone, err
}

// join connects caller and household until they have finished. Whoever picked up as the caller hung up is told so.
func (c *call) join(ctx context.Context, telephone Leg, as calllog.Outcome) (calllog.Outcome, error) {
	as, err := c.talk(ctx, as, func(ctx context.Context) error { return c.Telephones.Talk(ctx, c.Leg, telephone) })
	if errors.Is(err, ErrGone) {
		awaitEnd(ctx)
	}
	if err != nil && ctx.Err() != nil && !c.Leg.LivesOn() { // whom the dialplan has taken back is connected there
		c.sayCallerGone(ctx, telephone)
	}
	return as, err
}

// screen asks the caller who they are and why they are calling; the household hears that before it decides.
func (c *call) screen(ctx context.Context) (calllog.Outcome, error) {
	defer c.startSpamLookup(ctx)()
	defer func() { c.takeBack() }()
	said, err := during(ctx, c, whileAsked, c.interview)
	switch {
	case errors.Is(err, errSilent) && c.verdict.Official: // the household is rung all the same
	case errors.Is(err, errSilent):
		return calllog.NoName, c.farewell(ctx, prompts.NoName)
	case errors.Is(err, errTrusted):
		return c.ringTrusted(ctx)
	case errors.Is(err, errScamWords):
		return c.keptAway(ctx)
	case errors.Is(err, errNotProven):
		return calllog.NotProven, c.farewell(ctx, prompts.NotProven)
	case err != nil:
		return "", err
	}
	telephone, err := c.ringOnTurn(ctx)
	switch {
	case errors.Is(err, errMessageInstead):
		return c.takeMessage(ctx, calllog.NobodyHome)
	case err != nil:
		return c.nobody(ctx, err)
	case c.inbox.letThrough():
		return c.join(ctx, telephone, calllog.Talked)
	}
	return c.announce(ctx, telephone, said)
}

// interview asks the caller everything that the household wants to know before it is rung.
func (c *call) interview(ctx context.Context) (Recording, error) {
	if err := c.Leg.Answer(ctx); err != nil {
		return Recording{}, err
	}
	said, err := c.askName(ctx)
	if err != nil {
		c.saying.Load().end()
		return said, err
	}
	if c.verdict.Check || c.suspected != "" {
		if err := c.isPerson(ctx); err != nil {
			return said, err
		}
	}
	// Nothing plays until the telephones ring, or they are told to hold, and the recording has left little time.
	if err := c.Leg.Stay(ctx, displayTime+soonRung); err != nil {
		return said, err
	}
	if mayCome := c.awaitDisplay(ctx); !mayCome && !c.isSuspicious() {
		return said, nil // the telephones ring while they are told to hold
	}
	if err := c.askToHold(ctx); err != nil {
		return said, err
	}
	return said, c.decideByWords(ctx)
}

// askToHold tells the caller to hold before any telephone rings.
func (c *call) askToHold(ctx context.Context) error {
	if c.askedToHold {
		return nil
	}
	c.askedToHold = true
	return c.Leg.Play(ctx, c.say(prompts.PleaseHold)...)
}

// isSuspicious says whether anything speaks against the caller by now. Then the telephones do not ring before the caller has been told to hold, which
// gives the machine time to read what they have said. A hidden number alone is nothing unusual.
func (c *call) isSuspicious() bool {
	c.hearSpamLookup()
	_, level := c.reading.now()
	warned := slices.ContainsFunc(c.verdict.Warnings, func(w screening.Warning) bool { return w != screening.WarnWithheld })
	return warned || c.suspected != "" || level != "" || c.wordsDecide()
}

var (
	errSilent    = errors.New("the caller said nothing")
	errNotProven = errors.New("the caller did not press the key that was asked for")
)

// askName asks who is calling, and asks again if nothing was said, or if what was said before the tone is lost. Somebody who knows a pass code may key
// it at any time meanwhile, with "#" at its end.
func (c *call) askName(ctx context.Context) (Recording, error) {
	defer c.expectWords()() // a piece of a message that was begun while they speak might keep theirs from being read in time
	var before Recording    // what they said after a question that they had talked over
	for _, question := range []prompts.ID{prompts.AskName, prompts.AskNameAgain} {
		c.step(calllog.Asked{Again: question == prompts.AskNameAgain})
		length, over, err := c.question(ctx, question)
		if err != nil {
			return Recording{}, err
		}
		said, err := c.listen(ctx)
		soFar := c.saying.Load().now()
		saysMore := said.Spoken >= leastSpoken && said.Spoken > before.Spoken
		if errors.Is(err, ErrInterrupted) && saysMore {
			c.keepName(ctx, said) // as far as they got
		}
		if err != nil {
			return Recording{}, err
		}
		if c.passCode(ctx) {
			return Recording{}, errTrusted
		}
		// Before the log says that they have spoken, because carers are alerted then, but to no recorded call.
		c.suspect(suspicion(length, over, said))
		c.suspect(c.wordsSay(said, soFar))
		if saysMore {
			c.keepName(ctx, said)
		} else {
			c.saying.Load().end()
		}
		switch {
		case !saysMore: // they are asked once more, or what they said before is announced
		case question == prompts.AskName && wasLost(over, said):
			before = said
		default:
			return said, nil
		}
	}
	if before.Spoken > 0 {
		return c.bringBack(before), nil
	}
	return Recording{}, errSilent
}

// keepName stores what a caller has said of themselves. If that fails, Asterisk still has it and it is announced; only the log will lack it.
func (c *call) keepName(ctx context.Context, said Recording) {
	c.step(calllog.Said{Length: said.Length})
	c.reading.replace()
	if err := c.keep(ctx, calllog.RecordedName, said); err != nil {
		c.log.Error("what a caller has said could not be kept", "err", err)
	}
	c.readName(ctx, said)
}

// listen records the caller's name and purpose. Two seconds of silence end it; but nobody has to begin within two seconds, so a silent recording
// is made once more.
func (c *call) listen(ctx context.Context) (said Recording, err error) {
	spec := RecordSpec{Max: nameRecorded, Silence: nameSilence, EndKey: "#"}
	for range 2 {
		spec.Growing = c.readsAlong()
		if said, err = c.Leg.Record(ctx, spec); err != nil || said.Spoken >= leastSpoken {
			return said, err
		}
	}
	return said, nil
}

// ringThese rings the telephones that spec names, those in the home if it names none; its other fields are filled in here. A telephone with a
// display shows the caller's own number.
func (c *call) ringThese(ctx context.Context, spec RingSpec) (Leg, error) {
	spec.Household, spec.Caller, spec.AtMost = c.Household, c.Leg, ringTime
	spec.ShowName, spec.ShowNumber = c.showName(), c.caller.Number.National(c.line.Region)
	spec.Help, spec.OnBegin = c.verdict.Help(), c.onRingingBegins
	c.step(calllog.Rang{Phones: rung(spec)})
	telephone, err := c.ringMakingRoom(ctx, spec)
	if err == nil {
		c.step(calllog.PickedUp{})
	}
	return telephone, err
}

// nobody says in a plain sentence why the household cannot be reached, and takes a message.
func (c *call) nobody(ctx context.Context, why error) (calllog.Outcome, error) {
	switch {
	case ctx.Err() != nil:
		return calllog.CallerGone, ctx.Err()
	case errors.Is(why, ErrBusy), errors.Is(why, errMadeRoom):
		return c.takeMessage(ctx, calllog.Busy, prompts.OnAnotherCall)
	case errors.Is(why, ErrNoAnswer), errors.Is(why, ErrUnreachable):
		c.step(calllog.NoAnswer{Why: whyNoAnswer(why)})
		return c.takeMessage(ctx, calllog.NobodyHome, prompts.NobodyHome)
	default:
		return "", why
	}
}

func whyNoAnswer(err error) calllog.WhyNoAnswer {
	switch {
	case errors.Is(err, ErrOffline):
		return calllog.NotRegistered
	case errors.Is(err, ErrUnreachable):
		return calllog.Unreachable
	default:
		return calllog.NobodyAnswered
	}
}

// farewell says some last words and hangs up.
func (c *call) farewell(ctx context.Context, words ...prompts.ID) error {
	if err := c.Leg.Answer(ctx); err != nil {
		return err
	}
	return lastWords(ctx, c.Leg, c.say(words...))
}

// lastWords plays something to a leg and hangs it up.
func lastWords(ctx context.Context, leg Leg, sounds []Sound) error {
	if err := leg.Play(ctx, sounds...); err != nil {
		return err
	}
	return leg.Hangup(ctx)
}

// takeMessage says why there is nobody to talk to, and records a message. If nothing is said there is no message, and the outcome is the one that
// the call had before.
func (c *call) takeMessage(ctx context.Context, before calllog.Outcome, why ...prompts.ID) (calllog.Outcome, error) {
	return during(ctx, c, whileLeaving, func(ctx context.Context) (calllog.Outcome, error) { return c.leaveMessage(ctx, before, why) })
}

func (c *call) leaveMessage(ctx context.Context, before calllog.Outcome, why []prompts.ID) (calllog.Outcome, error) {
	c.endTurn()
	if err := c.Leg.Answer(ctx); err != nil {
		return before, err
	}
	room, err := c.Recordings.RoomForMessage(ctx, c.Household)
	if ctx.Err() != nil {
		return before, context.Cause(ctx)
	}
	if err != nil {
		return before, c.notKept(ctx, before, err, false)
	}
	if !room {
		c.step(calllog.NoRoom{})
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
	if fault := c.keep(ctx, calllog.RecordedMessage, said); fault != nil {
		return before, c.notKept(ctx, before, fault, err != nil)
	}
	c.step(calllog.LeftMessage{Length: said.Length})
	c.startReading(ctx, c.log, spoken{household: c.Household, call: c.id, kind: calllog.RecordedMessage, wav: said.WAV, rule: c.house.ScamWords, quietly: c.isContact()})
	c.Carers.OnMessageLeft(ctx, c.Household, c.id)
	if err != nil {
		return calllog.MessageLeft, nil
	}
	return calllog.MessageLeft, gone(c.farewell(ctx, prompts.MessageKept))
}

// notKept tells a caller that their message could not be kept, for example because the disk is full. If no telephone has rung for them yet, and
// they have not hung up, it returns an error instead: then the household is rung.
func (c *call) notKept(ctx context.Context, before calllog.Outcome, fault error, hungUp bool) error {
	c.step(calllog.Fault{Effect: calllog.MessageLost})
	if before == calllog.NoMessage && !hungUp {
		return fmt.Errorf("keep the message: %w", fault)
	}
	c.log.Error("a message could not be kept", "err", fault)
	return gone(c.farewell(ctx, prompts.MessageNotKept))
}

// messageOnly offers a message to a caller for whom no telephone rings.
func (c *call) messageOnly(ctx context.Context) (calllog.Outcome, error) {
	switch {
	case c.verdict.Quiet && c.known.Contact != nil:
		return c.takeMessage(ctx, calllog.NoMessage, prompts.QuietHours, prompts.CallAgain)
	case c.verdict.Quiet:
		return c.takeMessage(ctx, calllog.NoMessage, prompts.QuietHours)
	default:
		return c.takeMessage(ctx, calllog.NoMessage, prompts.KnownOnly)
	}
}

// gone drops the error that a leg has hung up, where a script had nothing left to do but say goodbye.
func gone(err error) error {
	if errors.Is(err, ErrGone) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// afterwards is how long keeping a recording may take once the call itself is over.
const afterwards = 5 * time.Second

// keep stores a recording with the call. The caller may have hung up by now.
func (c *call) keep(ctx context.Context, kind string, said Recording) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	return c.Recordings.Keep(ctx, c.id, kind, said.WAV, said.Length)
}
