package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ringfence/config"
	"ringfence/screening"
	"ringfence/store"
)

type lookupCmd struct {
	Number []string `arg:"" help:"The number; or \"withheld\" or \"unavailable\" for none."`
	JSON   bool     `help:"One JSON object."`
}

func (lookupCmd) Help() string {
	return help("Says what would happen if this number rang now, with every reason. The deciding reason comes first.",
		"ringfence lookup 020 7946 0123")
}

func (c lookupCmd) Run(ctx context.Context, p *program) error {
	typed := strings.Join(c.Number, " ")
	if _, err := screening.Typed(typed); err != nil {
		return usageError{err}
	}
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		found, err := db.Lookup(ctx, h.Name, s.Lines()[h.Name], typed, time.Now())
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(p, []screening.Verdict{found.Verdict}, func(v screening.Verdict) screening.Answer { return v.Answer(found.Caller.Number) })
		}
		return p.verdict(found.Caller, found.Verdict, h.Region)
	})
}

func (p *program) verdict(caller screening.Caller, v screening.Verdict, region string) error {
	if err := p.say("%s", v.Sentence(caller, region)); err != nil {
		return err
	}
	for _, r := range v.Reasons {
		if _, err := fmt.Fprintf(p.out, "  - %s\n", r.Text); err != nil {
			return err
		}
	}
	return nil
}
