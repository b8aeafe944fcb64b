package main

import (
	"context"
	"errors"
	"strings"

	"ringfence/config"
	"ringfence/household"
	"ringfence/store"
	"ringfence/store/outbox"
)

type alertShowCmd struct{ alertNumber }

func (alertShowCmd) Help() string { return help("", "ringfence alert show 3") }

func (c alertShowCmd) Run(ctx context.Context, p *program) error {
	return c.with(ctx, p, func(_ config.Settings, _ config.Household, _ *store.Store, found outbox.Channel) error {
		return p.say("%s\nAbout: %s\nComes: %s", found.Name, household.EventWords(found.Events), household.TimesInWords(found.Choices))
	})
}

type alertChangeCmd struct {
	alertNumber
	About  []outbox.Event `help:"What it is about, instead of what it was." placeholder:"WHAT"`
	AtOnce bool           `help:"Each alert comes at once." xor:"when"`
	Daily  string         `help:"All of a day come in one message at this time." placeholder:"TIME" xor:"when"`
	Quiet  string         `help:"Quiet hours, such as 22:00-07:00, or \"none\"." placeholder:"TIMES"`
	Urgent *bool          `help:"Urgent alerts come in quiet hours, too." negatable:""`
	Words  *bool          `help:"It has callers' words, which then leave the house." negatable:""`
	Zone   string         `help:"Time zone of these times, such as Europe/London, or \"house\"." placeholder:"ZONE"`
}

func (alertChangeCmd) Help() string {
	return help("What isn't named stays as it is. An alert can be about "+household.EventWords(outbox.Events())+".",
		"ringfence alert change 3 --about emergency-dialled,line",
		"ringfence alert change 3 --daily 18:00 --quiet 22:00-07:00 --urgent")
}

func (c alertChangeCmd) Run(ctx context.Context, p *program) error {
	return c.with(ctx, p, func(s config.Settings, h config.Household, db *store.Store, found outbox.Channel) error {
		form, err := c.change(household.AlertFormOf(found.Choices))
		if err != nil {
			return err
		}
		choices, err := form.Choices()
		if err != nil {
			return err
		}
		return p.tell(p.admin(s, h, db).ChangeAlert(ctx, found.ID, choices))
	})
}

// change fills in what the command names.
func (c alertChangeCmd) change(f household.AlertForm) (household.AlertForm, error) {
	if len(c.About) > 0 {
		f.Events = c.About
	}
	if c.AtOnce || c.Daily != "" {
		f.Daily = c.Daily
	}
	switch from, to, is := strings.Cut(c.Quiet, "-"); {
	case c.Quiet == "none":
		f.QuietFrom, f.QuietTo = "", ""
	case is:
		f.QuietFrom, f.QuietTo = from, to
	case c.Quiet != "":
		return f, errors.New("--quiet must be two times such as 22:00-07:00, or none")
	}
	if c.Urgent != nil {
		f.BreakQuiet = *c.Urgent
	}
	if c.Words != nil {
		f.Words = *c.Words
	}
	switch c.Zone {
	case "":
	case "house":
		f.Zone = ""
	default:
		f.Zone = c.Zone
	}
	return f, nil
}

type alertPauseCmd struct{ alertNumber }

func (alertPauseCmd) Help() string { return help("", "ringfence alert pause 3") }

func (c alertPauseCmd) Run(ctx context.Context, p *program) error { return c.pause(ctx, p, true) }

type alertResumeCmd struct{ alertNumber }

func (alertResumeCmd) Help() string { return help("", "ringfence alert resume 3") }

func (c alertResumeCmd) Run(ctx context.Context, p *program) error { return c.pause(ctx, p, false) }

func (n alertNumber) pause(ctx context.Context, p *program, pause bool) error {
	return n.with(ctx, p, func(s config.Settings, h config.Household, db *store.Store, found outbox.Channel) error {
		return p.tell(p.admin(s, h, db).PauseAlert(ctx, found.ID, pause))
	})
}

type alertRemoveCmd struct{ alertNumber }

func (alertRemoveCmd) Help() string {
	return help("Whoever got it has to set it up again to get it back.", "ringfence alert remove 3")
}

func (c alertRemoveCmd) Run(ctx context.Context, p *program) error {
	return c.with(ctx, p, func(s config.Settings, h config.Household, db *store.Store, found outbox.Channel) error {
		return p.tell(p.admin(s, h, db).RemoveAlert(ctx, found.ID))
	})
}
