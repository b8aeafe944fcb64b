package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/sharing/subscribe"
	"ringfence/store"
)

// groups are those that share lists, as households join them and report to them. house tells of a household, and lists subscribes
// it to a group's list.
func (s settings) groups(db *store.Store, house func(ctx context.Context, household string) (screening.Household, error), lists *subscribe.Updater) group.Groups {
	hold := group.Hold
	if s.reportHold > 0 {
		hold = s.reportHold
	}
	return group.Groups{
		Store: db, House: house, Hold: hold, Now: time.Now, Subscribe: groupList(db, lists),
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

// groupList subscribes a household to a group's list; a list that it has already is as good.
func groupList(db *store.Store, lists *subscribe.Updater) func(ctx context.Context, household, url, key, by string) (string, error) {
	return func(ctx context.Context, household, url, key, by string) (string, error) {
		from, err := subscribe.ParseSource(url, key)
		if err != nil {
			return "", err
		}
		sub, err := lists.Subscribe(ctx, household, from, subscribe.Choices{By: by})
		if !errors.Is(err, store.ErrSubscribedTwice) {
			return sub.List, err
		}
		subs, err := db.Subscriptions(ctx, household)
		for _, sub := range subs {
			if sub.URL == from.URL {
				return sub.List, nil
			}
		}
		return "", err
	}
}
