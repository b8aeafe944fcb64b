package main

import (
	"context"
	"fmt"
	"strconv"

	"ringfence/app"
	"ringfence/store"
)

// Options that say what a household is called, where it is, and for how long its calls are kept. "toml" goes back to what
// ringfence.toml says.

const asInFile = "toml"

var titleOption = option{
	name: "title", values: "WORDS|toml", help: "what the household is called on the pages; toml is its name in ringfence.toml",
	get: func(c chosen) string { return c.about.Called() },
	set: func(c *chosen, typed string) error {
		if c.about.Title = typed; typed == asInFile {
			c.about.Title = ""
		}
		return nil
	},
	save: func(ctx context.Context, db *store.Store, c chosen) error {
		return db.SetTitle(ctx, c.about.Household, c.about.Title)
	},
}

var alertsAtHomeOption = option{
	name: "alerts-at-home", values: "off|on", help: "whether alerts may go to addresses in a home network, such as Home Assistant's",
	get: func(c chosen) string {
		if c.about.AlertsAtHome {
			return "on"
		}
		return "off"
	},
	set: func(c *chosen, typed string) error {
		if typed != "on" && typed != "off" {
			return fmt.Errorf("must be on or off, not %s", typed)
		}
		c.about.AlertsAtHome = typed == "on"
		return nil
	},
	save: func(ctx context.Context, db *store.Store, c chosen) error {
		return db.SetAlertsAtHome(ctx, c.about.Household, c.about.AlertsAtHome)
	},
}

var keepDaysOption = option{
	name: "keep-days", values: "DAYS|toml", help: "for how many days calls and recordings are kept; toml is keep_days of ringfence.toml",
	get: func(c chosen) string {
		if c.about.KeepDays > 0 {
			return strconv.Itoa(c.about.KeepDays)
		}
		return strconv.Itoa(c.keepDays)
	},
	set: func(c *chosen, typed string) error {
		if typed == asInFile {
			c.about.KeepDays = 0
			return nil
		}
		days, err := strconv.Atoi(typed)
		if err != nil || days < 1 {
			return fmt.Errorf("%q is no number of days from 1 on: write it like 90", typed)
		}
		c.about.KeepDays = days
		return nil
	},
	save: func(ctx context.Context, db *store.Store, c chosen) error {
		return db.SetKeepDays(ctx, c.about.Household, c.about.KeepDays)
	},
}

var regionOption = option{
	name: "region", values: "GB|toml", help: "the country of the line: how numbers are read, and which are emergency numbers; toml is the one of ringfence.toml",
	get: func(c chosen) string { return c.line.Region },
	set: func(c *chosen, typed string) error {
		if c.about.Region = typed; typed == asInFile {
			c.about.Region, typed = "", c.line.FileRegion
		}
		c.line.Region = typed
		return c.line.Fits(typed)
	},
	save: func(ctx context.Context, db *store.Store, c chosen) error {
		return db.SetRegion(ctx, c.about.Household, c.about.Region)
	},
	after: regionAfter,
}

// regionAfter brings Asterisk's dialplan after a region. A running Ringfence follows by itself.
func regionAfter(ctx context.Context, p *program, db *store.Store) error {
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
