package main

import (
	"context"
	"fmt"

	"ringfence/config"
	"ringfence/household"
	"ringfence/sharing/ready"
	"ringfence/sharing/subscribe"
	"ringfence/store"
)

type listReadyCmd struct {
	Show listReadyShowCmd `cmd:"" default:"withargs" help:"Show the lists that come with Ringfence."`
	Add  listReadyAddCmd  `cmd:"" help:"Add one of them."`
}

func (listReadyCmd) Help() string {
	return help("Ranges of numbers that regulators keep for sales calls, or from which nobody calls honestly. None is used unless you add it.",
		"ringfence list ready",
		"ringfence list ready add fr-telemarketing")
}

type listReadyShowCmd struct {
	All bool `help:"Those for other countries as well."`
}

func (listReadyShowCmd) Help() string { return help("", "ringfence list ready show --all") }

func (c listReadyShowCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ config.Settings, h config.Household, db *store.Store) error {
		region := h.Region
		if c.All {
			region = ""
		}
		all, err := ready.For(region)
		if err != nil {
			return err
		}
		subs, err := db.Lists.Subscriptions(ctx, h.Name)
		if err != nil {
			return err
		}
		added := map[string]bool{}
		for _, sub := range subs {
			added[subscribe.ReadyID(sub)] = true
		}
		return printLines(p, all, "Ringfence has no ready list for your country: `ringfence list ready --all` shows the others.", func(l ready.List) string {
			note := ""
			if added[l.ID] {
				note = " (added)"
			}
			return fmt.Sprintf("%s: %s%s\n  %s\n  %s\n  %s. %s, compared on %s with %s", l.ID, l.Title, note, l.What, l.Wrong, counted(l.Numbers, "beginning", "beginnings"), l.Document+": "+l.Source, l.Checked, l.Compared)
		})
	})
}

type listReadyAddCmd struct {
	ID          string `arg:"" help:"The list."`
	MayTurnAway bool   `help:"Let it turn callers away. Without this it only warns."`
}

func (listReadyAddCmd) Help() string {
	return help("A new version of Ringfence brings a new version of the list.", "ringfence list ready add fr-telemarketing --may-turn-away")
}

func (c listReadyAddCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		updater := p.updater(s, db)
		sub, done, err := p.admin(s, h, db).AddReadyList(ctx, updater, c.ID, subscribe.Choices{MayTurnAway: c.MayTurnAway})
		if err != nil {
			return p.tell(household.Done{}, err)
		}
		if _, err := updater.Update(ctx, h.Name, sub.List); err != nil {
			return err
		}
		return p.say("%s %s", done.Sentence, sub.Purpose)
	})
}
