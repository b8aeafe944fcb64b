package ivr

import (
	"context"
	"errors"
	"time"

	"ringfence/prompts"
	"ringfence/screening"
)

// Told is what the dialplan has seen a household dial, or has refused by itself, and tells when the application is there.
type Told struct {
	Key       string // the dialplan's own, the same where it is told twice
	Household string
	Refused   int  // so many calls within a minute, of which At, Number and Presentation are the first's; 0: it is not about that
	Emergency bool // an emergency number or the alarm centre; else somebody with whom the household has talked
	At        time.Time
	Number    string // as dialled, or as the network said
	// Presentation is the network's word, for a caller.
	Presentation string
}

// Told remembers it. The same may be told twice.
func (s *Screener) Told(ctx context.Context, t Told) error {
	if t.Refused > 0 {
		return s.logRefused(ctx, t)
	}
	if t.Emergency {
		return s.Memory.EmergencyDialled(ctx, t.Household, t.At, t.Number)
	}
	house, err := s.Memory.Household(ctx, t.Household)
	if err != nil {
		return err
	}
	whom := s.asDialled(t.Household, t.Number)
	// A number that is never blocked rings for a day after it was rung, whatever the household has chosen for all others.
	asked := house.RingDialled || s.neverBlocked(t.Household, whom.Number)
	if !asked || whom.Number == "" || whom.International || whom.PremiumRate {
		return nil
	}
	return s.Memory.NumberDialled(ctx, t.Household, whom.Number, t.At)
}

// asDialled reads a number that was dialled in the house.
func (s *Screener) asDialled(household, number string) screening.Caller {
	return screening.Identify(screening.Identity{Number: number, Presentation: "allowed"}, s.Lines.Of(household).Region)
}

// Outgoing is a call that a telephone in the home is about to make. Its leg is not answered.
type Outgoing struct {
	Household string
	Number    string // as dialled
	Telephone Leg
}

// Outgoing tells whether the call is to be made: not where the household was warned and has not asked for it all the same.
// It is called for households that want to be warned, and never for emergency numbers.
func (s *Screener) Outgoing(ctx context.Context, o Outgoing) (bool, error) {
	whom := s.asDialled(o.Household, o.Number)
	house, known, err := s.Memory.Situation(ctx, o.Household, whom.Number)
	if err != nil {
		return true, err
	}
	var warning prompts.ID
	switch {
	case known.Contact != nil:
		return true, nil
	case reported(house, known, s.Now()):
		warning = prompts.WarnDialScam
	case whom.PremiumRate:
		warning = prompts.WarnDialPremium
	default:
		return true, nil
	}
	s.Log.Info("a household is warned of a number that it dials", "household", o.Household, "warning", warning)
	if err := o.Telephone.Answer(ctx); err != nil {
		return false, gone(err)
	}
	language := s.Lines.Of(o.Household).Language
	for range readings {
		key, err := o.Telephone.Ask(ctx, "1", keyTime, say(language, warning)...)
		if key == '1' {
			return true, nil
		}
		if err != nil && !errors.Is(err, ErrNoKey) {
			return false, gone(err)
		}
	}
	return false, gone(o.Telephone.Play(ctx, say(language, prompts.Goodbye)...))
}

// reported tells whether a number is blocked, or on a list that is sure enough of it. That the list may only warn makes no
// difference: a warning is all that it is asked for.
func reported(house screening.Household, known screening.Knowledge, now time.Time) bool {
	if known.Block != nil {
		return true
	}
	threshold := house.SureFrom()
	for _, e := range known.Entries {
		if e.Counts(now) && e.Confidence >= threshold {
			return true
		}
	}
	return false
}

// Guarded tells whether a household wants to be warned of numbers that it dials.
func (s *Screener) Guarded(ctx context.Context, household string) (bool, error) {
	house, err := s.Memory.Household(ctx, household)
	return house.DialGuard, err
}
