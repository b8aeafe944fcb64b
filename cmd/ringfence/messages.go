package main

import (
	"context"
	"strconv"
	"time"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

type messagesCmd struct {
	List   messagesListCmd   `cmd:"" default:"withargs" help:"List the messages (this is also what \"ringfence messages\" alone does)."`
	Delete messagesDeleteCmd `cmd:"" help:"Delete a message."`
}

type messagesListCmd struct {
	JSON bool `help:"One JSON object a line."`
}

func (messagesListCmd) Help() string {
	return "Those that nobody has heard come first. CALL is what \"messages delete\" takes.\n\n" +
		"Example:\n\n    ringfence messages list --json\n    ringfence messages"
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
		head := []string{"CALL", "WHEN", "WHO", "LENGTH", "HEARD", "FILE"}
		return printTable(p, messages, "There are no messages.", head, func(m store.Message) []string {
			heard := "no"
			if m.Heard {
				heard = "yes"
			}
			return []string{
				strconv.FormatInt(m.Call, 10), m.At.Local().Format("2 Jan 15:04"), whoHas(m.Number, m.Name, h.Region), m.Length.Round(time.Second).String(), heard, m.Path,
			}
		})
	})
}

type messagesDeleteCmd struct {
	Call int64 `arg:"" help:"The message's number in the column CALL of \"ringfence messages\"."`
}

func (messagesDeleteCmd) Help() string {
	return "The message goes, whether somebody has heard it or not; the call stays in the log.\n\nExample:\n\n    ringfence messages delete 17"
}

func (c messagesDeleteCmd) Run(ctx context.Context, p *program) error {
	return p.deed(ctx, "`ringfence messages`", func(a household.Admin) (household.Done, error) { return a.DeleteMessage(ctx, c.Call) })
}
