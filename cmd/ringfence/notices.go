package main

import (
	"context"
	"strings"
	"time"

	"ringfence/config"
	"ringfence/household"
	"ringfence/store"
)

type noticesCmd struct {
	JSON  bool `help:"One JSON object a line."`
	Limit int  `help:"How many at most." default:"50"`
}

func (noticesCmd) Help() string { return help("", "ringfence notices --limit 10") }

// jsonNotice is a contract: fields are added, never renamed.
type jsonNotice struct {
	ID   int64     `json:"id"`
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Text string    `json:"text"`
	Call int64     `json:"call,omitempty"`
}

func (c noticesCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ config.Settings, h config.Household, db *store.Store) error {
		if c.Limit < 1 {
			return usagef("--limit %d shows nothing: give 1 or more", c.Limit)
		}
		notices, err := db.Notices(ctx, h.Name, c.Limit)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(p, notices, func(n store.Notice) jsonNotice { return jsonNotice(n) })
		}
		times, err := clockOf(h)
		if err != nil {
			return err
		}
		return printLines(p, notices, "There are no notices yet.", func(n store.Notice) string { return times.at(n.At) + "  " + n.Text })
	})
}

type dialledCmd struct {
	List   dialledListCmd   `cmd:"" default:"1" help:"List the numbers that the household has rung, newest first."`
	Forget dialledForgetCmd `cmd:"" help:"Forget that the household has rung a number."`
}

func (dialledCmd) Help() string {
	return help("Without a command it lists them.",
		"ringfence dialled",
		"ringfence dialled forget 0161 496 0123")
}

type dialledListCmd struct{}

func (dialledListCmd) Help() string {
	return help("Shows each number with the last time. After a year it is forgotten.",
		"ringfence dialled list")
}

func (dialledListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ config.Settings, h config.Household, db *store.Store) error {
		numbers, err := db.Dialled(ctx, h.Name)
		if err != nil {
			return err
		}
		times, err := clockOf(h)
		if err != nil {
			return err
		}
		return printLines(p, numbers, "No number has been dialled yet.", func(n store.DialledNumber) string {
			return times.at(n.At) + "  " + n.Number.National(h.Region)
		})
	})
}

type dialledForgetCmd struct {
	Number []string `arg:"" help:"The number."`
}

func (dialledForgetCmd) Help() string { return help("", "ringfence dialled forget 0161 496 0123") }

func (c dialledForgetCmd) Run(ctx context.Context, p *program) error {
	return p.deed(ctx, "`ringfence dialled`", func(a household.Admin) (household.Done, error) {
		return a.ForgetDialled(ctx, strings.Join(c.Number, " "))
	})
}
