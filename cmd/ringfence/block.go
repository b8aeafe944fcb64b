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
	List   blockListCmd   `cmd:"" help:"List the blocks."`
}

type blockAddCmd struct {
	Number   []string           `arg:"" help:"The number, or its first digits with --prefix."`
	Prefix   bool               `help:"Every number starting with these digits."`
	Note     string             `help:"Why." placeholder:"TEXT"`
	Farewell screening.Farewell `help:"What the caller hears: inspection (for scams) or not-wanted." enum:"inspection,not-wanted" default:"inspection"`
}

func (blockAddCmd) Help() string {
	return "Example:\n\n    ringfence block add 0909 879 0123 --note \"premium rate\"\n    ringfence block add 0909879 --prefix --farewell not-wanted"
}

func (c blockAddCmd) Run(ctx context.Context, p *program) error {
	return p.deed(ctx, "", func(a household.Admin) (household.Done, error) {
		return a.AddBlock(ctx, household.BlockRequest{
			Number: strings.Join(c.Number, " "), Prefix: c.Prefix, Note: c.Note, Farewell: c.Farewell, Sure: true, Change: true,
		})
	})
}

type blockRemoveCmd struct {
	Number []string `arg:"" help:"The number, or its first digits with --prefix."`
	Prefix bool     `help:"The block is on every number starting with these digits."`
}

func (blockRemoveCmd) Help() string { return "Example:\n\n    ringfence block remove 0909 879 0123" }

func (c blockRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.deed(ctx, "`ringfence block list`", func(a household.Admin) (household.Done, error) {
		return a.Unblock(ctx, strings.Join(c.Number, " "), c.Prefix)
	})
}

type blockListCmd struct{}

func (blockListCmd) Help() string { return "Example:\n\n    ringfence block list" }

func (blockListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		blocks, err := db.Blocks(ctx, h.Name)
		if err != nil {
			return err
		}
		zone, err := h.Zone()
		if err != nil {
			return err
		}
		return printLines(p, blocks, "There are no blocks.", func(b store.Block) string {
			what := screening.Written(b.Digits, b.Prefix, h.Region)
			if b.Note != "" {
				what += "  (" + b.Note + ")"
			}
			if b.Hits.Count > 0 {
				what += fmt.Sprintf("  turned away: %d, the last on %s", b.Hits.Count, b.Hits.Last.In(zone).Format("2 January 2006"))
			}
			return what
		})
	})
}
