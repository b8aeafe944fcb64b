package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"ringfence/sharing/group"
	"ringfence/store"
	"ringfence/store/outbox"
)

type groupListCmd struct{}

func (groupListCmd) Help() string { return help("", "ringfence group list") }

func (groupListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		all, err := db.Outbox.Groups(ctx, h.Name)
		if err != nil {
			return err
		}
		times, err := clockOf(h)
		if err != nil {
			return err
		}
		var lines []string
		for _, one := range all {
			line := fmt.Sprintf("%d  %s (%s), joined %s", one.ID, one.Name, one.URL, times.day(one.Joined))
			if one.Left.IsZero() {
				counts, err := countStages(ctx, p.groups(s, db), one)
				if err != nil {
					return err
				}
				line += counts
			} else {
				line += ", left " + times.day(one.Left)
			}
			lines = append(lines, line)
		}
		return printLines(p, lines, "You haven't joined a group yet, so reports stay in the house: `ringfence group join LINK` joins one.", strings.Clone)
	})
}

// countStages says how many reports are at which stage of their way to a group.
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
	Name  string `arg:"" optional:"" help:"The group, if there is more than one. It can be one that you left."`
	JSON  bool   `name:"json" help:"One JSON object a line."`
	Limit int    `help:"How many at most." default:"100"`
}

func (groupSentCmd) Help() string {
	return help("Shows what was sent, word for word, when, and the result. The newest comes first.",
		"ringfence group sent")
}

// jsonSent is a line of --json, a contract.
type jsonSent struct {
	At      time.Time       `json:"at"`
	Sent    json.RawMessage `json:"sent"`
	Taken   bool            `json:"taken"`
	Refused string          `json:"refused,omitempty"`
}

func (c groupSentCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		joined, err := groupNamed(ctx, db, h.Name, c.Name, true)
		if err != nil {
			return err
		}
		times, err := clockOf(h)
		if err != nil {
			return err
		}
		sent, err := db.Outbox.SentReports(ctx, joined.ID, c.Limit)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(p, sent, func(one outbox.SentReport) jsonSent {
				return jsonSent{one.At.UTC(), json.RawMessage(one.Body), one.Refused == "", one.Refused}
			})
		}
		return printLines(p, sent, "Nothing has been sent to "+joined.Name+" yet.", func(one outbox.SentReport) string {
			line := times.at(one.At) + "  " + one.Body
			if one.Refused != "" {
				line += "  (the group did not take it: " + one.Refused + ")"
			}
			return line
		})
	})
}
