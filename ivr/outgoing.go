package ivr

import (
	"context"
	"errors"
	"slices"
	"time"

	"ringfence/prompts"
	"ringfence/screening"
)

// DialplanReport is a note of the dialplan's: what a household has dialled, or calls that were refused. It reports them once the application is there.
type DialplanReport struct {
	Key       string // the dialplan's own; the same if a note comes twice
	Household string
	Refused   int  // how many calls were refused within a minute; At, Number and Presentation are those of the first. 0: not about refused calls
	Emergency bool // an emergency number or the alarm centre; otherwise somebody with whom the household has talked
	At        time.Time
	Number    string // as dialled, or as the network said
	// Presentation is the network's word for it, where Number is a caller's.
	Presentation string
}

// OnDialplanReport remembers a note. The same one may come twice.
func (s *Screener) OnDialplanReport(ctx context.Context, t DialplanReport) error {
	if t.Refused > 0 {
		return s.logRefused(ctx, t)
	}
	if t.Emergency {
		return s.Households.EmergencyDialled(ctx, t.Household, t.At, t.Number)
	}
	house, err := s.Households.Household(ctx, t.Household)
	if err != nil {
		return err
	}
	whom := s.asDialled(t.Household, t.Number)
	// A number that is never blocked rings for a day after it was rung, whether or not RingDialled is chosen.
	asked := house.RingDialled || s.neverBlocked(t.Household, whom.Number)
	if !asked || whom.Number == "" || whom.International || whom.PremiumRate {
		return nil
	}
	return s.Households.NumberDialled(ctx, t.Household, whom.Number, t.At)
}

// asDialled reads a number as it was dialled at home.
func (s *Screener) asDialled(household, number string) screening.Caller {
	return screening.Identify(screening.Identity{Number: number, Presentation: "allowed"}, s.Lines.Of(household).Region)
}

// OutgoingCall is a call that a telephone in the home is about to make. Its leg is not answered.
type OutgoingCall struct {
	Household string
	Number    string // as dialled
	Telephone Leg
}

// MayCallOut says whether the call may go out. It may not if the household was warned and did not confirm it. It is called for households that
// want to be warned, and never for emergency numbers.
func (s *Screener) MayCallOut(ctx context.Context, o OutgoingCall) (bool, error) {
	whom := s.asDialled(o.Household, o.Number)
	house, known, err := s.Households.Situation(ctx, o.Household, whom.Number)
	if err != nil {
		return true, err
	}
	// Lists that may only warn count as well: this is only a warning.
	listed := slices.ContainsFunc(known.Entries, func(e screening.Entry) bool { return e.IsSure(house, s.Now()) })
	var warning prompts.ID
	switch {
	case known.Contact != nil:
		return true, nil
	case known.Block != nil, listed:
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

// DialGuards are the households that want to be warned of numbers that they dial.
func (s *Screener) DialGuards(ctx context.Context) ([]string, error) {
	return s.Households.DialGuards(ctx)
}
