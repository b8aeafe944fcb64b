package main

import (
	"context"
	"strconv"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/timeline"
)

type messagesCmd struct {
	List   messagesListCmd   `cmd:"" default:"withargs" help:"List the messages."`
	Delete messagesDeleteCmd `cmd:"" help:"Delete a message."`
}

func (messagesCmd) Help() string {
	return help("Without a command it lists them.",
		"ringfence messages",
		"ringfence messages delete 17")
}

type messagesListCmd struct {
	JSON bool `help:"One JSON object a line."`
}

func (messagesListCmd) Help() string {
	return help("Messages that nobody has heard come first. `messages delete` takes the number in the column CALL.",
		"ringfence messages list --json",
		"ringfence messages")
}

// jsonMessage is a contract: fields are added, never renamed.
type jsonMessage struct {
	Call    int64            `json:"call"`
	At      time.Time        `json:"at"`
	Number  screening.Number `json:"number"`
	Name    string           `json:"name"`
	Heard   bool             `json:"heard"`
	File    string           `json:"file"`
	Seconds float64          `json:"seconds"`
}

func (c messagesListCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(_ settings, h householdSettings, db *store.Store) error {
		messages, err := db.Messages(ctx, h.Name)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(p, messages, func(m store.Message) jsonMessage {
				return jsonMessage{m.Call, m.At, m.Number, m.Name, m.Heard, m.Path, m.Length.Seconds()}
			})
		}
		times, err := clockOf(h)
		if err != nil {
			return err
		}
		head := []string{"CALL", "WHEN", "WHO", "LENGTH", "HEARD", "FILE"}
		return printTable(p, messages, "There are no messages yet.", head, func(m store.Message) []string {
			heard := "no"
			if m.Heard {
				heard = "yes"
			}
			return []string{
				strconv.FormatInt(m.Call, 10), times.at(m.At), whoHas(m.Number, m.Name, h.Region), timeline.Clock(m.Length), heard, m.Path,
			}
		})
	})
}

type messagesDeleteCmd struct {
	Call int64 `arg:"" help:"The number in the column CALL of \"ringfence messages\"."`
}

func (messagesDeleteCmd) Help() string {
	return help("Deletes the message even if nobody has heard it. The call stays in the log.",
		"ringfence messages delete 17")
}

func (c messagesDeleteCmd) Run(ctx context.Context, p *program) error {
	return p.deed(ctx, "`ringfence messages`", func(a household.Admin) (household.Done, error) { return a.DeleteMessage(ctx, c.Call) })
}
