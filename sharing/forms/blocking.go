package forms

import (
	"context"
	"errors"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
)

// Contacts are those of households. A [store.Store] knows them.
type Contacts interface {
	Contacts(ctx context.Context, household string) ([]store.Contact, error)
}

// Subscriptions are those of households. [lists.Lists] knows them.
type Subscriptions interface {
	Subscription(ctx context.Context, household, list string) (lists.Subscription, error)
}

// ErrOnlyWarns says that a list turns nobody away here, so none of it may block outright elsewhere.
var ErrOnlyWarns = errors.New("this list only warns here, and turns nobody away, so a device that blocks gets none of its numbers: export it as a table (CSV)")

// LeaveOut sets what is left out of a household's list in a form. A table has all of it. The other forms are for devices that block without asking, which get only numbers
// that the household turns away, and none that it needs: no contact's, not its own, its carer's or its alarm centre's. house is what the household has chosen, with
// what the settings say of it. The error may be ErrOnlyWarns; everything but o.Sure is set all the same.
func (o *Options) LeaveOut(ctx context.Context, form Output, from Contacts, subs Subscriptions, house screening.Household, household, list string) error {
	if form == ToCSV {
		return nil
	}
	contacts, err := from.Contacts(ctx, household)
	if err != nil {
		return err
	}
	known := map[screening.Number]bool{}
	for _, c := range contacts {
		for _, n := range c.Numbers {
			known[n] = true
		}
	}
	o.Without = func(digits string) bool {
		n := numberOf(lists.Entry{Digits: digits})
		return known[n] || house.Needs(n)
	}
	sub, err := subs.Subscription(ctx, household, list)
	if err != nil && !errors.Is(err, lists.ErrNoSubscription) {
		return err
	}
	if (screening.Entry{Unsigned: sub.OnlyWarns, ValidUntil: sub.ValidUntil}).OnlyWarns(o.Now) {
		return ErrOnlyWarns
	}
	o.Sure = house.SureFrom()
	return nil
}

// WithoutNeeded leaves out entries with numbers that a household needs. Contacts are not looked at.
func WithoutNeeded(entries []lists.Entry, house screening.Household) (others []lists.Entry) {
	for _, e := range entries {
		if !house.Needs(numberOf(e)) {
			others = append(others, e)
		}
	}
	return others
}
