package store

import (
	"context"
	"time"

	"ringfence/screening"
)

// Lookup is what would be done with a call, and what that decision rests on.
type Lookup struct {
	Caller  screening.Caller
	House   screening.Household
	Known   screening.Knowledge
	Verdict screening.Verdict
}

// Lookup decides on a call at a moment from a number as somebody types it (see screening.Typed), exactly as a real call would be decided on. The
// command, the page and the interface for programs all ask here, so that they give one answer. Text that is no phone number is refused with a sentence
// for people.
func (s *Store) Lookup(ctx context.Context, household string, line screening.Line, typed string, at time.Time) (Lookup, error) {
	id, err := screening.Typed(typed)
	if err != nil {
		return Lookup{}, err
	}
	l := Lookup{Caller: line.Identify(id)}
	house, known, err := s.Situation(ctx, household, l.Caller.Number)
	if err != nil {
		return Lookup{}, err
	}
	l.House, l.Known = line.Complete(house), known
	l.Verdict = screening.Decide(screening.Call{At: at, Caller: l.Caller}, l.House, l.Known)
	return l, nil
}
