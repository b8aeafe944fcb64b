package app

import (
	"context"
	"errors"
	"time"

	"ringfence/household"
	"ringfence/ivr"
	"ringfence/prompts"
	"ringfence/screening"
)

// byTelephone is choices, and does what a household's telephone asks for.
type byTelephone struct {
	choices
	lines *ivr.Lines
}

// admin changes a household by its telephone.
func (b byTelephone) admin(name string) household.Admin {
	return household.Admin{
		Store: b.Store, Household: name, Line: b.lines.Of(name),
		Languages: prompts.Languages(), Actor: household.Telephone, Now: time.Now(),
	}
}

// done tells whether something was done; what is refused was not, and the household hears so.
func done(err error) (bool, error) {
	var refusal *household.Refusal
	if errors.As(err, &refusal) {
		return false, nil
	}
	return err == nil, err
}

// BlockNumber implements ivr.Memory.
func (b byTelephone) BlockNumber(ctx context.Context, name string, n screening.Number, note string, evenContact bool) (bool, error) {
	_, err := b.admin(name).AddBlock(ctx, household.BlockRequest{Number: string(n), Note: note, EvenContact: evenContact})
	return done(err)
}

// SendAway implements ivr.Memory.
func (b byTelephone) SendAway(ctx context.Context, household string, n screening.Number, why string) (bool, error) {
	_, blocked, err := b.admin(household).SendAway(ctx, n, why)
	return blocked, err
}

// AllowNumber implements ivr.Memory.
func (b byTelephone) AllowNumber(ctx context.Context, household string, n screening.Number, name string) error {
	_, err := b.admin(household).Allow(ctx, n, "", name)
	return err
}

// SetMode implements ivr.Choices.
func (b byTelephone) SetMode(ctx context.Context, household string, mode screening.Mode) error {
	_, err := b.admin(household).SetModeNow(ctx, mode)
	return err
}

// SetExpecting implements ivr.Choices.
func (b byTelephone) SetExpecting(ctx context.Context, household string, until time.Time) error {
	_, err := b.admin(household).Expect(ctx, until)
	return err
}

// MarkHeard implements ivr.Choices.
func (b byTelephone) MarkHeard(ctx context.Context, household string, call int64) error {
	_, err := b.admin(household).MarkHeard(ctx, call)
	return err
}

// DeleteMessage implements ivr.Choices.
func (b byTelephone) DeleteMessage(ctx context.Context, household string, call int64) (bool, error) {
	_, err := b.admin(household).DeleteMessage(ctx, call)
	return done(err)
}

// SetPhrase implements ivr.Choices.
func (b byTelephone) SetPhrase(ctx context.Context, household string, phrase prompts.ID, wav []byte) error {
	if _, err := b.admin(household).SetPhrase(ctx, string(phrase), wav); err != nil {
		return err
	}
	return b.publish(ctx, household, phrase)
}

// RemovePhrase implements ivr.Choices.
func (b byTelephone) RemovePhrase(ctx context.Context, household string, phrase prompts.ID) error {
	if _, err := b.admin(household).RemovePhrase(ctx, string(phrase)); err != nil {
		return err
	}
	return b.publish(ctx, household, phrase)
}
