package main

import (
	"context"
	"strconv"

	"ringfence/household"
	"ringfence/store"
)

type passcodeCmd struct {
	Add    passcodeAddCmd    `cmd:"" help:"Give somebody a pass code."`
	List   passcodeListCmd   `cmd:"" default:"1" help:"List the pass codes."`
	Remove passcodeRemoveCmd `cmd:"" help:"Remove somebody's pass code."`
}

func (passcodeCmd) Help() string {
	return help("Without a command it lists them.",
		`ringfence passcode`,
		`ringfence passcode add "Dr Patel"`)
}

type passcodeAddCmd struct {
	Name string `arg:"" help:"Who it is for."`
	Code string `arg:"" optional:"" help:"4 to 8 digits; without it, Ringfence makes one."`
}

func (passcodeAddCmd) Help() string {
	return help("Somebody who dials the code when asked who they are gets through from any phone.",
		`ringfence passcode add "Dr Patel"`,
		"ringfence passcode add Daughter 48213375")
}

func (c passcodeAddCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		code, _, err := p.admin(s, h, db).AddPassCode(ctx, c.Name, c.Code)
		if err != nil {
			return err
		}
		return p.say("The pass code of %s is %s.", c.Name, code)
	})
}

type passcodeListCmd struct{}

func (passcodeListCmd) Help() string { return help("", "ringfence passcode list") }

func (passcodeListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		times, err := clockOf(h)
		if err != nil {
			return err
		}
		codes, err := db.PassCodes(ctx, h.Name)
		if err != nil {
			return err
		}
		head := []string{"NAME", "CODE", "MADE", "LAST USED", "USES"}
		return printTable(p, codes, "There are no pass codes yet: `ringfence passcode add NAME` makes one.", head, func(c store.PassCode) []string {
			used := "never"
			if !c.Used.IsZero() {
				used = times.at(c.Used)
			}
			return []string{c.Name, c.Code, times.day(c.Added), used, strconv.Itoa(c.Uses)}
		})
	})
}

type passcodeRemoveCmd struct {
	Name string `arg:"" help:"Whose pass code."`
}

func (passcodeRemoveCmd) Help() string { return help("", `ringfence passcode remove "Dr Patel"`) }

func (c passcodeRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.deed(ctx, "`ringfence passcode`", func(a household.Admin) (household.Done, error) { return a.RemovePassCode(ctx, c.Name) })
}
