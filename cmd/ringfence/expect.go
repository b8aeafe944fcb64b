package main

import (
	"context"
	"time"

	"ringfence/household"
)

type expectCmd struct {
	For *time.Duration `help:"For how long; two hours by default." placeholder:"2h" xor:"expect"`
	Off bool           `help:"Stop expecting a call." xor:"expect"`
}

func (expectCmd) Help() string {
	return help("For a plumber who rings back: the next unknown caller gets through, once, even in quiet hours and in the mode known-only. "+
		"Blocked, reported and fake numbers don't, nor do callers you turn away by their kind.",
		"ringfence expect",
		"ringfence expect --for 30m",
		"ringfence expect --off")
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
