package app

import (
	"context"
	"log/slog"

	"ringfence/config"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/booksync"
	"ringfence/sharing/fetch"
	"ringfence/sharing/inquiry"
	"ringfence/sharing/subscribe"
	"ringfence/store"
)

// NewFetcher downloads from addresses that strangers have written.
func NewFetcher(l config.Lists) *fetch.Client {
	return fetch.New(fetch.Options{AllowPrivate: l.AllowPrivate, Agent: "ringfence/" + Release})
}

// inquirer is the client that asks other services about callers. It has its own connections, so that no download of a list delays an answer.
func inquirer(l config.Lists) *fetch.Client {
	return fetch.New(fetch.Options{AllowPrivate: l.AllowPrivate, Agent: "ringfence/" + Release, Begin: inquiry.Within, AtOnce: inquiry.AtOnce})
}

// NewUpdater keeps subscriptions up to date. house is what the settings say of a household.
func NewUpdater(s config.Settings, db *store.Store, house func(string) screening.Household, log *slog.Logger) *subscribe.Updater {
	return subscribe.New(subscribe.Options{
		Store: db, House: house, Fetch: NewFetcher(s.Lists), Folder: s.Data, Log: log, AllowPlain: s.Lists.AllowPrivate,
	})
}

// NewBookSync keeps contacts in step with address books on servers. settings are those in force; line is what is known of a household's line.
func NewBookSync(settings func() config.Settings, db *store.Store, line func(household string) screening.Line, log *slog.Logger) *booksync.Updater {
	return booksync.New(booksync.Options{Store: db, Agent: "ringfence/" + Release, Log: log, Here: func(name string) bool { return settings().Named(name).Name != "" }, Apply: func(ctx context.Context, name string) (booksync.Applied, error) {
		a := Admin(settings(), db, name, household.AddressBookActor)
		a.Line = line(name)
		return a.FollowBook(ctx)
	}})
}
