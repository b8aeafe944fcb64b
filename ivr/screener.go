package ivr

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"ringfence/calllog"
	"ringfence/prompts"
	"ringfence/screening"
)

// Memory is what a call needs from the household's store, and what it leaves there.
type Memory interface {
	Household(ctx context.Context, household string) (screening.Household, error)
	// Situation is Household, and what is known about a number.
	Situation(ctx context.Context, household string, number screening.Number) (screening.Household, screening.Knowledge, error)
	// CallArrived begins a call's log, and also ends it unless outcome is "". v is the zero Verdict if nothing could be decided.
	CallArrived(ctx context.Context, household, channel string, at time.Time, id screening.Identity,
		caller screening.Caller, v screening.Verdict, outcome calllog.Outcome) (call int64, err error)
	// CallGoesOn removes the end of a channel's call, if that is outcome.
	CallGoesOn(ctx context.Context, channel string, outcome calllog.Outcome) error
	CallStep(ctx context.Context, call int64, at time.Time, step calllog.Step) error
	// CallEnded gives a call its end, once: a second end changes nothing.
	CallEnded(ctx context.Context, call int64, at time.Time, outcome calllog.Outcome) error
	// CallByChannel finds a channel's call that has no end yet, and its household; 0 if there is none.
	CallByChannel(ctx context.Context, channel string) (call int64, household string, err error)
	// CallOver says whether the log has a channel's call, with an end.
	CallOver(ctx context.Context, channel string) (bool, error)
	// CallIsOpen says whether a household has had such a call, and whether it is still going on.
	CallIsOpen(ctx context.Context, household string, call int64) (there, open bool, err error)
	// OpenChannels lists the channels of the calls that have no end yet.
	OpenChannels(ctx context.Context) ([]string, error)
	Keep(ctx context.Context, call int64, kind string, wav []byte, length time.Duration) error
	// BlockNumber blocks a number. A contact is only blocked if evenContact is set; otherwise blocked is false.
	BlockNumber(ctx context.Context, household string, n screening.Number, note string, evenContact bool) (blocked bool, err error)
	// SendAway blocks and reports a caller whom the household has sent away as a scam. It is false for a contact, who is neither.
	SendAway(ctx context.Context, household string, n screening.Number, why string) (blocked bool, err error)
	AllowNumber(ctx context.Context, household string, n screening.Number, name string) error
	EmergencyDialled(ctx context.Context, household string, at time.Time, number string) error
	// NumberDialled remembers that the household has rung a number and talked with somebody there.
	NumberDialled(ctx context.Context, household string, number screening.Number, at time.Time) error
	// RoomForMessage makes room for one more message, and returns false if it cannot.
	RoomForMessage(ctx context.Context, household string) (bool, error)
	// Notice is for the household's carers.
	Notice(ctx context.Context, household string, at time.Time, kind Notice, text string, call int64) error
	// UseExpected uses up the expectation of a call. It returns false if there is none any more.
	UseExpected(ctx context.Context, household string) (bool, error)
	// Caller is who rings in a channel's call that has no end yet; call is 0 if there is none.
	Caller(ctx context.Context, channel string) (call int64, number screening.Number, name string, err error)
	// TryPassCode says whether a code is one of the household's, and which. It counts wrong ones, and logs each try with the call.
	TryPassCode(ctx context.Context, household, code string, call int64, at time.Time) (name string, ok bool, err error)
}

// Notice is a kind of thing that carers are told.
type Notice string

// What the scripts report. The words are a contract, like those of the store.
const (
	NoticeMessageLeft Notice = "message-left"
	NoticeSentAway    Notice = "sent-away"
)

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

// Screener handles calls, and what the household's telephones ask for. All exported fields are needed except Others, which may be nil.
type Screener struct {
	Telephones Telephones
	Memory     Memory
	Choices    Choices
	Sounds     Sounds
	SpamLookup SpamLookup
	Lines      *Lines
	Log        *slog.Logger
	Now        func() time.Time

	lobby    lobby
	turns    turns
	crowd    crowd
	underWay underWay
	tests    tests
	rang     sync.Mutex // held while Rang logs a call
}

// call is one call on its course.
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
	warned  <-chan bool // whether others call it a scam; nil if nobody was asked
	tries   int         // pass codes tried so far
	trusted string      // the name of the pass code that the caller knew
	// admitted: a carer has let the caller through before they were asked to the end.
	admitted bool
	offHook  bool            // a test call has given way to this call, and its telephone may still be off the hook
	turn     *turn           // at ringing the telephones, or nil
	logged   calllog.Outcome // the end that is in the log already
	log      *slog.Logger
}

