package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ringfence/config"
	"ringfence/household"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/lists"
)

type listCmd struct {
	List   listListCmd   `cmd:"" default:"1" help:"List the lists."`
	Import listImportCmd `cmd:"" help:"Import a list; one of the same name is replaced."`
	Export listExportCmd `cmd:"" help:"Write a list as a table, an address book, or commands for Asterisk."`
	Show   listShowCmd   `cmd:"" help:"Show what is in a list."`
	Remove listRemoveCmd `cmd:"" help:"Remove a list."`

	Subscribe   listSubscribeCmd   `cmd:"" help:"Subscribe to a list that others publish."`
	Unsubscribe listUnsubscribeCmd `cmd:"" help:"Unsubscribe from a list, and remove it."`
	Update      listUpdateCmd      `cmd:"" help:"Update subscribed lists now."`
	Ready       listReadyCmd       `cmd:"" help:"Lists that come with Ringfence: show them, and add one."`
	Changes     listChangesCmd     `cmd:"" help:"Show the changes of a list that wait, and accept them."`
	Phoneblock  listPhoneBlockCmd  `cmd:"" help:"PhoneBlock's list, which takes a key."`

	Publish listPublishCmd `cmd:"" help:"Publish a list as signed files that any web server can serve."`
	Verify  listVerifyCmd  `cmd:"" help:"Check a published list: its signature, and everything in it."`
	Key     listKeyCmd     `cmd:"" help:"Make the keys that a published list is signed with."`
}

func (listCmd) Help() string {
	return help("Without a command it lists them.",
		"ringfence list",
		"ringfence list import scams.csv --name parish")
}

type listListCmd struct{}

func (listListCmd) Help() string { return help("", "ringfence list list") }

func (listListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ config.Settings, h config.Household, db *store.Store) error {
		all, err := db.Lists.All(ctx, h.Name)
		if err != nil {
			return err
		}
		subs, err := db.Lists.Subscriptions(ctx, h.Name)
		if err != nil {
			return err
		}
		c, err := clockOf(h)
		if err != nil {
			return err
		}
		var lines []string
		for _, sub := range subs {
			lines = append(lines, inShort(sub, c))
			all = slices.DeleteFunc(all, func(l lists.List) bool { return l.Name == sub.List })
		}
		for _, l := range all {
			lines = append(lines, fmt.Sprintf("%s: %s, from %s, %s", l.Name, counted(l.Entries, "number", "numbers"), l.Source, c.day(l.Imported)))
		}
		return printLines(p, lines, "There are no lists yet: `ringfence list subscribe ADDRESS` or `ringfence list import FILE` makes one.", strings.Clone)
	})
}

type listShowCmd struct {
	Name  string `arg:"" optional:"" help:"A list; without it, lists them all."`
	Limit int    `help:"How many numbers at most." default:"100"`
}

func (listShowCmd) Help() string { return help("", "ringfence list show parish") }

func (c listShowCmd) Run(ctx context.Context, p *program) error {
	if c.Name == "" {
		return listListCmd{}.Run(ctx, p)
	}
	return p.withStore(ctx, func(_ config.Settings, h config.Household, db *store.Store) error { return c.entries(ctx, p, h, db) })
}

// inShort is a subscription in short.
func inShort(sub lists.Subscription, c clock) string {
	text := fmt.Sprintf("%s: %s, subscribed to at %s.", sub.List, counted(sub.Entries, "number", "numbers"), sub.URL)
	for _, f := range c.stateOf(sub) {
		text += " " + f.Text
	}
	return text
}

func (c listShowCmd) entries(ctx context.Context, p *program, h config.Household, db *store.Store) error {
	times, err := clockOf(h)
	if err != nil {
		return err
	}
	sub, err := db.Lists.Subscription(ctx, h.Name, c.Name)
	if err == nil {
		lines := append(times.detailsOf(sub), "address    "+sub.URL)
		for _, f := range times.stateOf(sub) {
			lines = append(lines, "state      "+f.Text)
		}
		if link := subscribe.LinkTo(sub); link != "" {
			lines = append(lines, "link       "+link)
		}
		if err := p.say("%s", strings.Join(lines, "\n")); err != nil || sub.Serial == 0 {
			return err
		}
	} else if !errors.Is(err, lists.ErrNoSubscription) {
		return err
	}
	entries, err := db.Lists.Entries(ctx, h.Name, c.Name, c.Limit)
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return nil
	}
	return printLines(p, entries, "", func(e lists.Entry) string { return entryText(e, h.Region) })
}

type listRemoveCmd struct {
	Name    string `arg:"" help:"The list."`
	tryable `embed:""`
}

func (listRemoveCmd) Help() string { return help("", "ringfence list remove parish") }

func (c listRemoveCmd) Run(ctx context.Context, p *program) error {
	return c.deed(ctx, p, "`ringfence list`", func(a household.Admin) (household.Done, error) { return a.RemoveList(ctx, c.Name) })
}
