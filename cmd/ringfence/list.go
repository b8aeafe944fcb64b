package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/subscribe"
	"ringfence/store"
	"ringfence/store/lists"
)

type listCmd struct {
	Import listImportCmd `cmd:"" help:"Import a list; one of the same name is replaced."`
	Export listExportCmd `cmd:"" help:"Write a list as a table, an address book, or commands for Asterisk."`
	Show   listShowCmd   `cmd:"" help:"Show the lists, or what is in one."`
	Remove listRemoveCmd `cmd:"" help:"Remove a list."`

	Subscribe   listSubscribeCmd   `cmd:"" help:"Subscribe to a list that others publish."`
	Unsubscribe listUnsubscribeCmd `cmd:"" help:"End the subscription to a list."`
	Update      listUpdateCmd      `cmd:"" help:"Update subscribed lists now."`
	Phoneblock  listPhoneBlockCmd  `cmd:"" help:"PhoneBlock: its list, which is subscribed to with a key."`

	Publish listPublishCmd `cmd:"" help:"Publish a list as signed files that any web server can serve."`
	Verify  listVerifyCmd  `cmd:"" help:"Check a published list: its signature, and all that is in it."`
	Key     listKeyCmd     `cmd:"" help:"Make the keys with which a list is published."`
}

type listShowCmd struct {
	Name  string `arg:"" optional:"" help:"A list; without it, all of them are named."`
	Limit int    `help:"How many numbers at most." default:"100"`
}

func (listShowCmd) Help() string { return "Example:\n\n    ringfence list show parish" }

func (c listShowCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ config.Settings, h config.Household, db *store.Store) error {
		if c.Name != "" {
			return c.entries(ctx, p, h, db)
		}
		all, err := db.Lists.All(ctx, h.Name)
		if err != nil {
			return err
		}
		subs, err := db.Lists.Subscriptions(ctx, h.Name)
		if err != nil {
			return err
		}
		var lines []string
		for _, sub := range subs {
			lines = append(lines, inShort(sub, time.Now()))
			all = slices.DeleteFunc(all, func(l lists.List) bool { return l.Name == sub.List })
		}
		for _, l := range all {
			lines = append(lines, fmt.Sprintf("%s: %s, from %s on %s", l.Name, screening.Counted(l.Entries, "number", "numbers"), l.Source, l.Imported.Format("2 January 2006")))
		}
		return printLines(p, lines, "There are no lists yet: `ringfence list subscribe ADDRESS` or `ringfence list import FILE` makes one.", strings.Clone)
	})
}

// inShort is a subscription in short.
func inShort(sub lists.Subscription, now time.Time) string {
	text := fmt.Sprintf("%s: %s, subscribed to at %s.", sub.List, screening.Counted(sub.Entries, "number", "numbers"), sub.URL)
	for _, f := range stateOf(sub, now) {
		text += " " + f.Text
	}
	return text
}

func (c listShowCmd) entries(ctx context.Context, p *program, h config.Household, db *store.Store) error {
	sub, err := db.Lists.Subscription(ctx, h.Name, c.Name)
	if err == nil {
		lines := append(detailsOf(sub), "address    "+sub.URL)
		for _, f := range stateOf(sub, time.Now()) {
			lines = append(lines, "state      "+f.Text)
		}
		if sub.Kind == lists.Published {
			lines = append(lines, "link       "+subscribe.Source{URL: sub.URL, Key: sub.Key}.Link())
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
	Name string `arg:"" help:"The list."`
}

func (listRemoveCmd) Help() string { return "Example:\n\n    ringfence list remove parish" }

func (c listRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.deed(ctx, "`ringfence list show`", func(a household.Admin) (household.Done, error) { return a.RemoveList(ctx, c.Name) })
}
