// Package ivrstore is the store as calls and the households' telephones use it. A file for each interface of package ivr answers it; sounds.go
// brings households' own recordings to where Asterisk plays them.
package ivrstore

import (
	"context"
	"errors"
	"time"

	"ringfence/household"
	"ringfence/ivr"
	"ringfence/prompts"
	"ringfence/screening"
	"ringfence/store"
)

var (
	_ ivr.Households = Store{}
	_ ivr.CallLog    = (*store.WriteBehind)(nil)
	_ ivr.OpenCalls  = Store{}
	_ ivr.Callers    = Store{}
	_ ivr.Recordings = Store{}
	_ ivr.Mailbox    = Store{}
	_ ivr.Choices    = Store{}
	_ ivr.Carers     = Store{}
	_ ivr.Sounds     = Sounds{}
)

// Store is the store. Look-ups are answered at once. What calls write is queued (see store.WriteBehind), and they wait a second at most for a result
// that they need.
type Store struct {
	*store.Store
	Queue  *store.WriteBehind
	Sounds Sounds
	Lines  *ivr.Lines
}

// await is store.Await for what has no answer but an error.
func (s Store) await(ctx context.Context, do func(ctx context.Context) error) error {
	_, err := store.Await(ctx, s.Queue, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) })
	return err
}

// flush waits until everything queued so far is in the database. Taking too long is no error: it is for questions that can be answered without the
// last lines.
func (s Store) flush(ctx context.Context) error {
	if err := s.Queue.Flush(ctx); !errors.Is(err, store.ErrLater) {
		return err
	}
	return nil
}

// admin returns the Admin for what is done from a household's telephone.
func (s Store) admin(name string) household.Admin {
	return household.Admin{
		Store: s.Store, Household: name, Line: s.Lines.Of(name),
		Languages: prompts.Languages(), Actor: household.Telephone, Now: time.Now(),
	}
}

// unlessRefused drops the error of a refusal: then nothing was done.
func unlessRefused(err error) (done bool, _ error) {
	var refusal *household.Refusal
	if errors.As(err, &refusal) {
		return false, nil
	}
	return err == nil, err
}

// UseExpected implements ivr.Households.
func (s Store) UseExpected(ctx context.Context, household string) (bool, error) {
	return store.Await(ctx, s.Queue, func(ctx context.Context) (bool, error) { return s.Store.UseExpected(ctx, household) })
}

// EmergencyDialled implements ivr.Households. With a number, it is the dialplan's report, made once and forgotten when it has been stored; without
// one, a call reports it, as every later call will.
func (s Store) EmergencyDialled(ctx context.Context, household string, at time.Time, number string) error {
	keep := func(ctx context.Context) error { return s.Store.EmergencyDialled(ctx, household, at, number) }
	if number == "" {
		s.Queue.Later(ctx, "an emergency call could not be logged", keep)
		return nil
	}
	return s.await(ctx, keep)
}

// NumberDialled implements ivr.Households.
func (s Store) NumberDialled(ctx context.Context, household string, number screening.Number, at time.Time) error {
	return s.await(ctx, func(ctx context.Context) error { return s.Store.NumberDialled(ctx, household, number, at) })
}
