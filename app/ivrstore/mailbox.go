package ivrstore

import (
	"context"
	"errors"

	"ringfence/ivr"
	"ringfence/store"
)

// Messages implements ivr.Mailbox.
func (s Store) Messages(ctx context.Context, household string) ([]ivr.Message, error) {
	if err := s.flush(ctx); err != nil {
		return nil, err
	}
	kept, err := s.Store.Messages(ctx, household)
	var all []ivr.Message
	for _, m := range kept {
		all = append(all, ivr.Message{Call: m.Call, At: m.At, Number: m.Number, Heard: m.Heard})
	}
	return all, err
}

// MessageCounts implements ivr.Mailbox.
func (s Store) MessageCounts(ctx context.Context) (map[string]ivr.MessageCount, error) {
	all, err := s.Store.MessageCounts(ctx)
	counts := map[string]ivr.MessageCount{}
	for _, c := range all {
		counts[c.Household] = ivr.MessageCount{Unheard: c.Unheard, Heard: c.Heard}
	}
	return counts, err
}

// MessagesNearlyFull implements ivr.Mailbox.
func (s Store) MessagesNearlyFull(ctx context.Context, household string) (bool, error) {
	err := s.DiskTakes(oneMessage)
	if errors.Is(err, store.ErrDiskFull) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	left, err := s.RoomLeft(ctx, household, messageLimits)
	return left.Count < 2 || left.Length < 2*oneMessage.Length, err
}

// MarkHeard implements ivr.Mailbox.
func (s Store) MarkHeard(ctx context.Context, household string, call int64) error {
	_, err := s.admin(household).MarkHeard(ctx, call)
	return err
}

// DeleteMessage implements ivr.Mailbox.
func (s Store) DeleteMessage(ctx context.Context, household string, call int64) error {
	_, err := s.admin(household).DeleteMessage(ctx, call)
	_, err = unlessRefused(err)
	return err
}
