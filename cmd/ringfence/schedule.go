package main

import (
	"context"

	"ringfence/config"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

type scheduleCmd struct {
	List   scheduleListCmd   `cmd:"" default:"1" help:"List the times."`
	Add    scheduleAddCmd    `cmd:"" help:"Add a time, or make it the last one, which wins."`
	Remove scheduleRemoveCmd `cmd:"" help:"Remove a time."`
}

func (scheduleCmd) Help() string {
	return help("Without a command it lists them.",
		`ringfence schedule`,
		`ringfence schedule add mon-fri 22:00-07:00 quiet`)
}

type scheduleListCmd struct{}

func (scheduleListCmd) Help() string {
	return help("Where two times set a mode at once, the one that was added last wins.",
		"ringfence schedule list")
}

func (scheduleListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ config.Settings, h config.Household, db *store.Store) error {
		spans, err := db.Spans(ctx, h.Name)
		if err != nil {
			return err
		}
		return printLines(p, spans, "There is no schedule yet: `ringfence schedule add DAYS FROM-TO WHAT` begins one.", screening.Span.String)
	})
}

// typedSpan are the words of a span.
type typedSpan struct {
	Days  string `arg:"" help:"Days of the week: mon-fri, or sat,sun, or daily."`
	Times string `arg:"" help:"From when until when. 22:00-07:00 passes midnight, and belongs to the day it starts."`
	What  string `arg:"" help:"\"quiet\" for quiet hours, or a mode: ask, known-only, block-only, watch or off."`
}

func (t typedSpan) span() (screening.Span, error) {
	span, err := screening.ParseSpan(t.Days + " " + t.Times + " " + t.What)
	if err != nil {
		return span, usageError{err}
	}
	return span, nil
}

type scheduleAddCmd struct {
	typedSpan `embed:""`
	tryable   `embed:""`
}

func (scheduleAddCmd) Help() string {
	return help("In quiet hours unknown callers can leave a message, and contacts ring, or as the option quiet-contacts says. Quiet hours "+
		"apply in every mode but watch and off.",
		"ringfence schedule add mon-fri 22:00-07:00 quiet",
		"ringfence schedule add sat,sun 09:00-18:00 block-only")
}

func (c scheduleAddCmd) Run(ctx context.Context, p *program) error {
	span, err := c.span()
	if err != nil {
		return err
	}
	return c.deed(ctx, p, "", func(a household.Admin) (household.Done, error) { return a.AddTime(ctx, "", span) })
}

type scheduleRemoveCmd struct {
	typedSpan `embed:""`
	tryable   `embed:""`
}

func (scheduleRemoveCmd) Help() string {
	return help("Write the time as `ringfence schedule` shows it.",
		"ringfence schedule remove mon-fri 22:00-07:00 quiet")
}

func (c scheduleRemoveCmd) Run(ctx context.Context, p *program) error {
	span, err := c.span()
	if err != nil {
		return err
	}
	return c.deed(ctx, p, "`ringfence schedule`", func(a household.Admin) (household.Done, error) { return a.RemoveTime(ctx, "", span.String()) })
}
