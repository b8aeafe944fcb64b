package main

import (
	"context"
	"fmt"
	"strings"

	"ringfence/config"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/lists"
)

type listChangesCmd struct {
	Name   string `arg:"" help:"The list."`
	Accept bool   `help:"Use the new numbers."`
}

func (listChangesCmd) Help() string {
	return help("If more than a tenth of a plain list changes at once, it stays as it was until somebody has looked. This shows what would come and go.",
		"ringfence list changes scams",
		"ringfence list changes scams --accept")
}

func (c listChangesCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		sub, err := db.Lists.Subscription(ctx, h.Name, c.Name)
		if err != nil {
			return err
		}
		if sub.Held.Version == 0 {
			return p.say("No changes of the list %s wait for anybody.", c.Name)
		}
		changes, err := db.Lists.HeldDifferences(ctx, sub, shownChanges)
		if err != nil {
			return err
		}
		if err := p.sayChanges(changes, h.Region); err != nil {
			return err
		}
		if c.Accept {
			return p.tell(p.admin(s, h, db).AcceptListChanges(ctx, c.Name, sub.Held.Version))
		}
		return p.say("Nothing was changed. %s would come and %s would go; the list would have %s. With --accept it gets them.", counted(changes.Added, "number", "numbers"),
			screening.Thousands(changes.Removed), counted(changes.Entries, "number", "numbers"))
	})
}

// changesCommand is the command that shows the changes of a list that wait.
func changesCommand(name string) string {
	return "ringfence list changes " + config.ShellQuoted(name)
}

// sayChanges prints the first numbers that a list would get and lose.
func (p *program) sayChanges(changes lists.Differences, region string) error {
	for _, kind := range []struct {
		what    string
		entries []lists.Entry
		all     int
	}{{"would be added", changes.New, changes.Added}, {"would change", changes.Otherwise, changes.Changed}, {"would be removed", changes.Off, changes.Removed}} {
		for _, e := range kind.entries {
			if err := p.say("%s  %s", entryText(e, region), kind.what); err != nil {
				return err
			}
		}
		if more := kind.all - len(kind.entries); more > 0 {
			if err := p.say("and %s more %s", screening.Thousands(more), kind.what); err != nil {
				return err
			}
		}
	}
	return nil
}

// shownChanges is how many numbers of each kind are shown.
const shownChanges = 10

// entryText is a number on a list with what the list says about it.
func entryText(e lists.Entry, region string) string {
	about := strings.TrimSpace(e.Category + " " + e.Note)
	return strings.TrimSpace(fmt.Sprintf("%s  %.0f%%  %s", screening.Written(e.Digits, e.Prefix, region), 100*e.Confidence, about))
}
