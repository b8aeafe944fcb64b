package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ringfence/app"
	"ringfence/config"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

type modeCmd struct {
	Mode  screening.Mode `arg:"" optional:"" help:"ask, known-only, block-only, watch or off; none shows the present one."`
	Until string         `help:"Only until this time of day." placeholder:"18:00" xor:"end"`
	For   *time.Duration `help:"Only for so long." placeholder:"2h" xor:"end"`
}

func (modeCmd) Help() string {
	return "ask: the unknown say who they are. known-only: the unknown may leave a message. block-only: only blocked and listed\n" +
		"numbers are turned away. watch: everything rings, and the log says what would have happened. off: everything rings.\n" +
		"With --until or --for it holds only that long, whatever the schedule says; to choose a mode without them ends it.\n\n" +
		"Example: ringfence mode known-only\n         ringfence mode off --until 18:00\n         ringfence mode"
}

func (c modeCmd) Run(ctx context.Context, p *program) error {
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
			return usagef("say which mode shall hold until then: ringfence mode off --until 18:00")
		case c.Mode == "":
			return p.mode(house, now)
		}
		return c.choose(ctx, p, app.Admin(s, db, h.Name, household.CommandLine), house, until)
	})
}

// end is when a temporary mode ends; the zero time where none was asked for.
func (c modeCmd) end(now time.Time) (time.Time, error) {
	if c.Until != "" {
		clock, err := screening.ParseClock(c.Until)
		if err != nil {
			return time.Time{}, usageError{err}
		}
		return nextTime(now, clock), nil
	}
	if c.For == nil {
		return time.Time{}, nil
	}
	return now.Add(*c.For), nil
}

// choose sets the mode, until a time or, with the zero time, for good.
func (c modeCmd) choose(ctx context.Context, p *program, a household.Admin, house screening.Household, until time.Time) error {
	if _, err := a.SetMode(ctx, "", c.Mode, until); err != nil {
		return asTyped(err)
	}
	now := house.Local(a.Now)
	house.Mode, house.Times.Temporary = c.Mode, ""
	switch {
	case !until.IsZero():
		return p.say("The mode is now %s, until %s.", c.Mode, moment(now, until))
	case house.OriginAt(now) == screening.BySchedule:
		return p.say("The household's own mode is now %s. At this moment the schedule says %s.", c.Mode, house.ModeAt(now))
	}
	return p.say("The mode is now %s.", c.Mode)
}

// mode says which mode holds, by what, and what comes next.
func (p *program) mode(house screening.Household, now time.Time) error {
	mode := house.ModeAt(now)
	lines := []string{string(mode)}
	switch house.OriginAt(now) {
	case screening.ByTemporary:
		until := house.Times.TemporaryUntil
		lines = append(lines, fmt.Sprintf("  It holds until %s, and then %s.", moment(now, until), house.ModeAt(until)))
	case screening.BySchedule:
		lines = append(lines, fmt.Sprintf("  The schedule says so; the household's own mode is %s.", house.Mode))
	default:
		lines = append(lines, "  It is the household's own mode.")
	}
	if house.QuietAt(now) {
		if mode == screening.Watch || mode == screening.Off {
			lines = append(lines, "  These are quiet hours, but in this mode every call rings.")
		} else {
			lines = append(lines, "  These are quiet hours: callers whom the household does not know may leave a message.")
		}
	}
	if house.ExpectingAt(now) {
		lines = append(lines, fmt.Sprintf("  A call is expected until %s: the next unknown caller rings.", moment(now, house.Times.ExpectingUntil)))
	}
	if next := house.NextChange(now); !next.IsZero() {
		lines = append(lines, fmt.Sprintf("  The next change is %s: %s.", moment(now, next), change(house, now, next)))
	}
	for _, line := range lines {
		if err := p.say("%s", line); err != nil {
			return err
		}
	}
	return nil
}

// change says what is different at another time.
func change(house screening.Household, now, next time.Time) string {
	text := ""
	if mode := house.ModeAt(next); mode != house.ModeAt(now) {
		text = "the mode becomes " + string(mode)
	}
	if quiet := house.QuietAt(next); quiet != house.QuietAt(now) {
		if text != "" {
			text += ", and "
		}
		text += map[bool]string{true: "quiet hours begin", false: "quiet hours end"}[quiet]
	}
	return text
}

// nextTime is when the clocks will next show a time of day.
func nextTime(now time.Time, clock screening.Clock) time.Time {
	at := time.Date(now.Year(), now.Month(), now.Day(), int(clock)/60, int(clock)%60, 0, 0, now.Location())
	if !at.After(now) {
		at = time.Date(now.Year(), now.Month(), now.Day()+1, int(clock)/60, int(clock)%60, 0, 0, now.Location())
	}
	return at
}

// moment is a time to come as people say it, by the clocks of now.
func moment(now, at time.Time) string {
	return strings.TrimPrefix(household.Coming(now, at.In(now.Location())), "today at ")
}
