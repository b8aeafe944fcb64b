package main

import (
	"context"

	"ringfence/household/cell"
)

type trunkCmd struct {
	Add    trunkAddCmd    `cmd:"" help:"Add a line."`
	Change trunkChangeCmd `cmd:"" help:"Change settings of a line."`
	Remove trunkRemoveCmd `cmd:"" help:"Remove a line that no household has."`
}

func (trunkCmd) Help() string {
	return help("docs/lines.md says which settings a line needs. `ringfence household list` shows which household has which.",
		"ringfence household trunk add line --address 192.0.2.10")
}

// trunkFields are settings of a line.
type trunkFields struct {
	Address string   `help:"The address of its other side: a name or an IP address." placeholder:"ADDRESS"`
	Set     []string `help:"Any other of its settings, by its name in ringfence.toml. With nothing behind the = it is taken away." placeholder:"KEY=VALUE" sep:"none"`
}

func (f trunkFields) fields() (cell.Fields, error) {
	return typedFields(f.Set, map[string]string{"address": f.Address})
}

type trunkAddCmd struct {
	Name string `arg:"" help:"Its name here: small letters, digits and hyphens."`
	trunkFields
}

func (trunkAddCmd) Help() string {
	return help("Then give it to a household, with `ringfence household add` or `change`. A password in a command can be read in the shell's history: "+
		"put it into a file, and write password=file:/PATH.",
		"ringfence household trunk add line --address 192.0.2.10",
		"ringfence household trunk add box --address 192.168.1.20 --set codecs=alaw")
}

func (c trunkAddCmd) Run(ctx context.Context, p *program) error {
	fields, err := c.fields()
	if err != nil {
		return err
	}
	return p.deedOfHomes(ctx, func(a cell.Admin) (cell.Done, error) { return a.AddTrunk(ctx, c.Name, fields) })
}

type trunkChangeCmd struct {
	Name string `arg:"" help:"Which line."`
	trunkFields
}

func (trunkChangeCmd) Help() string {
	return help("", "ringfence household trunk change line --set calls=40")
}

func (c trunkChangeCmd) Run(ctx context.Context, p *program) error {
	fields, err := c.fields()
	if err != nil {
		return err
	}
	if len(fields) == 0 {
		return usagef("say what to change, with --address or --set KEY=VALUE")
	}
	return p.deedOfHomes(ctx, func(a cell.Admin) (cell.Done, error) { return a.ChangeTrunk(ctx, c.Name, fields) })
}

type trunkRemoveCmd struct {
	Name string `arg:"" help:"Which line."`
}

func (trunkRemoveCmd) Help() string { return help("", "ringfence household trunk remove line") }

func (c trunkRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.deedOfHomes(ctx, func(a cell.Admin) (cell.Done, error) { return a.RemoveTrunk(ctx, c.Name) })
}
