package main

import (
	"context"

	"ringfence/config"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

type scheduleCmd struct {
	List   scheduleListCmd   `cmd:"" default:"withargs" help:"List the times (this is also what \"ringfence schedule\" alone does)."`
	Add    scheduleAddCmd    `cmd:"" help:"Add a time, or make one the last, which wins."`
	Remove scheduleRemoveCmd `cmd:"" help:"Remove a time."`
}

type scheduleListCmd struct{}

func (scheduleListCmd) Help() string {
	return "The times are in the order in which they were added: of several that set a mode at once, the last wins.\n\n" +
		"Example:\n\n    ringfence schedule list"
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
	Times string `arg:"" help:"From when until when: 22:00-07:00 passes midnight, and belongs to the day on which it begins."`
	What  string `arg:"" help:"quiet for quiet hours, or a mode: ask, known-only, block-only, watch or off."`
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
}

func (scheduleAddCmd) Help() string {
	return "In quiet hours callers whom the household does not know may leave a message, and contacts ring, or as the option\n" +
		"quiet-contacts says. Quiet hours apply in every mode but watch and off.\n\n" +
		"Example:\n\n    ringfence schedule add mon-fri 22:00-07:00 quiet\n    ringfence schedule add sat,sun 09:00-18:00 block-only"
}

func (c scheduleAddCmd) Run(ctx context.Context, p *program) error {
	span, err := c.span()
	if err != nil {
		return err
	}
	return p.deed(ctx, "", func(a household.Admin) (household.Done, error) { return a.AddTime(ctx, "", span) })
}

type scheduleRemoveCmd struct {
	typedSpan `embed:""`
}

func (scheduleRemoveCmd) Help() string {
	return "The time is written as `ringfence schedule list` shows it.\n\n" +
		"Example:\n\n    ringfence schedule remove mon-fri 22:00-07:00 quiet"
}

func (c scheduleRemoveCmd) Run(ctx context.Context, p *program) error {
	span, err := c.span()
	if err != nil {
		return err
	}
	return p.deed(ctx, "`ringfence schedule list`", func(a household.Admin) (household.Done, error) { return a.RemoveTime(ctx, "", span.String()) })
}
