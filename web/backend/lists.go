package backend

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ringfence/store"
	"ringfence/store/lists"
)

const (
	// MaxListFile is how large a list may be that comes through a browser or from a program, in bytes: two million numbers. A larger one
	// takes `ringfence list import`.
	MaxListFile = 32 << 20
	// ShownRefusals is how many of the lines that are wrong in a list are named.
	ShownRefusals = 50
	// LookTime is how long somebody waits for a first look at a list.
	LookTime = 40 * time.Second
	// UpdateTime is how long somebody waits for an update; it goes on without them.
	UpdateTime = 8 * time.Second
)

// List is a list of a household, imported or subscribed to.
type List struct {
	lists.List
	store.ListHits
	Subscription *lists.Subscription // nil: it was imported
}

// HouseholdLists are a household's lists by name, including those that it has subscribed to but that have not been downloaded yet.
func (b *Backend) HouseholdLists(ctx context.Context, household string) ([]List, error) {
	kept, err := b.Store.Lists.All(ctx, household)
	subs, err2 := b.Store.Lists.Subscriptions(ctx, household)
	hits, err3 := b.Store.ListHits(ctx, household)
	if err := errors.Join(err, err2, err3); err != nil {
		return nil, err
	}
	var all []List
	for _, l := range kept {
		all = append(all, List{List: l})
	}
	for _, sub := range subs {
		i := slices.IndexFunc(all, func(l List) bool { return l.Name == sub.List })
		if i < 0 {
			i, all = len(all), append(all, List{List: lists.List{Name: sub.List, Source: sub.URL, Imported: sub.Begun}})
		}
		all[i].Subscription = &sub
	}
	slices.SortStableFunc(all, func(a, b List) int { return strings.Compare(a.Name, b.Name) })
	for i := range all {
		all[i].ListHits = hits[all[i].Name]
	}
	return all, nil
}

// ListNamed is the household's list of that name.
func (b *Backend) ListNamed(ctx context.Context, household, name string) (List, error) {
	all, err := b.HouseholdLists(ctx, household)
	if err != nil {
		return List{}, err
	}
	for _, l := range all {
		if l.Name == name {
			return l, nil
		}
	}
	return List{}, ErrNotFound
}
