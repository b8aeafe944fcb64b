package store

import (
	"context"
	"time"

	"ringfence/screening"
)

// Lookup is what would be done with a call, and what that was decided by.
type Lookup struct {
	Caller  screening.Caller
	House   screening.Household
	Known   screening.Knowledge
	Verdict screening.Verdict
}

// Lookup decides on a call at a moment from a number as somebody types it (see screening.Typed), as the call itself would be
// decided on. complete adds to what a household has chosen what stands in ringfence.toml. The command, the page and the interface
// for programs all ask here, so that they give one answer.
func (s *Store) Lookup(ctx context.Context, household, typed string, at time.Time, complete func(screening.Household) screening.Household) (Lookup, error) {
	region := complete(screening.Household{}).Region
	l := Lookup{Caller: screening.Identify(screening.Typed(typed), region)}
	house, known, err := s.Situation(ctx, household, l.Caller.Number)
	if err != nil {
		return Lookup{}, err
	}
	l.House, l.Known = complete(house), known
	l.Verdict = screening.Decide(screening.Call{At: at, Caller: l.Caller}, l.House, l.Known)
	return l, nil
}
