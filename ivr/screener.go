package ivr

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ringfence/calllog"
	"ringfence/prompts"
	"ringfence/screening"
	"ringfence/speech"
)

// Households looks up what a household has chosen, and what is known about callers.
type Households interface {
	Household(ctx context.Context, household string) (screening.Household, error)
	// Situation is Household, and what is known about a number.
	Situation(ctx context.Context, household string, number screening.Number) (screening.Household, screening.Knowledge, error)
	// DialGuards are the households that want to be warned of numbers that they dial.
	DialGuards(ctx context.Context) ([]string, error)
	// UseExpected uses up the expectation of a call. It returns false if there is none any more.
	UseExpected(ctx context.Context, household string) (bool, error)
	// EmergencyDialled remembers that an emergency number was dialled, "" where only the time is known. It may be reported again and again.
	EmergencyDialled(ctx context.Context, household string, at time.Time, number string) error
	// NumberDialled remembers that the household has rung a number and talked with somebody there.
	NumberDialled(ctx context.Context, household string, number screening.Number, at time.Time) error
}

// CallLog is the log of calls. Writes are queued, so that no call waits for the disk, and it handles its own faults.
type CallLog interface {
	// CallArrived begins a call's log, and also ends it unless outcome is "". v is the zero Verdict if nothing could be decided.
	CallArrived(household, channel string, at time.Time, id screening.Identity, caller screening.Caller, v screening.Verdict,
		outcome calllog.Outcome) (call int64, err error)
	// CallGoesOn removes the end of a channel's call, if that is outcome.
	CallGoesOn(channel string, outcome calllog.Outcome)
	CallStep(call int64, at time.Time, step calllog.Step)
	// CallEnded gives a call its end, once: a second end changes nothing.
	CallEnded(call int64, at time.Time, outcome calllog.Outcome)
}

// Carers alerts carers. No call waits for that.
type Carers interface {
	OnMessageLeft(ctx context.Context, household string, call int64)
	// OnSentAway tells them who has sent a scam caller away, such as "the household".
	OnSentAway(ctx context.Context, household, by string, call int64)
	// OnSoundsLikeScam tells them why a caller's words sound like those of a scam.
	OnSoundsLikeScam(ctx context.Context, household string, call int64, reasons string)
}

// Arrival is a call as the dialplan hands it over.
type Arrival struct {
	Household string
	Channel   string // Asterisk's unique id of the channel
	At        time.Time
	Identity  screening.Identity
	Emergency time.Time // when the dialplan last saw an emergency number dialled; zero: never
	Crowded   bool      // the household has reached its limit, so only callers it knows may come in
	Leg       Leg
}

// Screener handles calls, and what the household's telephones ask for. What it needs is described beside the scripts that need it, and what it
// needs of the store is in app/ivrstore. All exported fields are needed except SpamLookup, Speech, Interim, SoundsRecorded, MessageSpeech, ExpectWords,
// Judge, SecondOpinion and OnRefused, which may be nil; OnSaying is needed beside Interim.
type Screener struct {
	Telephones Telephones
	Households Households
	CallLog    CallLog
	OpenCalls  OpenCalls
	Callers    Callers
	Recordings Recordings
	Mailbox    Mailbox
	Choices    Choices
	Carers     Carers
	Sounds     Sounds
	SpamLookup SpamLookup
	Lines      *Lines
	Log        *slog.Logger
	Now        func() time.Time

	Speech         speech.Transcriber      // reads what callers say of themselves; it gives up in time (see speech.Reader)
	Interim        Interim                 // reads what they have said so far, while they speak
	OnSaying       func()                  // is called when it has read more
	SoundsRecorded func(words string) bool // says whether what they have said so far is what recordings say; it is pure
	MessageSpeech  speech.Transcriber      // reads messages, and takes its time (see speech.Patient)
	ExpectWords    func() (over func())    // has messages wait while a caller's words are wanted (see speech.Reader.Expect)
	Judge          Judge                   // of either
	SecondOpinion  SecondOpinion           // of either, where the owner has a language model for that
	OnRefused      func(calls int)         // is called when the dialplan has refused calls above a limit

	lobby    lobby
	turns    turns
	crowd    crowd
	underWay sync.Map   // by their numbers in the log, the calls that carers can press keys for
	tests    sync.Map   // by household, its test call
	rang     sync.Mutex // held while OnRangUnscreened logs a call
}

