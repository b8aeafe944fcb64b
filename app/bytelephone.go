package app

import (
	"context"
	"log/slog"
	"time"

	"ringfence/household"
	"ringfence/ivr"
	"ringfence/prompts"
	"ringfence/screening"
	"ringfence/store"
)

// byTelephone is choices, and writes what a telephone changes into the log of changes. A call goes on where that fails: it is
// in the program's own log then.
type byTelephone struct {
	choices
	lines *ivr.Lines // for numbers as people write them
	log   *slog.Logger
}

func (b byTelephone) changed(ctx context.Context, household, what, text string) {
	c := store.AuditLine{Household: household, At: time.Now(), By: store.ByTelephone, What: what, Text: text}
	if err := b.AddAuditLine(ctx, &c); err != nil {
		b.log.Error("the log of changes could not be written", "household", household, "what", what, "err", err)
	}
}

func (b byTelephone) national(household string, n screening.Number) string {
	return n.National(b.lines.Of(household).Region)
}

// BlockNumber implements ivr.Memory.
func (b byTelephone) BlockNumber(ctx context.Context, household string, n screening.Number, note string, evenContact bool) (bool, error) {
	blocked, err := b.choices.BlockNumber(ctx, household, n, note, evenContact)
	if err == nil && blocked {
		b.changed(ctx, household, "block-added", b.national(household, n)+" is turned away now ("+note+").")
	}
	return blocked, err
}

// ReportNumber implements ivr.Memory.
func (b byTelephone) ReportNumber(ctx context.Context, household string, n screening.Number) error {
	err := b.choices.ReportNumber(ctx, household, n)
	if err == nil {
		b.changed(ctx, household, "reported", b.national(household, n)+" was reported as a scam.")
	}
	return err
}

// AllowNumber implements ivr.Memory.
func (b byTelephone) AllowNumber(ctx context.Context, household string, n screening.Number, name string) error {
	err := b.choices.AllowNumber(ctx, household, n, name)
	if err == nil {
		b.changed(ctx, household, "contact-added", b.national(household, n)+" always rings now.")
	}
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

// admin changes a household by its telephone.
func (b byTelephone) admin(name string) household.Admin {
	line := b.lines.Of(name)
	return household.Admin{
		Store: b.Store, Household: name, Region: line.Region, Number: line.Number, Telecare: line.Telecare, Zone: line.Zone,
		Actor: household.Telephone, Now: time.Now(),
	}
}

// DeleteMessage implements ivr.Choices.
func (b byTelephone) DeleteMessage(ctx context.Context, household string, call int64) (bool, error) {
	deleted, err := b.choices.DeleteMessage(ctx, household, call)
	if err == nil && deleted {
		b.changed(ctx, household, "message-deleted", "A message was deleted.")
	}
	return deleted, err
}

// phraseWords is what a household's own words are called.
var phraseWords = map[prompts.ID]string{
	ivr.Greeting: "the greeting before messages", prompts.AskName: "the question to unknown callers", prompts.Inspection: "what scam callers hear",
}

// SetPhrase implements ivr.Choices.
func (b byTelephone) SetPhrase(ctx context.Context, household string, phrase prompts.ID, wav []byte) error {
	err := b.choices.SetPhrase(ctx, household, phrase, wav)
	if err == nil {
		b.changed(ctx, household, "phrase-set", "The household has recorded "+phraseWords[phrase]+".")
	}
	return err
}

// RemovePhrase implements ivr.Choices.
func (b byTelephone) RemovePhrase(ctx context.Context, household string, phrase prompts.ID) error {
	err := b.choices.RemovePhrase(ctx, household, phrase)
	if err == nil {
		b.changed(ctx, household, "phrase-removed", "The household has gone back to the usual words for "+phraseWords[phrase]+".")
	}
	return err
}
