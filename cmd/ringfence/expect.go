package main

import (
	"context"
	"time"

	"ringfence/household"
)

type expectCmd struct {
	For *time.Duration `help:"For how long; two hours by default." placeholder:"2h" xor:"expect"`
	Off bool           `help:"You're not expecting a call any more." xor:"expect"`
}

func (expectCmd) Help() string {
	return "For a plumber who rings back: the next unknown caller rings, once, even in quiet hours and in the\n" +
		"mode known-only. Callers with a blocked, reported or false number do not, nor those who are turned away by choice.\n\n" +
		"Example:\n\n    ringfence expect\n    ringfence expect --for 30m\n    ringfence expect --off"
}

func (c expectCmd) Run(ctx context.Context, p *program) error {
	return p.deed(ctx, "", func(a household.Admin) (household.Done, error) {
		deed := a.ExpectNext
		switch {
		case c.For != nil:
			deed = func(ctx context.Context, seen string) (household.Done, error) {
				return a.Expect(ctx, seen, a.Now.Add(*c.For))
			}
		case c.Off:
			deed = a.ExpectNobody
		}
		done, err := deed(ctx, "")
		return done, asTyped(err)
	})
}
