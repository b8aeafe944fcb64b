package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ringfence/config"
	"ringfence/sharing/group"
	"ringfence/store/outbox"
)

type groupListCmd struct{}

func (groupListCmd) Help() string { return "Example: ringfence group list" }

func (groupListCmd) Run(ctx context.Context, p *program) error {
	return p.withGroups(ctx, func(g group.Groups, h config.Household) error {
		all, err := g.Store.Outbox.Groups(ctx, h.Name)
		if err != nil {
			return err
		}
		zone, err := h.Zone()
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return p.say("The household has joined no group, so its reports stay in the house: `ringfence group join LINK` joins one.")
		}
		for _, one := range all {
			line := fmt.Sprintf("%d  %s (%s), joined on %s", one.ID, one.Name, one.URL, one.Joined.In(zone).Format("2 January 2006"))
			if one.Left.IsZero() {
				counts, err := countStages(ctx, g, one)
				if err != nil {
					return err
				}
				line += counts
			} else {
				line += ", left on " + one.Left.In(zone).Format("2 January 2006")
			}
			if err := p.say("%s", line); err != nil {
				return err
			}
		}
		return nil
	})
}

// countStages says how many reports are how far on their way to a group.
func countStages(ctx context.Context, g group.Groups, joined outbox.Group) (text string, err error) {
	all, err := g.Standings(ctx, joined)
	counts := map[group.Stage]int{}
	for _, one := range all {
		counts[one.Stage]++
	}
	for _, s := range []struct {
		stage group.Stage
		words string
	}{
		{group.Sent, "sent"}, {group.Held, "held for an hour"}, {group.Waits, "waiting"}, {group.Retracts, "waiting to be withdrawn"},
		{group.Withdrawn, "withdrawn"}, {group.Refused, "not taken by the group"}, {group.Stays, "not sent"},
	} {
		if n := counts[s.stage]; n > 0 {
			text += fmt.Sprintf("; %d %s", n, s.words)
		}
	}
	switch {
	case joined.Paused:
		text += ". Sending is paused"
	case joined.Error != "":
		text += ". " + joined.Error
	}
	return text, err
}

type groupSentCmd struct {
	Name  string `arg:"" optional:"" help:"The group, where there is more than one; also one that was left."`
	JSON  bool   `name:"json" help:"One JSON object a line."`
	Limit int    `help:"How many at most." default:"100"`
}

func (groupSentCmd) Help() string {
	return "Shows, the newest first, when something was sent, word for word what, and what became of it.\n\nExample: ringfence group sent"
}

// jsonSent is a line of --json, a contract.
type jsonSent struct {
	At      time.Time       `json:"at"`
	Sent    json.RawMessage `json:"sent"`
	Taken   bool            `json:"taken"`
	Refused string          `json:"refused,omitempty"`
}

func (c groupSentCmd) Run(ctx context.Context, p *program) error {
	return p.withGroups(ctx, func(g group.Groups, h config.Household) error {
		joined, err := groupNamed(ctx, g.Store, h.Name, c.Name, true)
		if err != nil {
			return err
		}
		zone, err := h.Zone()
		if err != nil {
			return err
		}
		sent, err := g.Store.Outbox.SentReports(ctx, joined.ID, c.Limit)
		if err != nil {
			return err
		}
		if len(sent) == 0 && !c.JSON {
			return p.say("Nothing was sent to %s.", joined.Name)
		}
		for _, one := range sent {
			if err := p.saySent(one, zone, c.JSON); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *program) saySent(one outbox.SentReport, zone *time.Location, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(p.out).Encode(jsonSent{one.At.UTC(), json.RawMessage(one.Body), one.Refused == "", one.Refused})
	}
	became := ""
	if one.Refused != "" {
		became = "  (the group did not take it: " + one.Refused + ")"
	}
	return p.say("%s  %s%s", one.At.In(zone).Format("2006-01-02 15:04"), one.Body, became)
}
