package main

import (
	"context"
	"strings"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/store"
)

type areaCmd struct {
	Add     areaAddCmd     `cmd:"" help:"Make an area."`
	Include areaIncludeCmd `cmd:"" help:"Put households into an area."`
	Exclude areaExcludeCmd `cmd:"" help:"Take households out of an area."`
	Rename  areaRenameCmd  `cmd:"" help:"Give an area another name."`
	Remove  areaRemoveCmd  `cmd:"" help:"Remove an area. Its households stay."`
	List    areaListCmd    `cmd:"" default:"withargs" help:"List the areas, with who looks after them."`
}

func (areaCmd) Help() string {
	return help("An area is a group of households on this machine that somebody looks after together. A role in an area (ringfence user add --area) counts in each of its households, also in those that you add later.",
		`ringfence area add "Great Dunmow" hill dale`,
		`ringfence user add anna@example.org --name Anna --area "Great Dunmow"`,
		`ringfence mode known-only --area "Great Dunmow" --dry-run`)
}

// areas are the machine's, to change them by command.
func areas(db *store.Store) household.Areas {
	return household.Areas{Store: db, Actor: household.CommandLine, Now: time.Now()}
}

// aboutArea runs a command about an area, and says what it has done.
func (p *program) aboutArea(ctx context.Context, name string, do func(config.Settings, household.Areas, store.Area) (string, error)) error {
	return p.withPeople(ctx, func(s config.Settings, db *store.Store) error {
		area, err := areaNamed(ctx, db, name)
		if err != nil {
			return err
		}
		said, err := do(s, areas(db), area)
		if err != nil {
			return err
		}
		return p.say("%s", said)
	})
}

type areaAddCmd struct {
	Name       string   `arg:"" help:"What it is called."`
	Households []string `arg:"" optional:"" help:"Its households."`
}

func (areaAddCmd) Help() string { return help("", `ringfence area add "Great Dunmow" hill dale`) }

func (c areaAddCmd) Run(ctx context.Context, p *program) error {
	return p.withPeople(ctx, func(s config.Settings, db *store.Store) error {
		names, err := several{Households: c.Households}.names(ctx, s, db)
		if err != nil {
			return err
		}
		var said []string
		err = db.Together(ctx, func(ctx context.Context) error {
			area, sentence, err := areas(db).Add(ctx, c.Name)
			if said = []string{sentence}; err != nil || len(names) == 0 {
				return err
			}
			sentence, err = areas(db).SetHouseholds(ctx, area, true, names...)
			said = append(said, sentence)
			return err
		})
		if err != nil {
			return err
		}
		return p.say("%s", strings.Join(said, " "))
	})
}

type areaIncludeCmd struct {
	Area       string   `arg:"" help:"The area."`
	Households []string `arg:"" help:"The households."`
}

func (areaIncludeCmd) Help() string { return help("", `ringfence area include "Great Dunmow" barn`) }

func (c areaIncludeCmd) Run(ctx context.Context, p *program) error {
	return p.setAreaHouseholds(ctx, c.Area, true, c.Households)
}

type areaExcludeCmd struct {
	Area       string   `arg:"" help:"The area."`
	Households []string `arg:"" help:"The households."`
}

func (areaExcludeCmd) Help() string {
	return help("Who looks after them only by this area can't see them any more.", `ringfence area exclude "Great Dunmow" barn`)
}

func (c areaExcludeCmd) Run(ctx context.Context, p *program) error {
	return p.setAreaHouseholds(ctx, c.Area, false, c.Households)
}

func (p *program) setAreaHouseholds(ctx context.Context, area string, in bool, households []string) error {
	return p.aboutArea(ctx, area, func(s config.Settings, all household.Areas, area store.Area) (string, error) {
		names, err := several{Households: households}.names(ctx, s, all.Store)
		if err != nil {
			return "", err
		}
		return all.SetHouseholds(ctx, area, in, names...)
	})
}

type areaRenameCmd struct {
	Area string `arg:"" help:"The area."`
	Name string `arg:"" help:"Its new name."`
}

func (areaRenameCmd) Help() string { return help("", `ringfence area rename Dunmow "Great Dunmow"`) }

func (c areaRenameCmd) Run(ctx context.Context, p *program) error {
	return p.aboutArea(ctx, c.Area, func(_ config.Settings, all household.Areas, area store.Area) (string, error) {
		return all.Rename(ctx, area, c.Name)
	})
}

type areaRemoveCmd struct {
	Area string `arg:"" help:"The area."`
}

func (areaRemoveCmd) Help() string { return help("", `ringfence area remove "Great Dunmow"`) }

func (c areaRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.aboutArea(ctx, c.Area, func(_ config.Settings, all household.Areas, area store.Area) (string, error) {
		return all.Remove(ctx, area)
	})
}
