// Package backend is what pages and the interface for programs have in common: who makes a request, about which household, and what they may do there
// (Visitor); what the running program says and does for them (Switchboard, Houses, Regions); and what both look up alike. It is below both, writes
// neither HTML nor JSON, and holds no rule about a household: those are in package household.
package backend

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"ringfence/household"
	"ringfence/household/cell"
	"ringfence/screening"
	"ringfence/sharing/booksync"
	"ringfence/sharing/group"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/outbox"
	"ringfence/store/rescue"
	"ringfence/web/gate"
)

// Backend is the running program, as pages and programs see it. All fields are needed unless they say otherwise.
type Backend struct {
	Store *store.Store
	// Households are all of them. It is called for every request, because a region can change meanwhile.
	Households  func() []Household
	Switchboard Switchboard
	Houses      Houses
	Regions     Regions
	Groups      group.Groups
	Lists       *subscribe.Updater
	Books       *booksync.Updater
	// Site has the machine's lines and households, and Cell changes them.
	Site      func() cell.Site
	Cell      func(actor household.Actor, now time.Time) cell.Admin
	Languages []Language // in which callers can be spoken to
	// Rescued is the latest damage of the database, until somebody has deleted what was set aside. It may be nil.
	Rescued func() (rescue.Report, bool)
	Log     *slog.Logger
	Now     func() time.Time
	// Proxies is how many proxies in front of us we trust to add the caller's address to X-Forwarded-For.
	Proxies int
	// TryTime is how long it may take to try a change that somebody has asked to try; 0 is tryTime.
	TryTime time.Duration
}

// tryTime is half of what people wait for a page.
const tryTime = 10 * time.Second

// TryFor is how long it may take to try a change.
func (b *Backend) TryFor() time.Duration { return cmp.Or(b.TryTime, tryTime) }

// Address is where a request comes from.
func (b *Backend) Address(r *http.Request) string { return gate.Address(r, b.Proxies) }

// Actor is the visitor as an actor.
func (v *Visitor) Actor() household.Actor {
	actor := household.Actor{Person: v.Person.ID, Name: v.Person.Name, Way: store.WayPage, Role: v.Role}
	if v.Token != nil {
		actor.Way, actor.Program = store.WayProgram, v.Token.Name
	}
	return actor
}

// Admin returns the Admin for changing the visitor's household in their name.
func (b *Backend) Admin(v *Visitor) household.Admin {
	h := v.Household
	file := b.Houses.House(h.Name)
	a := household.Admin{
		Store: b.Store, Household: h.Name, Line: h.Line, Actor: v.Actor(), Now: v.Now, Log: b.Log,
		FromFile: household.FromFile{
			Region: file.Region, KeepDays: file.KeepDays, Fits: func(region string) error { return b.Regions.Fits(h.Name, region) },
		},
	}
	a.Zone = v.Zone()
	for _, l := range b.Languages {
		a.Languages = append(a.Languages, l.Code)
	}
	return a
}

// House is what the visitor's household has chosen, with what ringfence.toml says of it.
func (b *Backend) House(ctx context.Context, v *Visitor) (screening.Household, error) {
	house, err := b.Store.Household(ctx, v.Household.Name)
	return v.Household.Complete(house), err
}

// RescuedSince is the latest damage of the database, if it was after a time.
func (b *Backend) RescuedSince(since time.Time) (rescue.Report, bool) {
	if b.Rescued == nil {
		return rescue.Report{}, false
	}
	r, found := b.Rescued()
	return r, found && r.At.After(since)
}

// EnterHouseholds gives the visitor the households that they belong to.
func (b *Backend) EnterHouseholds(ctx context.Context, v *Visitor) error {
	members, err := b.Store.Memberships(ctx, v.Person.ID)
	if err != nil {
		return err
	}
	of := map[string]store.Membership{}
	for _, m := range members {
		of[m.Household] = m
	}
	for _, h := range b.Households() {
		if m, is := of[h.Name]; is {
			v.Households = append(v.Households, Place{Household: h, Title: m.Called(), Role: m.Role, Hears: m.Hears})
		}
	}
	return nil
}

// Allow says whether the visitor has a permission; the error is the answer if they have not. A program for one household has none for the machine.
func (b *Backend) Allow(ctx context.Context, v *Visitor, needs Permission) (err error) {
	if needs == Machine && v.Person.ID != 0 && (v.Token == nil || v.Token.Household == "") {
		if v.OwnsMachine, err = b.Store.OwnsMachine(ctx, v.Person.ID); err != nil {
			return err
		}
	}
	return v.May(needs)
}

// Area is the area that an address names.
func (b *Backend) Area(r *http.Request) (store.Area, error) {
	id, err := PathID(r, "area")
	if err != nil {
		return store.Area{}, err
	}
	a, err := b.Store.Area(r.Context(), id)
	if errors.Is(err, store.ErrNoArea) {
		return a, ErrNotFound
	}
	return a, err
}

// Areas returns the areas, to change them in the visitor's name.
func (b *Backend) Areas(v *Visitor) household.Areas {
	return household.Areas{Store: b.Store, Actor: v.Actor(), Now: v.Now}
}

// Contact is the contact that an address names, if it is the household's.
func (b *Backend) Contact(r *http.Request, v *Visitor) (store.Contact, error) {
	id, err := PathID(r, "contact")
	if err != nil {
		return store.Contact{}, err
	}
	c, err := b.Store.Contact(r.Context(), v.Household.Name, id)
	if errors.Is(err, store.ErrNoContact) {
		return c, ErrNotFound
	}
	return c, err
}

// Alert is the alert that an address names, if it is the visitor's own.
func (b *Backend) Alert(r *http.Request, v *Visitor) (outbox.Channel, error) {
	id, err := PathID(r, "alert")
	if err != nil {
		return outbox.Channel{}, err
	}
	c, err := b.Store.Outbox.Channel(r.Context(), v.Household.Name, v.Person.ID, id)
	if errors.Is(err, outbox.ErrNoChannel) {
		return c, ErrNotFound
	}
	return c, err
}

// Call is the call that an address names, if it is the household's.
func (b *Backend) Call(r *http.Request, v *Visitor) (store.LoggedCall, error) {
	id, err := PathID(r, "call")
	if err != nil {
		return store.LoggedCall{}, err
	}
	call, err := b.Store.Call(r.Context(), v.Household.Name, id)
	if errors.Is(err, store.ErrNoCall) {
		return call, ErrNotFound
	}
	return call, err
}
