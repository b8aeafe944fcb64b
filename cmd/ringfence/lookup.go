package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

type lookupCmd struct {
	Number []string `arg:"" help:"A number as it is dialled or shown; \"withheld\" or \"unavailable\" for none."`
	JSON   bool     `help:"One JSON object."`
}

func (lookupCmd) Help() string {
	return "Says what would be done with a call from this number at this moment, and every reason, the deciding one first.\n\n" +
		"Example: ringfence lookup 020 7946 0123"
}

// jsonVerdict is a contract: fields are added, never renamed.
type jsonVerdict struct {
	Number  screening.Number   `json:"number"`
	Action  screening.Action   `json:"action"`
	Would   screening.Action   `json:"would"`
	Reasons []screening.Reason `json:"reasons"`
}

func (c lookupCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		line := s.lines()[h.Name]
		caller := screening.Identify(typedIdentity(strings.Join(c.Number, " ")), h.Region)
		house, err := db.Household(ctx, h.Name)
		if err != nil {
			return err
		}
		house.Region, house.Number = line.Region, line.Number
		known, err := db.Know(ctx, h.Name, caller.Number)
		if err != nil {
			return err
		}
		v := screening.Decide(screening.Call{At: time.Now(), Caller: caller}, house, known)
		if c.JSON {
			encoder := json.NewEncoder(p.out)
			encoder.SetEscapeHTML(false)
			return encoder.Encode(jsonVerdict{caller.Number, v.Action, v.Would, v.Reasons})
		}
		return p.verdict(caller, v, h.Region)
	})
}

// typedIdentity is a caller as somebody types it.
func typedIdentity(typed string) screening.Identity {
	switch strings.ToLower(typed) {
	case "withheld":
		return screening.Identity{Presentation: "prohib_not_screened"}
	case "unavailable", "":
		return screening.Identity{Presentation: "unavailable"}
	}
	return screening.Identity{Number: typed, Presentation: "allowed_not_screened"}
}

// actions in words for people.
var actions = map[screening.Action]string{
	screening.Ring:     "would ring",
	screening.Screen:   "would be asked who they are, and announced",
	screening.Message:  "could leave a message; the telephone would not ring",
	screening.TurnAway: "would be turned away",
}

func (p *program) verdict(caller screening.Caller, v screening.Verdict, region string) error {
	who := "A caller without a number"
	if caller.Number != "" {
		who = caller.Number.National(region)
	}
	if _, err := fmt.Fprintf(p.out, "%s %s.\n", who, actions[v.Action]); err != nil {
		return err
	}
	for _, r := range v.Reasons {
		if _, err := fmt.Fprintf(p.out, "  - %s\n", r.Text); err != nil {
			return err
		}
	}
	return nil
}
