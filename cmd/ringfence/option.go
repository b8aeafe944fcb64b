package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ringfence/app"
	"ringfence/config"
	"ringfence/household"
	"ringfence/store"
)

type optionCmd struct {
	Name    string   `arg:"" optional:"" help:"Which option; without it, lists them all."`
	Value   []string `arg:"" optional:"" help:"The new value; without it, shows the value that is set."`
	Sure    bool     `help:"Do it, even if that deletes calls and recordings at once."`
	tryable `embed:""`
}

// optionColumn is where what an option is for begins.
const optionColumn = 17

func (optionCmd) Help() string {
	const indent = 4 // that of the help, which keeps the lines of what is indented as they are
	text := "What can be chosen, and what for:\n"
	for _, o := range household.Options() {
		line := wrap(fmt.Sprintf("%-16s %s: %s", o.Name, o.Typed, o.Help), helpWidth-indent, optionColumn)
		text += "\n  " + strings.ReplaceAll(line, "\n", "\n  ")
	}
	return help(text,
		"ringfence option",
		"ringfence option human-check hidden",
		"ringfence option carer-number 07700 900123")
}

func (c optionCmd) Run(ctx context.Context, p *program) error {
	if c.chosen() {
		return c.inSeveral(ctx, p)
	}
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		a := app.Admin(s, db, h.Name, household.CommandLine)
		chosen, err := a.Chosen(ctx)
		if err != nil {
			return err
		}
		if c.Name == "" {
			return printLines(p, household.Options(), "", func(o household.Option) string {
				return wrap(fmt.Sprintf("%-16s %-10s %s", o.Name, o.Word(chosen), o.Help), p.width(), 2*optionColumn-4)
			})
		}
		o, known := household.OptionByName(c.Name)
		if !known {
			return usagef("there is no option %q: `ringfence option` lists them", c.Name)
		}
		if len(c.Value) == 0 {
			return p.say("%s", o.Word(chosen))
		}
		if c.DryRun {
			return p.tryDeed(ctx, a, h, func(a household.Admin) (household.Done, error) {
				return a.SetOptions(ctx, "", map[string]string{o.Name: strings.Join(c.Value, " ")})
			})
		}
		a.Sure = c.Sure
		if _, err := a.SetOptions(ctx, "", map[string]string{o.Name: strings.Join(c.Value, " ")}); err != nil {
			if refusal := (*household.Refusal)(nil); errors.As(err, &refusal) && refusal.Kind == household.NotSure {
				return usagef("%s If you are sure, add --sure", refusal.Sentence)
			}
			return asTyped(err)
		}
		if chosen, err = a.Chosen(ctx); err != nil {
			return err
		}
		if err := p.say("%s is now %s.", o.Name, o.Word(chosen)); err != nil || o.Input != household.Country {
			return err
		}
		return p.bringRegion(ctx, db)
	})
}

// inSeveral chooses the option in several households.
func (c optionCmd) inSeveral(ctx context.Context, p *program) error {
	if c.Name == "" || len(c.Value) == 0 {
		return usagef("say which option, and its value: ringfence option withheld turn-away --area AREA")
	}
	return p.inSeveral(ctx, c.several, c.DryRun, func(_ settings, _ *store.Store, admins []household.Admin) (household.Deed, error) {
		return household.ForMany{Kind: household.ManyOption, Option: c.Name, Value: strings.Join(c.Value, " ")}.Deed(ctx, nil, admins)
	})
}

// bringRegion updates Asterisk's dialplan to a new region, unless a running Ringfence does so by itself.
func (p *program) bringRegion(ctx context.Context, db *store.Store) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	chosen, err := db.Regions(ctx)
	if err != nil {
		return err
	}
	if err := app.BringRegions(ctx, p.withRegions(s, chosen)); err != nil {
		return p.say("%s.", err)
	}
	return p.say("Asterisk has followed.")
}