// afterwards is how long writing to the log may take once the call itself is over.
const afterwards = 5 * time.Second

// Handle handles one call from its arrival to its end. ctx ends when the caller has gone, or with ErrLost as its cause. An error means that the
// call has to go back to the dialplan.
func (s *Screener) Handle(ctx context.Context, a Arrival) error {
	c := &call{Screener: s, Arrival: a, line: s.Lines.Of(a.Household), inbox: newInbox()}
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
	if c.id, err = s.Memory.CallArrived(ctx, a.Household, a.Channel, a.At, a.Identity, c.caller, c.verdict, c.logged); err != nil {
		return errors.Join(undecided, fmt.Errorf("log the call: %w", err))
	}
	c.log = c.log.With("call", c.id)
	if undecided != nil {
		return fmt.Errorf("decide: %w", undecided)
	}
	if c.logged == "" {
		s.underWay.add(c)
		defer s.underWay.remove(c)
		defer c.endTurn()
	}
	outcome, err := c.follow(ctx)
	for p := (*press)(nil); errors.As(err, &p); {
		outcome, err = c.obey(ctx, p)
	}
	if c.logged != "" && err != nil {
		c.goesOn(ctx)
	}
	if errors.Is(err, ErrGone) {
		awaitEnd(ctx)
	}
	if err != nil && ctx.Err() == nil {
		c.log.Error("a call could not go its course; the household's telephones ring", "err", err)
		c.step(ctx, calllog.Fault{Effect: calllog.RangUnscreened})
		return err
	}
	if errors.Is(context.Cause(ctx), ErrLost) {
		return ErrLost // Asterisk has the call; the log gets its end from there
	}
	if err != nil {
		if c.Leg.LivesOn() {
			c.log.Warn("a call's deadline has passed; the household's telephones ring")
			c.step(ctx, calllog.Fault{Effect: calllog.RangUnscreened})
			return ErrTakenBack
		}
		outcome = calllog.CallerGone
	}
	return c.end(ctx, outcome)
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
	c.caller = screening.Identify(c.Identity, c.line.Region)
	house, known, err := c.Memory.Situation(ctx, c.Household, c.caller.Number)
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
		if err := c.Memory.EmergencyDialled(ctx, c.Household, c.Emergency, ""); err != nil {
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

// useExpected says whether this is the call that the household expects: another may just have come before it. If that cannot be found out, the
// telephone rings.
func (c *call) useExpected(ctx context.Context) bool {
	used, err := c.Memory.UseExpected(ctx, c.Household)
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

// end writes a call's end into the log. The caller may have gone, and ctx with them.
func (c *call) end(ctx context.Context, outcome calllog.Outcome) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	c.log.Info("call ended", "action", c.verdict.Action, "reason", c.verdict.Reasons[0].Code, "outcome", outcome)
	if outcome == c.logged {
		return nil
	}
	return c.Memory.CallEnded(ctx, c.id, c.Now(), outcome)
}

// goesOn corrects the log if a caller could not be sent away.
func (c *call) goesOn(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	c.logged = ""
	if err := c.Memory.CallGoesOn(ctx, c.Channel, calllog.TurnedAway); err != nil {
		c.log.Error("the log says that a caller was turned away who was not", "err", err)
	}
}

// tell tells the carers. A failure must not stop a call.
func (s *Screener) tell(ctx context.Context, household string, kind Notice, text string, call int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	if err := s.Memory.Notice(ctx, household, s.Now(), kind, text, call); err != nil {
		s.Log.Error("the carers could not be told", "call", call, "kind", kind, "err", err)
	}
}

// step adds a line to the call's time line. A failure must not stop a call.
func (c *call) step(ctx context.Context, step calllog.Step) { c.stepAt(ctx, c.Now(), step) }

func (c *call) stepAt(ctx context.Context, at time.Time, step calllog.Step) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	if err := c.Memory.CallStep(ctx, c.id, at, step); err != nil {
		c.log.Error("a step of a call could not be logged", "step", calllog.KindOf(step), "err", err)
	}
}

// sayHome is phrases as sounds for the household.
func (c *call) sayHome(ids ...prompts.ID) []Sound { return say(c.line.Language, ids...) }

// say is phrases as sounds for the caller: in a contact's own language, or else in the household's own recordings where it has some.
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
