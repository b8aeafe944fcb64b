package ivrstore

import (
	"context"

	"ringfence/ivr"
	"ringfence/prompts"
	"ringfence/screening"
)

// LastCaller implements ivr.Choices. It waits for lines that are still queued, because the one who gets blocked must be the last who rang.
func (s Store) LastCaller(ctx context.Context, household string) (ivr.LastCaller, bool, error) {
	if err := s.Queue.Flush(ctx); err != nil {
		return ivr.LastCaller{}, false, err
	}
	calls, err := s.Calls(ctx, household, 1)
	if err != nil || len(calls) == 0 {
		return ivr.LastCaller{}, false, err
	}
	last := calls[0]
	found := ivr.LastCaller{At: last.At, Number: last.Number, Name: last.Name, Action: last.Action}
	if len(last.Reasons) > 0 {
		found.Reason = last.Reasons[0].Code
	}
	return found, true, nil
}

// SetMode implements ivr.Choices.
func (s Store) SetMode(ctx context.Context, household string, mode screening.Mode) error {
	_, err := s.admin(household).SetModeNow(ctx, mode)
	return err
}

// ExpectNext implements ivr.Choices.
func (s Store) ExpectNext(ctx context.Context, household string) error {
	_, err := s.admin(household).ExpectNext(ctx, "")
	return err
}

// SetPhrase implements ivr.Choices.
func (s Store) SetPhrase(ctx context.Context, household string, phrase prompts.ID, wav []byte) error {
	if _, err := s.admin(household).SetPhrase(ctx, "", string(phrase), wav); err != nil {
		return err
	}
	return s.Sounds.Publish(ctx, household, string(phrase))
}

// RemovePhrase implements ivr.Choices.
func (s Store) RemovePhrase(ctx context.Context, household string, phrase prompts.ID) error {
	if _, err := s.admin(household).RemovePhrase(ctx, "", string(phrase)); err != nil {
		return err
	}
	return s.Sounds.Publish(ctx, household, string(phrase))
}
