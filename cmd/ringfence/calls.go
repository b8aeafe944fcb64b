package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"ringfence/calllog"
	"ringfence/config"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/timeline"
)

type callsCmd struct {
	JSON  bool `help:"One JSON object a line."`
	Limit int  `help:"How many at most." default:"50"`
}

func (callsCmd) Help() string {
	return "Example: ringfence calls --limit 10\n\nWith --json each line is an object with at, number, name, action, reasons, outcome and more."
}

// jsonCall is a contract: fields are added, never renamed.
type jsonCall struct {
	At           time.Time              `json:"at"`
	Number       screening.Number       `json:"number"`
	Name         string                 `json:"name"`
	Presentation screening.Presentation `json:"presentation"`
	Action       screening.Action       `json:"action"`
	Would        screening.Action       `json:"would"`
	Reasons      []screening.Reason     `json:"reasons"`
	Outcome      calllog.Outcome        `json:"outcome"`
	Ended        *time.Time             `json:"ended,omitempty"`
	Steps        []jsonStep             `json:"steps"`
	Recordings   []jsonRecording        `json:"recordings"`
}

type jsonStep struct {
	At     time.Time    `json:"at"`
	Step   calllog.Kind `json:"step"`
	Detail string       `json:"detail,omitempty"`
}

type jsonRecording struct {
	Kind    string  `json:"kind"`
	File    string  `json:"file"`
	Seconds float64 `json:"seconds"`
}

func (c callsCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		calls, err := db.Calls(ctx, h.Name, c.Limit)
		if err != nil {
			return err
		}
		if c.JSON {
			return p.callsJSON(calls)
		}
		return p.callsTable(calls, h.Region)
	})
}

func (p *program) callsJSON(calls []store.Call) error {
	encoder := json.NewEncoder(p.out)
	encoder.SetEscapeHTML(false)
	for _, c := range calls {
		j := jsonCall{
			At: c.At, Number: c.Number, Name: c.Name, Presentation: c.Presentation, Action: c.Action, Would: c.Would,
			Reasons: append([]screening.Reason{}, c.Reasons...), Outcome: c.Outcome, Steps: []jsonStep{}, Recordings: []jsonRecording{},
		}
		if !c.Ended.IsZero() {
			j.Ended = &c.Ended
		}
		for _, s := range c.Steps {
			j.Steps = append(j.Steps, jsonStep{s.At, calllog.KindOf(s.Step), calllog.WordsOf(s.Step)})
		}
		for _, r := range c.Recordings {
			j.Recordings = append(j.Recordings, jsonRecording{r.Kind, r.Path, r.Length.Seconds()})
		}
		if err := encoder.Encode(j); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) callsTable(calls []store.Call, region string) error {
	if len(calls) == 0 {
		_, err := fmt.Fprintln(p.out, "There are no calls yet.")
		return err
	}
	t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	_, err := fmt.Fprintln(t, "WHEN\tWHO\tWHAT WAS DONE\tWHAT BECAME OF IT\tWHY")
	for _, c := range calls {
		why := ""
		if len(c.Reasons) > 0 {
			why = c.Reasons[0].Text
		}
		_, line := fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", c.At.Local().Format("2 Jan 15:04:05"), who(c, region), c.Action, timeline.Summary(store.LoggedCall{Call: c}), why)
		err = errors.Join(err, line)
	}
	return errors.Join(err, t.Flush())
}

// who names a caller as people would.
func who(c store.Call, region string) string {
	switch {
	case c.Number != "" && c.Name != "":
		return c.Name + " " + c.Number.National(region)
	case c.Number != "":
		return c.Number.National(region)
	case c.Presentation == screening.Withheld:
		return "number withheld"
	default:
		return "no number"
	}
}
