package main

import (
	"context"
	"strconv"

	"ringfence/household"
	"ringfence/store"
)

type passcodeCmd struct {
	Add    passcodeAddCmd    `cmd:"" help:"Give somebody a pass code."`
	List   passcodeListCmd   `cmd:"" default:"withargs" help:"List the pass codes (this is also what \"ringfence passcode\" alone does)."`
	Remove passcodeRemoveCmd `cmd:"" help:"Remove somebody's pass code."`
}

type passcodeAddCmd struct {
	Name string `arg:"" help:"Who it is for."`
	Code string `arg:"" optional:"" help:"4 to 8 digits; without it one is made."`
}

func (passcodeAddCmd) Help() string {
	return "Somebody who dials it when asked who they are gets through from any telephone.\n\n" +
		"Example:\n\n    ringfence passcode add \"Dr Patel\"\n    ringfence passcode add Daughter 48213375"
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

func (passcodeListCmd) Help() string { return "Example:\n\n    ringfence passcode list" }

func (passcodeListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		codes, err := db.PassCodes(ctx, h.Name)
		if err != nil {
			return err
		}
		head := []string{"NAME", "CODE", "MADE", "LAST USED", "USES"}
		return printTable(p, codes, "There are no pass codes: `ringfence passcode add NAME` makes one.", head, func(c store.PassCode) []string {
			used := "never"
			if !c.Used.IsZero() {
				used = c.Used.Local().Format("2 Jan 2006 15:04")
			}
			return []string{c.Name, c.Code, c.Added.Local().Format("2 Jan 2006"), used, strconv.Itoa(c.Uses)}
		})
	})
}

type passcodeRemoveCmd struct {
	Name string `arg:"" help:"Whose."`
}

func (passcodeRemoveCmd) Help() string {
	return "Example:\n\n    ringfence passcode remove \"Dr Patel\""
}

func (c passcodeRemoveCmd) Run(ctx context.Context, p *program) error {
	return p.deed(ctx, "`ringfence passcode list`", func(a household.Admin) (household.Done, error) { return a.RemovePassCode(ctx, c.Name) })
}
