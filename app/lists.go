package app

import (
	"log/slog"

	"ringfence/config"
	"ringfence/screening"
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
