package main

import (
	"context"
	"fmt"

	"ringfence/app/doctor"
)

type checkCmd struct {
	Only string `help:"Check one part alone: asterisk or application." enum:",asterisk,application" default:""`
}

func (checkCmd) Help() string {
	return "Looks at every part of an installation, one line each, and ends with 1 if one fails.\n\nExample: ringfence check"
}

func (c checkCmd) Run(ctx context.Context, p *program) error {
	s, err := p.settings()
	if err != nil {
		return p.report([]doctor.Finding{{Part: "settings", Err: err}})
	}
	d := doctor.New(s, p.Config)
	switch c.Only {
	case "asterisk":
		return p.report([]doctor.Finding{d.ARI(ctx)})
	case "application":
		return p.report([]doctor.Finding{d.ARI(ctx), d.Application(ctx)})
	default:
		return p.report(d.Everything(ctx))
	}
}

// report writes the findings, and fails where one does.
func (p *program) report(found []doctor.Finding) error {
	failed := false
	for _, f := range found {
		if f.Err != nil {
			failed = true
			fmt.Fprintf(p.out, "FAIL  %-22s %s\n", f.Part, f.Err)
			continue
		}
		fmt.Fprintf(p.out, "ok    %-22s %s\n", f.Part, f.Fine)
	}
	if failed {
		return errSaid
	}
	return nil
}
