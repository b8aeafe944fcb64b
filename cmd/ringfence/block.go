package main

import (
	"context"
	"fmt"
	"strings"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

type blockCmd struct {
	Add    blockAddCmd    `cmd:"" help:"Turn a number away, or all numbers starting with these digits."`
	Remove blockRemoveCmd `cmd:"" help:"Lift a block."`
	List   blockListCmd   `cmd:"" default:"1" help:"List the blocks."`
}

func (blockCmd) Help() string {
	return help("Without a command it lists them.",
		"ringfence block",
		"ringfence block add 0909 879 0123")
}

type blockAddCmd struct {
	Number   []string           `arg:"" help:"The number, or its first digits with --prefix."`
	Prefix   bool               `help:"Every number starting with these digits."`
	Note     string             `help:"Why you block it." placeholder:"TEXT"`
	Farewell screening.Farewell `help:"What the caller hears: inspection (for scams), not-wanted, busy or not-in-service. The last two calls are not answered. Some networks then take them elsewhere, such as to their voicemail." enum:"inspection,not-wanted,busy,not-in-service" default:"inspection" placeholder:"WORDS"`
	tryable  `embed:""`
}

func (blockAddCmd) Help() string {
	return help("A calling code alone, such as +43, is the country's rule: see `ringfence country`.",
		`ringfence block add 0909 879 0123 --note "premium rate"`,
		"ringfence block add 0909879 --prefix --farewell not-wanted",
		"ringfence block add +43 --prefix")
}

func (c blockAddCmd) Run(ctx context.Context, p *program) error {
	return c.deed(ctx, p, "", func(a household.Admin) (household.Done, error) {
		return a.AddBlock(ctx, household.BlockRequest{
			Number: strings.Join(c.Number, " "), Prefix: c.Prefix, Note: c.Note, Farewell: c.Farewell, Sure: true, Change: true,
		})
	})
}

type blockRemoveCmd struct {
	Number  []string `arg:"" help:"The number, or its first digits with --prefix."`
	Prefix  bool     `help:"The block is on every number starting with these digits."`
	tryable `embed:""`
}

func (blockRemoveCmd) Help() string { return help("", "ringfence block remove 0909 879 0123") }

func (c blockRemoveCmd) Run(ctx context.Context, p *program) error {
	return c.deed(ctx, p, "`ringfence block`", func(a household.Admin) (household.Done, error) {
		return a.Unblock(ctx, strings.Join(c.Number, " "), c.Prefix)
	})
}

type blockListCmd struct{}

func (blockListCmd) Help() string { return help("", "ringfence block list") }

func (blockListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		blocks, err := db.Blocks(ctx, h.Name)
		if err != nil {
			return err
		}
		times, err := clockOf(h)
		if err != nil {
			return err
		}
		return printLines(p, blocks, "There are no blocks yet: `ringfence block add NUMBER` makes one.", func(b store.Block) string {
			what := screening.Written(b.Digits, b.Prefix, h.Region)
			if b.Prefix {
				what = screening.ReachOf(b.Digits, screening.Household{Region: h.Region}).Written
			}
			if b.Note != "" {
				what += "  (" + b.Note + ")"
			}
			if b.Hits.Count > 0 {
				what += fmt.Sprintf("  turned away %s, last %s", counted(b.Hits.Count, "time", "times"), times.day(b.Hits.Last))
			}
			return what
		})
	})
}
