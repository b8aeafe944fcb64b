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

func (noticesCmd) Help() string { return "Example:\n\n    ringfence notices --limit 10" }

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
		return printLines(p, notices, "There is nothing to tell.", func(n store.Notice) string { return n.At.Local().Format("2 Jan 15:04") + "  " + n.Text })
	})
}

type dialledCmd struct {
	List   dialledListCmd   `cmd:"" help:"List the numbers that the household has rung, the latest first."`
	Forget dialledForgetCmd `cmd:"" help:"Forget that the household has rung a number."`
}

type dialledListCmd struct{}

func (dialledListCmd) Help() string {
	return "Each with the last time; after a year it is forgotten.\n\nExample:\n\n    ringfence dialled list"
}

func (dialledListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ config.Settings, h config.Household, db *store.Store) error {
		numbers, err := db.Dialled(ctx, h.Name)
		if err != nil {
			return err
		}
		return printLines(p, numbers, "No number has been dialled yet.", func(n store.DialledNumber) string {
			return n.At.Local().Format("2 Jan 2006 15:04") + "  " + n.Number.National(h.Region)
		})
	})
}

type dialledForgetCmd struct {
	Number []string `arg:"" help:"The number."`
}

func (dialledForgetCmd) Help() string {
	return "Example:\n\n    ringfence dialled forget 0161 496 0123"
}

func (c dialledForgetCmd) Run(ctx context.Context, p *program) error {
	return p.deed(ctx, "`ringfence dialled list`", func(a household.Admin) (household.Done, error) {
		return a.ForgetDialled(ctx, strings.Join(c.Number, " "))
	})
}
