package main

import (
	"context"
	"errors"
	"strings"

	"ringfence/household"
	"ringfence/store"
)

type forgetCmd struct {
	Number []string `arg:"" help:"The caller's number."`
	Sure   bool     `help:"Erase it. Without this, it only says what would be erased."`
}

func (forgetCmd) Help() string {
	return help("For somebody who asks you to erase what you have about them (UK GDPR, Article 17). Erases the calls, recordings, messages, "+
		"reports, names, notices and waiting alerts of a number for good. Its contact or block stays, and so do backups. Without "+
		"--sure it lists all that and erases nothing.",
		"ringfence forget 0161 496 0123",
		"ringfence forget 0161 496 0123 --sure")
}

func (c forgetCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		a := p.admin(s, h, db)
		a.Sure = c.Sure
		done, err := a.ForgetCaller(ctx, strings.Join(c.Number, " "))
		if refusal := (*household.Refusal)(nil); errors.As(err, &refusal) && refusal.Kind == household.NotSure {
			if err := p.say("%s\n", refusal.Sentence); err != nil {
				return err
			}
			return usagef("nothing has been erased yet. If you are sure, add --sure")
		}
		return p.tell(done, err)
	})
}
