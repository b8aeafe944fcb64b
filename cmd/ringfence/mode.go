package main

import (
	"context"
	"strings"
	"time"

	"ringfence/app"
	"ringfence/config"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

type modeCmd struct {
	Mode    screening.Mode `arg:"" optional:"" help:"ask, known-only, block-only, watch or off; without it, shows the mode that is set."`
	Until   string         `help:"Only until this time of day." placeholder:"18:00" xor:"end"`
	For     *time.Duration `help:"Only for this long." placeholder:"2h" xor:"end"`
	tryable `embed:""`
}

func (modeCmd) Help() string {
	return help("The modes:\n\n"+strings.Join([]string{
		"  ask:         unknown callers say who they are",
		"  known-only:  unknown callers can leave a message",
		"  block-only:  only blocked and listed numbers are turned away",
		"  watch:       everything rings, and the log says what would have happened",
		"  off:         everything rings",
	}, "\n")+"\n\n"+
		"--until and --for set a mode for that long, whatever the schedule says. Setting a mode without them ends that.",
		"ringfence mode known-only",
		"ringfence mode off --until 18:00",
		"ringfence mode")
}

func (c modeCmd) Run(ctx context.Context, p *program) error {
	if c.chosen() {
		return c.inSeveral(ctx, p)
	}
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		house, err := app.House(ctx, s, db, h.Name)
		if err != nil {
			return err
		}
		now := house.Local(time.Now())
		until, err := c.end(now)
		switch {
		case err != nil:
			return err
		case c.Mode == "" && !until.IsZero():
			return usagef("say which mode should apply until then: ringfence mode off --until 18:00")
		case c.Mode == "":
			return p.mode(house, now)
		}
		if c.DryRun {
			return p.tryDeed(ctx, p.admin(s, h, db), h, func(a household.Admin) (household.Done, error) { return a.SetMode(ctx, "", c.Mode, until) })
		}
		done, err := p.admin(s, h, db).SetMode(ctx, "", c.Mode, until)
		return p.tell(done, asTyped(err))
	})
}

// inSeveral sets the mode in several households; --until is a time of day by the clock of each.
func (c modeCmd) inSeveral(ctx context.Context, p *program) error {
	if c.Mode == "" {
		return usagef("say which mode: ringfence mode known-only --area AREA")
	}
	return p.inSeveral(ctx, c.several, c.DryRun, func(settings, *store.Store, []household.Admin) (household.Deed, error) {
		return func(ctx context.Context, a household.Admin) (household.Done, error) {
			until, err := c.end(a.Local(a.Now))
			if err != nil {
				return household.Done{}, err
			}
			return a.SetMode(ctx, "", c.Mode, until)
		}, nil
	})
}

// end is when a temporary mode ends; the zero time if the mode is not temporary.
func (c modeCmd) end(now time.Time) (time.Time, error) {
	if c.Until != "" {
		clock, err := screening.ParseClock(c.Until)
		if err != nil {
			return time.Time{}, usageError{err}
		}
		return clock.NextAfter(now), nil
	}
	if c.For == nil {
		return time.Time{}, nil
	}
	return now.Add(*c.For), nil
}

// mode says which mode holds, what it does, and what comes next.
func (p *program) mode(house screening.Household, now time.Time) error {
	text := string(house.ModeAt(now)) + "\n  " + household.NowInWords(house, now)
	if next := house.NextChange(now); !next.IsZero() {
		text += "\n  The next change is " + household.Coming(now, house.Local(next)) + ": " + household.ChangeInWords(house, now, next) + "."
	}
	return p.say("%s", text)
}
