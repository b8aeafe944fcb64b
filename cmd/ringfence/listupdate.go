package main

import (
	"context"
	"errors"
	"fmt"

	"ringfence/config"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/subscribe"
	"ringfence/store"
)

type listUnsubscribeCmd struct {
	Name    string `arg:"" help:"The list."`
	tryable `embed:""`
}

func (listUnsubscribeCmd) Help() string {
	return help("The list goes with all its numbers: without updates they would soon be wrong.",
		"ringfence list unsubscribe parish")
}

func (c listUnsubscribeCmd) Run(ctx context.Context, p *program) error {
	return c.deed(ctx, p, "`ringfence list`", func(a household.Admin) (household.Done, error) { return a.Unsubscribe(ctx, c.Name) })
}

type listUpdateCmd struct {
	Name string `arg:"" optional:"" help:"The list; without it, all subscribed lists."`
}

func (listUpdateCmd) Help() string {
	return help("`ringfence serve` does this by itself, round the clock.",
		"ringfence list update",
		"ringfence list update parish")
}

func (c listUpdateCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		var names []string
		if c.Name != "" {
			names = []string{c.Name}
		} else {
			subs, err := db.Lists.Subscriptions(ctx, h.Name)
			if err != nil {
				return err
			}
			for _, sub := range subs {
				names = append(names, sub.List)
			}
		}
		if len(names) == 0 {
			return p.say("There are no subscriptions yet: `ringfence list subscribe ADDRESS` makes one.")
		}
		updater := p.updater(s, db)
		var failed []error
		for _, name := range names {
			done, err := updater.Update(ctx, h.Name, name)
			var soon *subscribe.SoonError
			if errors.As(err, &soon) { // no failure
				if err := p.say("The list %s stays as it is. %s.", name, soon); err != nil {
					return err
				}
				continue
			}
			if err != nil {
				failed = append(failed, fmt.Errorf("the list %s stays as it was: %w", name, withSetting(err)))
				continue
			}
			printRefusals(p, "left out: ", nationally(done.Refusals, h.Region), done.Refused, "number", "numbers")
			if err := p.say("%s", updated(name, done)); err != nil {
				return err
			}
		}
		if len(failed) > 0 { // one sentence each, on a line of its own
			for _, err := range failed[:len(failed)-1] {
				fmt.Fprintln(p.err, err)
			}
			return failed[len(failed)-1]
		}
		return nil
	})
}

func updated(name string, done subscribe.Outcome) string {
	if done.Held && done.Unchanged {
		return fmt.Sprintf("The new numbers of the list %s still wait: `%s` shows them.", name, changesCommand(name))
	}
	if done.Held {
		return fmt.Sprintf("%s `%s` shows the changes.", subscribe.HeldText(name, done.Counts), changesCommand(name))
	}
	if done.Unchanged {
		return fmt.Sprintf("The list %s has not changed: %s.", name, counted(done.Entries, "number", "numbers"))
	}
	return fmt.Sprintf("The list %s is up to date: %s added, %s changed, %s removed; it has %s.", name, screening.Thousands(done.Added),
		screening.Thousands(done.Changed), screening.Thousands(done.Removed), counted(done.Entries, "number", "numbers"))
}
