package backend

import (
	"context"

	"ringfence/household"
)

// InMany makes a change in several of the visitor's households, or with preview says what it would do. An error says that it makes no sense in any of them.
func (b *Backend) InMany(ctx context.Context, v *Visitor, places []Place, wanted household.ForMany, preview bool) ([]household.Outcome, error) {
	if len(places) == 0 {
		return nil, Refuse("Choose at least one household.")
	}
	admins := b.Admins(v, places)
	looking, cancel := context.WithTimeout(ctx, LookTime)
	defer cancel()
	deed, err := wanted.Deed(looking, b.Lists, admins)
	if err != nil {
		return nil, err
	}
	all := household.InMany(ctx, admins, preview, deed)
	if !preview {
		wanted.After(b.Lists)
	}
	return all, nil
}
