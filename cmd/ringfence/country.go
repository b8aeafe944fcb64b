package main

import (
	"context"
	"strings"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

type countryCmd struct {
	List   countryListCmd   `cmd:"" default:"1" help:"List the rules."`
	Add    countryAddCmd    `cmd:"" help:"Say what is done with callers from some countries."`
	Remove countryRemoveCmd `cmd:"" help:"Remove the rules for some countries."`
}

func (countryCmd) Help() string {
	return help("Without a command it lists the rules. "+household.CountryCaveat,
		"ringfence country",
		"ringfence country add Nigeria Ghana",
		"ringfence country add all --except Ireland,France")
}

type countryAddCmd struct {
	Countries []string `arg:"" help:"Names, two letters or calling codes; or \"all\" for all countries but your own."`
	Except    string   `help:"With all: these stay like other unknown callers." placeholder:"COUNTRIES"`
	Do        string   `help:"turn-away, screen, message, ring; or mode for like other unknown callers." enum:"turn-away,screen,message,ring,mode" default:"turn-away" placeholder:"WHAT"`
	tryable   `embed:""`
}

func (countryAddCmd) Help() string {
	return help("A country that may ring is still held back by blocks and lists. "+household.CountryCaveat,
		"ringfence country add Nigeria",
		"ringfence country add FR IE --do ring")
}

func (c countryAddCmd) Run(ctx context.Context, p *program) error {
	return c.deed(ctx, p, "", func(a household.Admin) (household.Done, error) {
		return a.SetCountries(ctx, household.CountryRequest{Countries: strings.Join(c.Countries, " "), Except: c.Except, Do: c.Do})
	})
}

type countryRemoveCmd struct {
	Countries []string `arg:"" help:"Names, two letters or calling codes; or \"all\" for the rule for all other countries."`
	tryable   `embed:""`
}

func (countryRemoveCmd) Help() string { return help("", "ringfence country remove Nigeria") }

func (c countryRemoveCmd) Run(ctx context.Context, p *program) error {
	return c.deed(ctx, p, "`ringfence country`", func(a household.Admin) (household.Done, error) {
		return a.RemoveCountries(ctx, strings.Join(c.Countries, " "))
	})
}

type countryListCmd struct{}

func (countryListCmd) Help() string { return help("", "ringfence country list") }

func (countryListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		house, err := db.Household(ctx, h.Name)
		if err != nil {
			return err
		}
		for _, rule := range house.Countries.Rules() {
			if err := p.say("%-24s %s", screening.CountryName(rule.Country), household.CountryWay(rule.Do).Words); err != nil {
				return err
			}
		}
		return p.say("%-24s %s", "All other countries", household.CountryWay(house.Policy.International).Words)
	})
}
