package ivr

import (
	"context"
	"errors"
	"strings"
	"time"

	"ringfence/calllog"
	"ringfence/prompts"
	"ringfence/screening"
)

// Callers is how a household deals with those who ring it: block, report, allow.
type Callers interface {
	// BlockNumber blocks a number. A contact is only blocked if evenContact is set; otherwise blocked is false.
	BlockNumber(ctx context.Context, household string, n screening.Number, note string, evenContact bool) (blocked bool, err error)
	// SendAway blocks and reports a caller whom the household has sent away as a scam. It is false for a contact, who is neither.
	SendAway(ctx context.Context, household string, n screening.Number, why string) (blocked bool, err error)
	AllowNumber(ctx context.Context, household string, n screening.Number, name string) error
	// TryPassCode says whether a code is one of the household's, and which. It counts wrong ones, and logs each try with the call.
	TryPassCode(ctx context.Context, household, code string, call int64, at time.Time) (name string, ok bool, err error)
}

// announce plays the caller's own voice to whoever picked up, who decides with one key. No key after two readings means "not now", so
// that a telephone that was picked up and forgotten never connects anyone.
func (c *call) announce(ctx context.Context, telephone Leg, said Recording) (calllog.Outcome, error) {
	key, err := during(ctx, c, whileAnnounced, func(ctx context.Context) (rune, error) { return c.choice(ctx, telephone, said) })
	if p := (*press)(nil); errors.As(err, &p) {
		p.telephone = telephone
		if p.key == calllog.CarerLetThrough {
			return c.connect(ctx, telephone, calllog.Talked)
		}
		return "", p
	}
	if ctx.Err() != nil {
		c.sayCallerGone(ctx, telephone)
		return calllog.CallerGone, ctx.Err()
	}
	switch {
	case errors.Is(err, ErrGone), errors.Is(err, ErrNoKey):
		c.step(calllog.Pressed{Key: calllog.KeyNone})
	case err != nil:
		return "", err
	default:
		c.step(calllog.Pressed{Key: calllog.Key(key)})
	}
	switch key {
	case '1':
		return c.connect(ctx, telephone, calllog.Accepted)
	case '3':
		return c.scam(ctx, telephone, nil)
	case '4':
		c.allow(ctx)
		return c.connect(ctx, telephone, calllog.LetThrough)
	default: // 2, no key, or the telephone was put down
		c.putDown(ctx, telephone)
		return c.takeMessage(ctx, calllog.NotNow, prompts.NotNow)
	}
}

// putDown hangs up a telephone, if one was picked up.
func (c *call) putDown(ctx context.Context, telephone Leg) {
	if telephone == nil {
		return
	}
	if err := telephone.Hangup(ctx); gone(err) != nil {
		c.log.Error("a telephone could not be hung up", "err", err)
	}
}

// choice plays the announcement until a key is pressed that decides.
func (c *call) choice(ctx context.Context, telephone Leg, said Recording) (rune, error) {
	if err := c.awaitWords(ctx, telephone); err != nil {
		return 0, err
	}
	c.hearSpamLookup()
	sounds := append(c.warnings(), c.scriptWarning()...)
	if telephone.Outside() {
		sounds = append(c.sayHome(prompts.CarerCallFrom), sounds...)
	} else {
		sounds = append(sounds, c.sayHome(prompts.CallFrom)...)
	}
	if said.Media == "" {
		sounds = append(sounds, c.sayHome(prompts.NoWords)...)
	} else {
		sounds = append(sounds, said.Sound)
	}
	sounds = append(sounds, c.sayHome(prompts.Choices)...)
	reading := keyTime
	for _, s := range sounds {
		reading += s.Length
	}
	for read, repeated := 0, 0; read < readings; read++ {
		if err := c.Leg.Ring(ctx, reading); err != nil {
			return 0, err
		}
		key, err := telephone.Ask(ctx, allKeys, keyTime, sounds...)
		if err == nil && strings.ContainsRune("1234", key) {
			return key, nil
		}
		if err != nil && !errors.Is(err, ErrNoKey) {
			return 0, err
		}
		if err == nil && repeated < again {
			repeated, read = repeated+1, -1
			if key != '*' {
				telephone.Pressed()                 // a wrong key repeats the choices once, even if somebody leans on it
				sounds = c.sayHome(prompts.Choices) // after a wrong key only the choices, not the whole announcement
			}
		}
	}
	return 0, ErrNoKey
}

// warnings are played before the caller's own voice, so that nobody is won over first.
func (c *call) warnings() []Sound {
	words := map[screening.Warning]prompts.ID{
		screening.WarnReported: prompts.WarnReported,
		screening.WarnForged:   prompts.WarnForged,
		screening.WarnOfficial: prompts.WarnOfficial,
		screening.WarnSpamName: prompts.WarnMayBeScam,
		screening.WarnWithheld: prompts.WarnWithheld,
	}
	var sounds []Sound
	for _, w := range c.verdict.Warnings {
		sounds = append(sounds, c.sayHome(words[w])...)
	}
	return sounds
}

