package main

import (
	"context"
	"errors"

	"ringfence/household"
	"ringfence/sharing/subscribe"
	"ringfence/store"
)

// inSeveral subscribes several households to the list, which is downloaded once for all of them.
func (c listSubscribeCmd) inSeveral(ctx context.Context, p *program) error {
	from, err := c.source()
	if err != nil {
		return err
	}
	return withSetting(p.inSeveral(ctx, c.several, c.DryRun, func(s settings, db *store.Store, admins []household.Admin) (household.Deed, error) {
		updater := p.updater(s, db)
		deed, err := household.SubscribeMany(ctx, updater, admins, from, c.choices())
		if err != nil || c.DryRun {
			return deed, err
		}
		return func(ctx context.Context, a household.Admin) (household.Done, error) {
			done, err := deed(ctx, a)
			if err != nil || done.Line == 0 {
				return done, err
			}
			if err := downloadNew(ctx, updater, db, a.Household); err != nil {
				done.Sentence += " It could not be downloaded yet; Ringfence tries again."
			}
			return done, nil
		}, nil
	}))
}

// downloadNew downloads the lists of a household that have never been downloaded. One that another household has already is there at once.
func downloadNew(ctx context.Context, u *subscribe.Updater, db *store.Store, household string) error {
	subs, err := db.Lists.Subscriptions(ctx, household)
	for _, sub := range subs {
		if sub.Serial == 0 && sub.Error == "" {
			_, failed := u.Update(ctx, household, sub.List)
			err = errors.Join(err, failed)
		}
	}
	return err
}