// call is one call in progress.
type call struct {
	*Screener
	Arrival
	id      int64
	inbox   *inbox
	line    screening.Line
	caller  screening.Caller
	known   screening.Knowledge
	house   screening.Household
	verdict screening.Verdict
	reading *reading               // what a machine reads in what the caller has said of themselves; nil if nothing is read
	saying  atomic.Pointer[saying] // what a machine reads in it while they speak; nil if nothing is read
	warned  <-chan bool            // whether another service calls it a scam; nil if none was asked
	tries   int                    // pass codes tried so far
	trusted string                 // the name of the pass code that the caller knew
	// admitted: a carer has let the caller through before they were asked to the end.
	admitted    bool
	askedToHold bool
	// onRingingBegins is called when the telephones begin to ring; nil: nobody waits for that.
	onRingingBegins func()
	// suspected is why the caller seems to be a recorded call; "" if they do not.
	suspected calllog.WhySuspected
	takeBack  func()          // a recording that was brought to Asterisk for this call
	offHook   bool            // a test call has given way to this call, and its telephone may still be off the hook
	turn      *turn           // at ringing the telephones, or nil
	logged    calllog.Outcome // the end that is in the log already
	log       *slog.Logger
}

// Handle handles one call from its arrival to its end. ctx ends when the caller has gone, or with ErrLost as its cause. An error means that the
// call has to go back to the dialplan.
func (s *Screener) Handle(ctx context.Context, a Arrival) error {
	c := &call{Screener: s, Arrival: a, line: s.Lines.Of(a.Household), inbox: newInbox(), takeBack: func() {}}
	c.log = s.Log.With("channel", a.Channel, "household", a.Household)
	// The arrival and the verdict are one write, because deciding takes less time than writing. So is the end, if the dialplan does all the
	// rest.
	undecided := c.decide(ctx)
	if a.Crowded && undecided == nil {
		if !s.crowd.enter(c) {
			return a.Leg.Refuse(ctx) // the dialplan counts it for the log
		}
		defer s.crowd.leave(c)
	}
	if undecided == nil && c.verdict.Action == screening.TurnAway {
		c.logged = calllog.TurnedAway
	}
	var err error
	if c.id, err = s.CallLog.CallArrived(a.Household, a.Channel, a.At, a.Identity, c.caller, c.verdict, c.logged); err != nil {
		return errors.Join(undecided, fmt.Errorf("log the call: %w", err))
	}
	c.log = c.log.With("call", c.id)
	if undecided != nil {
		return fmt.Errorf("decide: %w", undecided)
	}
	if c.logged == "" {
		s.underWay.Store(c.id, c)
		defer s.underWay.Delete(c.id)
		defer c.inbox.end()
		defer c.endTurn()
	}
	outcome, err := c.follow(ctx)
	for p := (*press)(nil); errors.As(err, &p); {
		outcome, err = c.obey(ctx, p)
	}
	if c.logged != "" && err != nil { // the caller was not turned away after all
		c.logged = ""
		c.CallLog.CallGoesOn(c.Channel, calllog.TurnedAway)
	}
	if errors.Is(err, ErrGone) {
		awaitEnd(ctx)
	}
	if err != nil && ctx.Err() == nil {
		c.log.Error("a call could not go its course; the household's telephones ring", "err", err)
		c.step(calllog.Fault{Effect: calllog.RangUnscreened})
		return err
	}
	if errors.Is(context.Cause(ctx), ErrLost) {
		return ErrLost // Asterisk has the call; the log gets its end from there
	}
	if err != nil {
		if c.Leg.LivesOn() {
			c.log.Warn("a call's deadline has passed; the household's telephones ring")
			c.step(calllog.Fault{Effect: calllog.RangUnscreened})
			return ErrTakenBack
		}
		outcome = calllog.CallerGone
	}
	c.end(outcome)
	return nil
}

