package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

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
		"Example: ringfence messages list --json\n         ringfence messages"
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
		return p.messagesTable(messages, h.Region)
	})
}

// printJSON prints one object a line.
func printJSON[T, J any](p *program, all []T, shape func(T) J) error {
	encoder := json.NewEncoder(p.out)
	encoder.SetEscapeHTML(false)
	for _, one := range all {
		if err := encoder.Encode(shape(one)); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) messagesTable(messages []store.Message, region string) error {
	if len(messages) == 0 {
		return p.say("There are no messages.")
	}
	t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	_, err := fmt.Fprintln(t, "CALL\tWHEN\tWHO\tLENGTH\tHEARD\tFILE")
	for _, m := range messages {
		heard := "no"
		if m.Heard {
			heard = "yes"
		}
		_, line := fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", m.Call, m.At.Local().Format("2 Jan 15:04"), whoseMessage(m, region), m.Length.Round(time.Second), heard, m.Path)
		err = errors.Join(err, line)
	}
	return errors.Join(err, t.Flush())
}

func whoseMessage(m store.Message, region string) string {
	switch {
	case m.Number == "" && m.Name == "":
		return "no number"
	case m.Number == "":
		return m.Name
	case m.Name == "":
		return m.Number.National(region)
	default:
		return m.Name + " " + m.Number.National(region)
	}
}

type messagesDeleteCmd struct {
	Call int64 `arg:"" help:"The message's number in the column CALL of \"ringfence messages\"."`
}

func (messagesDeleteCmd) Help() string {
	return "The message goes, whether somebody has heard it or not; the call stays in the log.\n\nExample: ringfence messages delete 17"
}

func (c messagesDeleteCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s settings, h householdSettings, db *store.Store) error {
		done, err := p.admin(s, h, db).DeleteMessage(ctx, c.Call)
		return p.tell(done, hint(err, "`ringfence messages`"))
	})
}
