package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"ringfence/config"
	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/lists"
)

// NewGroups are the groups that share lists, as households join them and report to them. hold is for how long a report can be taken back; 0 is
// the usual time. updater subscribes a household to a group's list, and house tells of a household.
func NewGroups(s config.Settings, db *store.Store, hold time.Duration, updater *subscribe.Updater, house func(ctx context.Context, household string) (screening.Household, error)) group.Groups {
	return group.Groups{
		Store: db, House: house, Hold: cmp.Or(hold, group.Hold), Now: time.Now, Subscribe: groupList(db, updater),
		Client: group.Client{HTTP: NewFetcher(s.Lists).Messages(), OwnNetwork: s.Lists.AllowPrivate},
	}
}

// namesTried is how many names are tried for a group's list if the household has other lists of its name.
const namesTried = 9

// groupList subscribes a household to a group's list; a list that it has already will do. If another list has its name, such as the one that
// the group kept by hand before it had a hub, a number is added.
func groupList(db *store.Store, updater *subscribe.Updater) func(ctx context.Context, household, url, key, by string) (string, error) {
	return func(ctx context.Context, household, url, key, by string) (string, error) {
		from, err := subscribe.ParseSource(url, key)
		if err != nil {
			return "", err
		}
		sub, err := updater.Subscribe(ctx, household, from, subscribe.Choices{By: by})
		name := screening.CleanLine(sub.List, lists.MaxName-2)
		for n := 2; errors.Is(err, lists.ErrNameTaken) && n <= namesTried; n++ {
			sub, err = updater.Subscribe(ctx, household, from, subscribe.Choices{Name: fmt.Sprintf("%s %d", name, n), By: by})
		}
		switch {
		case err == nil:
			return sub.List, nil
		case !errors.Is(err, lists.ErrSubscribedTwice):
			return "", err
		}
		subs, err := db.Lists.Subscriptions(ctx, household)
		for _, sub := range subs {
			if sub.URL == from.URL {
				return sub.List, nil
			}
		}
		return "", err
	}
}
