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
	// For screen: the caller must prove to be human. For message: quiet hours decide. For ring: a call is expected.
	Check    bool `json:"check"`
	Quiet    bool `json:"quiet"`
	Expected bool `json:"expected"`
}

func (c lookupCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		caller := screening.Identify(typedIdentity(strings.Join(c.Number, " ")), h.Region)
		house, err := s.house(ctx, h.Name, db)
		if err != nil {
			return err
		}
		known, err := db.Know(ctx, h.Name, caller.Number)
		if err != nil {
			return err
		}
		v := screening.Decide(screening.Call{At: time.Now(), Caller: caller}, house, known)
		if c.JSON {
			encoder := json.NewEncoder(p.out)
			encoder.SetEscapeHTML(false)
			return encoder.Encode(jsonVerdict{caller.Number, v.Action, v.Would, v.Reasons, v.Check, v.Quiet, v.Expected})
		}
		return p.verdict(caller, v, h.Region)
	})
}

// house is what a household has chosen, with what the settings say of its line: as a call meets it.
func (s settings) house(ctx context.Context, name string, db *store.Store) (screening.Household, error) {
	house, err := db.Household(ctx, name)
	return s.lines()[name].Complete(house), err
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
	action := actions[v.Action]
	if v.Check {
		action = "would be asked who they are and to press a key, and announced"
	}
	if _, err := fmt.Fprintf(p.out, "%s %s.\n", who, action); err != nil {
		return err
	}
	for _, r := range v.Reasons {
		if _, err := fmt.Fprintf(p.out, "  - %s\n", r.Text); err != nil {
			return err
		}
	}
	return nil
}
