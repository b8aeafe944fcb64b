package main

import (
	"cmp"
	"context"
	"strings"
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
	return help("With --json each line is an object with at, number, name, action, reasons, outcome and more.",
		"ringfence calls --limit 10")
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
	Words   string  `json:"words,omitempty"` // as a machine has read them
	Unsure  bool    `json:"unsure,omitempty"`
	// Opinion is how the words sound to a language model, where it warns.
	Opinion *jsonOpinion `json:"opinion,omitempty"`
}

type jsonOpinion struct {
	Level    calllog.ScriptLevel `json:"level"`
	Sentence string              `json:"sentence"`
}

func (c callsCmd) Run(ctx context.Context, p *program) error {
	return p.withStore(ctx, func(s config.Settings, h config.Household, db *store.Store) error {
		calls, err := db.Calls(ctx, h.Name, c.Limit)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(p, calls, shapeOfCall)
		}
		times, err := clockOf(h)
		if err != nil {
			return err
		}
		head := []string{"WHEN", "WHO", "WHAT WAS DONE", "RESULT", "WHY"}
		return printTable(p, calls, "There are no calls yet.", head, func(c store.Call) []string {
			why := ""
			if len(c.Reasons) > 0 {
				why = c.Reasons[0].Text
			}
			return []string{times.at(c.At), who(c, h.Region), timeline.Done(c.Action), timeline.Summary(store.LoggedCall{Call: c}), why}
		})
	})
}

// shapeOfCall is a call for --json.
func shapeOfCall(c store.Call) jsonCall {
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
		recording := jsonRecording{Kind: r.Kind, File: r.Path, Seconds: r.Length.Seconds(), Words: r.Text, Unsure: r.Unsure}
		if r.Opinion.Level != "" {
			recording.Opinion = &jsonOpinion{r.Opinion.Level, r.Opinion.Sentence}
		}
		j.Recordings = append(j.Recordings, recording)
	}
	return j
}

// who names a caller as people would.
func who(c store.Call, region string) string {
	if c.Number == "" && c.Presentation == screening.Withheld {
		return "number withheld"
	}
	return whoHas(c.Number, c.Name, region)
}

// whoHas names somebody by name and number, as far as there are any.
func whoHas(n screening.Number, name, region string) string {
	return cmp.Or(strings.TrimSpace(name+" "+n.National(region)), "no number")
}