// connect tells the household that it is being connected, and lets the two talk.
func (c *call) connect(ctx context.Context, telephone Leg, as calllog.Outcome) (calllog.Outcome, error) {
	if err := telephone.Play(ctx, c.sayHome(prompts.Connecting)...); err != nil {
		if ctx.Err() != nil {
			c.sayCallerGone(ctx, telephone)
			return calllog.CallerGone, ctx.Err()
		}
		return "", err
	}
	return c.join(ctx, telephone, as)
}

// scam sends the caller away at once with the inspection message, and tells whoever has picked up that they have gone. telephone is nil if
// nobody has picked up. carer is whose key it was, if it was a carer's: the page blocks and reports the caller in their name.
func (c *call) scam(ctx context.Context, telephone Leg, carer *press) (calllog.Outcome, error) {
	by := "the household"
	if carer != nil {
		by = carer.who()
	}
	if err := c.Leg.SendAway(ctx, c.ownFarewell(screening.Inspection)); gone(err) != nil {
		return "", err
	}
	// From here on the dialplan has the caller, and ctx has ended or is about to.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	words := c.wordsForAway(c.Household, c.caller.Number, c.known.Contact != nil)
	if carer == nil {
		var err error
		if words, err = c.blockCaller(ctx, c.Household, c.caller.Number, "scam, sent away by "+by); err != nil {
			c.log.Error("a number could not be blocked", "err", err)
		}
	}
	c.Carers.OnSentAway(ctx, c.Household, by, c.id)
	if telephone == nil {
		return calllog.SentAway, nil
	}
	return calllog.SentAway, gone(lastWords(ctx, telephone, c.sayHome(words)))
}

// blockCaller blocks and reports a caller whom the household has sent away, and returns what the household hears about that.
func (s *Screener) blockCaller(ctx context.Context, household string, number screening.Number, why string) (prompts.ID, error) {
	blocked, err := s.Callers.SendAway(ctx, household, number, why)
	if err != nil {
		return prompts.SentAwayNoNumber, err
	}
	return s.wordsForAway(household, number, !blocked), nil
}

// wordsForAway is what the household hears about a caller who was sent away.
func (s *Screener) wordsForAway(household string, number screening.Number, contact bool) prompts.ID {
	switch {
	case number == "":
		return prompts.SentAwayNoNumber
	case s.neverBlocked(household, number):
		return prompts.SentAwayOfficial
	case contact:
		return prompts.SentAwayContact
	default:
		return prompts.SentAway
	}
}

// neverBlocked says whether a number is one that is never blocked. A caller who was sent away has shown it falsely, so it is not reported
// either. It is never made a contact, or everybody who shows it would ring.
func (s *Screener) neverBlocked(household string, number screening.Number) bool {
	_, never := screening.NeverBlocked(number, s.Lines.Of(household).Region)
	return never
}

// allow makes the caller a contact.
func (c *call) allow(ctx context.Context) {
	why, err := c.allowNumber(ctx, c.Household, c.caller.Number, c.caller.Name)
	if why != "" {
		c.step(calllog.NotAllowed{Why: why})
	}
	if err != nil {
		c.log.Error("a caller could not be made a contact", "err", err)
	}
}

// allowNumber makes a caller a contact, or says why it can't: a caller without a number could not be recognised again.
func (s *Screener) allowNumber(ctx context.Context, household string, number screening.Number, name string) (calllog.WhyNotAllowed, error) {
	switch {
	case number == "":
		return calllog.NoNumber, nil
	case s.neverBlocked(household, number):
		return calllog.OfficialNumber, nil
	default:
		return "", s.Callers.AllowNumber(ctx, household, number, name)
	}
}

// wordsForAllowed are what the household hears of a caller whom it wanted as a contact.
func wordsForAllowed(why calllog.WhyNotAllowed) prompts.ID {
	switch why {
	case calllog.NoNumber:
		return prompts.NobodyToKeep
	case calllog.OfficialNumber:
		return prompts.OfficialNotKept
	default:
		return prompts.NowAllowed
	}
}

// sayCallerGone tells whoever has picked up that the caller has gone.
func (c *call) sayCallerGone(ctx context.Context, telephone Leg) {
	if errors.Is(context.Cause(ctx), ErrLost) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	if err := lastWords(ctx, telephone, c.sayHome(prompts.CallerGone)); gone(err) != nil {
		c.log.Error("a telephone could not be told that the caller has gone", "err", err)
	}
}
