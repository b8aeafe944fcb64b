package backend

import (
	"context"
	"errors"
	"net/http"
	"time"

	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/store/outbox"
)

// ShownSent is how much is shown of what was sent to a group.
const ShownSent = 200

// Group is one of a household's groups, with how many reports have come how far.
type Group struct {
	outbox.Group
	Sent, Held, Waiting, Refused int
	Earlier                      int // reports that stay in the house because they are older
	Failing                      bool
}

// CountReports counts the reports to a group; for one that was left there are none.
func (b *Backend) CountReports(ctx context.Context, g outbox.Group) (Group, error) {
	counted := Group{Group: g, Failing: g.Error != "" && !g.Paused}
	if !g.Left.IsZero() {
		return counted, nil
	}
	all, err := b.Groups.Standings(ctx, g)
	for _, one := range all {
		switch one.Stage {
		case group.Sent:
			counted.Sent++
		case group.Held:
			counted.Held++
		case group.Waits, group.Retracts:
			counted.Waiting++
		case group.Refused:
			counted.Refused++
		}
		if one.Earlier {
			counted.Earlier++
		}
	}
	return counted, err
}

// HouseholdGroups are the groups that a household is in, and those that it has left.
func (b *Backend) HouseholdGroups(ctx context.Context, household string) (joined, left []Group, err error) {
	all, err := b.Store.Outbox.Groups(ctx, household)
	for _, g := range all {
		counted, err := b.CountReports(ctx, g)
		if err != nil {
			return nil, nil, err
		}
		if g.Left.IsZero() {
			joined = append(joined, counted)
		} else {
			left = append(left, counted)
		}
	}
	return joined, left, err
}

// OfGroup does something with the group of the household that an address names.
func (b *Backend) OfGroup(r *http.Request, v *Visitor, do func(outbox.Group) error) error {
	id, err := PathID(r, "group")
	if err != nil {
		return err
	}
	g, err := b.Store.Outbox.Group(r.Context(), v.Household.Name, id)
	if errors.Is(err, outbox.ErrNoGroup) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	return do(g)
}

// GroupProgress is how far a report has come to a group.
type GroupProgress struct {
	Group string
	group.State
}

// Reported is how far a household's reports have come on their way to its groups.
type Reported struct {
	Progress  map[screening.Number][]GroupProgress
	Withdrawn []screening.Number // recently withdrawn, after a group had them
	Groups    int
}

// withdrawnFor is how long pages show that a report was withdrawn from a group.
const withdrawnFor = 30 * 24 * time.Hour

// Reported says how far reports have come.
func (b *Backend) Reported(ctx context.Context, v *Visitor) (Reported, error) {
	found := Reported{Progress: map[screening.Number][]GroupProgress{}}
	all, err := b.Store.Outbox.Groups(ctx, v.Household.Name)
	if err != nil {
		return found, err
	}
	for _, g := range all {
		if !g.Left.IsZero() {
			continue
		}
		found.Groups++
		standings, err := b.Groups.Standings(ctx, g)
		if err != nil {
			return found, err
		}
		for _, one := range standings {
			if one.Report == nil && (one.Stage == group.Stays || one.Stage == group.Withdrawn && v.Now.Sub(one.Until) > withdrawnFor) {
				continue
			}
			if one.Report == nil && found.Progress[one.Number] == nil {
				found.Withdrawn = append(found.Withdrawn, one.Number)
			}
			found.Progress[one.Number] = append(found.Progress[one.Number], GroupProgress{Group: g.Name, State: one.State})
		}
	}
	return found, nil
}
