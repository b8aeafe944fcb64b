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
	Sure   bool     `help:"Erase it. Without this, only shows what would be erased."`
}

func (forgetCmd) Help() string {
	return "Erases calls, recordings, messages, reports, names, notices and waiting alerts for good, as somebody may ask who has rung\n" +
		"(UK GDPR, Article 17). The number's contact or block stays, and so do backups. Without --sure it says all that and changes nothing.\n\n" +
		"Example:\n\n    ringfence forget 0161 496 0123\n    ringfence forget 0161 496 0123 --sure"
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
