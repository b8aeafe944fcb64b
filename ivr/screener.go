package ivr

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"ringfence/prompts"
	"ringfence/screening"
)

// Outcome is what became of a call. The words are a contract: `ringfence calls --json` shows them.
type Outcome string

const (
	Talked      Outcome = "talked"       // the household answered, and they talked
	Accepted    Outcome = "accepted"     // announced, and the household pressed 1
	LetThrough  Outcome = "let-through"  // announced, and the household pressed 4: from now on a contact
	NotNow      Outcome = "not-now"      // announced, and the household did not want the call now
	SentAway    Outcome = "sent-away"    // announced, and the household pressed 3: a scam
	TurnedAway  Outcome = "turned-away"  // never reached the household
	NoName      Outcome = "no-name"      // asked twice, said nothing
	NobodyHome  Outcome = "nobody-home"  // no telephone was answered, or none was there
	Busy        Outcome = "busy"         // the telephones were busy
	MessageLeft Outcome = "message-left" // the caller left a message
	NoMessage   Outcome = "no-message"   // the caller was offered to leave a message and did not
	CallerGone  Outcome = "caller-gone"  // the caller hung up before anything else was decided
	Interrupted Outcome = "interrupted"  // the application was away when the call ended
)

// Memory is what a call needs of the household's store, and what it leaves there. A household is named by its name.
type Memory interface {
	Household(ctx context.Context, household string) (screening.Household, error)
	Know(ctx context.Context, household string, number screening.Number) (screening.Knowledge, error)
	CallArrived(ctx context.Context, household, channel string, at time.Time, id screening.Identity) (call int64, err error)
	CallDecided(ctx context.Context, call int64, caller screening.Caller, v screening.Verdict) error
	CallStep(ctx context.Context, call int64, at time.Time, step, detail string) error
	// CallEnded gives a call its end, once: a second end changes nothing.
	CallEnded(ctx context.Context, call int64, at time.Time, outcome string) error
	// CallByChannel finds the call without an end that a channel carries; 0 where there is none.
	CallByChannel(ctx context.Context, channel string) (call int64, err error)
	// OpenChannels lists the channels of the calls that have no end yet.
	OpenChannels(ctx context.Context) ([]string, error)
	Keep(ctx context.Context, call int64, kind string, wav []byte, length time.Duration) error
	BlockNumber(ctx context.Context, household string, n screening.Number, note string) error
	AllowNumber(ctx context.Context, household string, n screening.Number, name string) error
	EmergencyDialled(ctx context.Context, household string, at time.Time, number string) error
}

// Line is what ringfence.toml says of a household.
type Line struct {
	Region   string
	Number   screening.Number
	Language string
}

// Arrival is a call as the dialplan hands it over.
type Arrival struct {
	Household string
	Channel   string // Asterisk's unique id of the channel
	At        time.Time
	Identity  screening.Identity
	Emergency time.Time // when the dialplan last saw an emergency number dialled; zero: never
	Leg       Leg
}

// Screener takes calls. All fields are needed.
type Screener struct {
	Telephones Telephones
	Memory     Memory
	Lines      map[string]Line // by household
	Log        *slog.Logger
	Now        func() time.Time
}

// call is one call on its course.
type call struct {
	*Screener
	Arrival
	id      int64
	line    Line
	caller  screening.Caller
	known   screening.Knowledge
	verdict screening.Verdict
	log     *slog.Logger
}

// afterwards is how long the last words about a call may take to be written once the call itself is over.
const afterwards = 5 * time.Second

// Handle takes one call from its arrival to its end. ctx ends when the caller has gone, or with ErrLost as its cause. An
// error means that the call has to go back to the dialplan.
func (s *Screener) Handle(ctx context.Context, a Arrival) error {
	c := &call{Screener: s, Arrival: a, line: s.Lines[a.Household]}
	c.log = s.Log.With("channel", a.Channel, "household", a.Household)
	var err error
	if c.id, err = s.Memory.CallArrived(ctx, a.Household, a.Channel, a.At, a.Identity); err != nil {
		return fmt.Errorf("log the call: %w", err)
	}
	c.log = c.log.With("call", c.id)
	if err := c.decide(ctx); err != nil {
		return fmt.Errorf("decide: %w", err)
	}
	outcome, err := c.follow(ctx)
	if errors.Is(err, ErrGone) {
		awaitEnd(ctx)
	}
	if err != nil && ctx.Err() == nil {
		c.log.Error("a call could not go its course; the household's telephones ring", "err", err)
		c.step(ctx, "fault", "the telephones ring without screening")
		return err
	}
	if errors.Is(context.Cause(ctx), ErrLost) {
		return ErrLost // Asterisk has the call; the log gets its end from there
	}
	if err != nil {
		if c.Leg.LivesOn() {
			c.log.Warn("a call's deadline has passed; the household's telephones ring")
			c.step(ctx, "fault", "the telephones ring without screening")
			return ErrTakenBack
		}
		outcome = CallerGone
	}
	return c.end(ctx, outcome)
}

// awaitEnd waits until ctx has ended, when a request for a caller was refused before it was told that they have gone.
func awaitEnd(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
}

// decide finds out who calls and what is to be done.
func (c *call) decide(ctx context.Context) error {
	house, err := c.Memory.Household(ctx, c.Household)
	if err != nil {
		return err
	}
	house.Region, house.Number = c.line.Region, c.line.Number
	c.caller = screening.Identify(c.Identity, c.line.Region)
	if c.known, err = c.Memory.Know(ctx, c.Household, c.caller.Number); err != nil {
		return err
	}
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
	c.log.Debug("verdict", "action", c.verdict.Action, "reason", c.verdict.Reasons[0].Code)
	return c.Memory.CallDecided(ctx, c.id, c.caller, c.verdict)
}

// follow takes the course that the verdict says.
func (c *call) follow(ctx context.Context) (Outcome, error) {
	switch c.verdict.Action {
	case screening.TurnAway:
		return c.turnAway(ctx)
	case screening.Screen:
		return c.screen(ctx)
	case screening.Message:
		return c.takeMessage(ctx, NoMessage, prompts.KnownOnly)
	default:
		return c.ring(ctx)
	}
}

// end writes the last line about a call. The caller may be gone, and with them ctx.
func (c *call) end(ctx context.Context, outcome Outcome) error {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer done()
	c.log.Info("call ended", "action", c.verdict.Action, "reason", c.verdict.Reasons[0].Code, "outcome", outcome)
	return c.Memory.CallEnded(ctx, c.id, c.Now(), string(outcome))
}

// step adds a line to the call's time line. That it cannot be written must not stop a call.
func (c *call) step(ctx context.Context, step, detail string) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer done()
	if err := c.Memory.CallStep(ctx, c.id, c.Now(), step, detail); err != nil {
		c.log.Error("a step of a call could not be logged", "step", step, "err", err)
	}
}

func (c *call) say(ids ...prompts.ID) []Sound {
	var sounds []Sound
	for _, id := range ids {
		sounds = append(sounds, Say(c.line.Language, id))
	}
	return sounds
}
