package main

import (
	"context"
	"time"

	"ringfence/app"
	"ringfence/config"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

type expectCmd struct {
	For *time.Duration `help:"For how long; two hours if you do not say." placeholder:"2h" xor:"expect"`
	Off bool           `help:"No call is expected any more." xor:"expect"`
}

func (expectCmd) Help() string {
	return "For a plumber who rings back: the next caller whom the household does not know rings, once, even in quiet hours and in the\n" +
		"mode known-only. Callers with a blocked, reported or false number do not, nor those who are turned away by choice.\n\n" +
		"Example: ringfence expect\n         ringfence expect --for 30m\n         ringfence expect --off"
}

func (c expectCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		a := app.Admin(s, db, h.Name, household.CommandLine)
		var end time.Time
		switch {
		case c.For != nil:
			end = a.Now.Add(*c.For)
		case !c.Off:
			end = a.Now.Add(screening.UsualExpecting)
		}
		done, err := a.Expect(ctx, end)
		if err != nil {
			return asTyped(err)
		}
		return p.say("%s", done.Sentence)
	})
}
