package main

import (
	"context"

	"ringfence/household"
	"ringfence/store"
)

// tryable is in every command that has --dry-run.
type tryable struct {
	several `embed:""`
	DryRun  bool `help:"Change nothing. Say what this would have done to the calls of the last three months."`
}

// deed is program.deed, or with --dry-run what the deed would have done.
func (t tryable) deed(ctx context.Context, p *program, where string, do func(household.Admin) (household.Done, error)) error {
	if t.chosen() {
		return p.inSeveral(ctx, t.several, t.DryRun, func(settings, *store.Store, []household.Admin) (household.Deed, error) {
			return func(_ context.Context, a household.Admin) (household.Done, error) { return do(a) }, nil
		})
	}
	if !t.DryRun {
		return p.deed(ctx, where, do)
	}
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		err := p.tryDeed(ctx, p.admin(s, h, db), h, do)
		if where != "" {
			err = hint(err, where)
		}
		return err
	})
}

// tryDeed says what a deed would have done.
func (p *program) tryDeed(ctx context.Context, a household.Admin, h householdSettings, do func(household.Admin) (household.Done, error)) error {
	return p.replay(ctx, a, h, false, func(_ context.Context, a household.Admin) error {
		_, err := do(a)
		return err
	})
}