// awaitEnd waits a moment for ctx to end: Asterisk may refuse a request for a caller before it reports that they have gone.
func awaitEnd(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
}

// decide identifies the caller and gets the verdict.
func (c *call) decide(ctx context.Context) error {
	c.Identity = c.line.PassOver(c.Identity)
	c.caller = c.line.Identify(c.Identity)
	house, known, err := c.Households.Situation(ctx, c.Household, c.caller.Number)
	if err != nil {
		return err
	}
	house = c.line.Complete(house)
	c.house, c.known = house, known
	if c.known.Contact != nil {
		c.caller.Name = c.known.Contact.Name // the household's own name for them, not the network's
	}
	if c.Emergency.After(c.known.Emergency) {
		c.known.Emergency = c.Emergency
		if err := c.Households.EmergencyDialled(ctx, c.Household, c.Emergency, ""); err != nil {
			c.log.Error("an emergency call could not be logged", "err", err)
		}
	}
	c.verdict = screening.Decide(screening.Call{At: c.At, Caller: c.caller}, house, c.known)
	if c.verdict.Expected && !c.useExpected(ctx) {
		house.Times.ExpectingUntil = time.Time{}
		c.verdict = screening.Decide(screening.Call{At: c.At, Caller: c.caller}, house, c.known)
	}
	c.log.Debug("verdict", "action", c.verdict.Action, "reason", c.verdict.Reasons[0].Code)
	return nil
}

// useExpected says whether this is the call that the household expects: another may just have come before it. If that is not known, the telephone
// rings.
func (c *call) useExpected(ctx context.Context) bool {
	used, err := c.Households.UseExpected(ctx, c.Household)
	if err != nil {
		c.log.Error("an expected call could not be noted", "err", err)
	}
	return used || err != nil
}

// follow runs the script that the verdict asks for.
func (c *call) follow(ctx context.Context) (calllog.Outcome, error) {
	if c.verdict.Action == screening.TurnAway {
		return c.turnAway(ctx)
	}
	c.giveWay(ctx)
	// If nobody can tell whether they are talking, the call rings.
	if use, err := c.Telephones.Use(ctx, c.Household); err != nil && ctx.Err() == nil {
		c.log.Error("it cannot be known what the telephones are doing", "err", err)
	} else if use != Free && !c.verdict.Official { // an official number waits for its turn after saying who it is
		return c.second(ctx, use)
	}
	switch c.verdict.Action {
	case screening.Screen:
		return c.screen(ctx)
	case screening.Message:
		return c.messageOnly(ctx)
	default:
		return c.ring(ctx)
	}
}

// end writes a call's end into the log.
func (c *call) end(outcome calllog.Outcome) {
	c.log.Info("call ended", "action", c.verdict.Action, "reason", c.verdict.Reasons[0].Code, "outcome", outcome)
	if outcome != c.logged {
		c.CallLog.CallEnded(c.id, c.Now(), outcome)
	}
}

// step adds a line to the call's time line.
func (c *call) step(step calllog.Step) { c.CallLog.CallStep(c.id, c.Now(), step) }

// sayHome is phrases as sounds for the household.
func (c *call) sayHome(ids ...prompts.ID) []Sound { return say(c.line.Language, ids...) }

// say is phrases as sounds for the caller: in a contact's own language, or else in the household's own recordings if there are any.
func (c *call) say(ids ...prompts.ID) []Sound {
	if k := c.known.Contact; k != nil && k.Language != "" && k.Language != c.line.Language {
		return say(k.Language, slices.DeleteFunc(slices.Clone(ids), func(id prompts.ID) bool { return id == Greeting })...)
	}

	var sounds []Sound
	for _, id := range ids {
		if own, there := c.Sounds.Own(c.Household, id); there {
			sounds = append(sounds, own)
		} else if id != Greeting {
			sounds = append(sounds, Say(c.line.Language, id))
		}
	}
	return sounds
}
