package main

import (
	"context"
	"fmt"

	"ringfence/store"
)

type listCmd struct {
	Import listImportCmd `cmd:"" help:"Import a list; one of the same name is replaced."`
	Export listExportCmd `cmd:"" help:"Write a list as a table, an address book, or commands for Asterisk."`
	Show   listShowCmd   `cmd:"" help:"Show the lists, or what is in one."`
	Remove listRemoveCmd `cmd:"" help:"Remove a list."`

	Publish listPublishCmd `cmd:"" help:"Publish a list as signed files that any web server can serve."`
	Verify  listVerifyCmd  `cmd:"" help:"Check a published list: its signature, and all that is in it."`
	Key     listKeyCmd     `cmd:"" help:"Make the keys with which a list is published."`
}

type listShowCmd struct {
	Name  string `arg:"" optional:"" help:"A list; without it, all of them are named."`
	Limit int    `help:"How many numbers at most." default:"100"`
}

func (listShowCmd) Help() string { return "Example: ringfence list show parish" }

func (c listShowCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		if c.Name != "" {
			return c.entries(ctx, p, h, db)
		}
		lists, err := db.Lists(ctx, h.Name)
		if err != nil {
			return err
		}
		if len(lists) == 0 {
			return p.say("There are no lists yet: `ringfence list import FILE` makes one.")
		}
		for _, l := range lists {
			if err := p.say("%s: %d numbers, from %s on %s", l.Name, l.Entries, l.Source, l.Imported.Format("2 January 2006")); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c listShowCmd) entries(ctx context.Context, p *program, h householdSettings, db *store.Store) error {
	entries, err := db.Numbers(ctx, h.Name, c.Name, c.Limit)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := p.say("%s", entryText(e, h.Region)); err != nil {
			return err
		}
	}
	return nil
}

type listRemoveCmd struct {
	Name string `arg:"" help:"The list."`
}

func (listRemoveCmd) Help() string { return "Example: ringfence list remove parish" }

func (c listRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		removed, err := db.RemoveList(ctx, h.Name, c.Name)
		if err != nil {
			return err
		}
		if !removed {
			return fmt.Errorf("there is no list %q: `ringfence list show` names them", c.Name)
		}
		return p.did(ctx, db, h.Name, "list-removed", "The list %s is gone.", c.Name)
	})
}
