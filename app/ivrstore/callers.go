package ivrstore

import (
	"context"
	"errors"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

// BlockNumber implements ivr.Callers.
func (s Store) BlockNumber(ctx context.Context, name string, n screening.Number, note string, evenContact bool) (bool, error) {
	return store.Await(ctx, s.Queue, func(ctx context.Context) (bool, error) {
		_, err := s.admin(name).AddBlock(ctx, household.BlockRequest{Number: string(n), Note: note, EvenContact: evenContact})
		return unlessRefused(err)
	})
}

// SendAway implements ivr.Callers.
func (s Store) SendAway(ctx context.Context, household string, n screening.Number, why string) (bool, error) {
	return store.Await(ctx, s.Queue, func(ctx context.Context) (bool, error) {
		_, blocked, err := s.admin(household).SendAway(ctx, n, why)
		return blocked, err
	})
}

// AllowNumber implements ivr.Callers.
func (s Store) AllowNumber(ctx context.Context, household string, n screening.Number, name string) error {
	return s.await(ctx, func(ctx context.Context) error {
		_, err := s.admin(household).Allow(ctx, n, "", name)
		return err
	})
}

// TryPassCode implements ivr.Callers. During a wait every code is a wrong one.
func (s Store) TryPassCode(ctx context.Context, household, code string, call int64, at time.Time) (name string, ok bool, err error) {
	type answer struct {
		name string
		ok   bool
	}
	a, err := store.Await(ctx, s.Queue, func(ctx context.Context) (answer, error) {
		name, ok, err := s.Store.TryPassCode(ctx, household, code, call, at)
		if errors.Is(err, store.ErrPassCodeWait) {
			return answer{}, nil
		}
		return answer{name, ok}, err
	})
	return a.name, a.ok, err
}
