package main

import (
	"context"
	"math/rand/v2"
	"time"

	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/store"
)

// groups are those that share lists, as households join them and report to them. house tells of a household.
func (s settings) groups(db *store.Store, house func(ctx context.Context, household string) (screening.Household, error)) group.Groups {
	hold := group.Hold
	if s.reportHold > 0 {
		hold = s.reportHold
	}
	return group.Groups{
		Store: db, House: house, Hold: hold, Now: time.Now,
		Client: group.Client{HTTP: s.Lists.fetcher().Messages(), OwnNetwork: s.Lists.AllowPrivate},
	}
}

// house is what a household has chosen, with what holds of its line at this moment.
func (r *regions) house(ctx context.Context, db *store.Store, household string) (screening.Household, error) {
	house, err := db.Household(ctx, household)
	return r.lines.Of(household).Complete(house), err
}

// report sends reports to groups, beside calls, until ctx ends.
func (s *service) report(ctx context.Context) {
	changed, cancel := s.live.changes.wait()
	defer cancel()
	sender := &group.Sender{Groups: s.pages.groups, Log: s.log, Random: rand.Float64, Told: s.live.changes.tell}
	sender.Run(ctx, calm(ctx, changed))
}
