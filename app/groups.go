package app

import (
	"cmp"
	"context"
	"time"

	"ringfence/config"
	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/store"
)

// NewGroups are the groups that share lists, as households join them and report to them. hold is for how long a report can be taken back; 0 is the
// usual time. house looks a household up.
func NewGroups(s config.Settings, db *store.Store, hold time.Duration, house func(ctx context.Context, household string) (screening.Household, error)) group.Groups {
	return group.Groups{
		Store: db, House: house, Hold: cmp.Or(hold, group.Hold), Now: time.Now,
		Client: group.Client{HTTP: NewFetcher(s.Lists).Messages(), OwnNetwork: s.Lists.AllowPrivate},
	}
}
