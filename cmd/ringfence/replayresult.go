package main

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"ringfence/household"
	"ringfence/household/replay"
	"ringfence/screening"
	"ringfence/web/timeline"
)

func (p *program) replay(ctx context.Context, a household.Admin, h householdSettings, asJSON bool, deed replay.Deed) error {
	r, err := replay.OfLog(ctx, a, replay.MostOfALog, deed)
	return p.replayed(a, h, asJSON, r, err)
}

// replayed prints what would have happened, unless trying it has failed.
func (p *program) replayed(a household.Admin, h householdSettings, asJSON bool, r replay.Result, err error) error {
	if err != nil {
		return asTyped(err)
	}
	if asJSON {
		return printJSON(p, []replay.Result{r}, func(r replay.Result) replay.JSON { return r.JSON(a, true) })
	}
	times, err := clockOf(h)
	if err != nil {
		return err
	}
	lines := []string{"Nothing was changed. " + r.Head(a.Local)}
	for _, g := range r.Groups() {
		lines = append(lines, "", g.Sentence())
		for _, c := range g.Shown() {
			lines = append(lines, "  "+changedCall(c, times, h.Region))
		}
		if more := len(g.Calls) - len(g.Shown()); more > 0 {
			lines = append(lines, "  and "+counted(more, "more call", "more calls"))
		}
	}
	if len(r.Notes) > 0 {
		lines = append(lines, "", strings.Join(r.Notes, "\n"))
	}
	return p.say("%s", strings.Join(lines, "\n"))
}

// changedCall is a call in a line: when, who, how it went, and why it would have gone differently.
func changedCall(c replay.Change, times clock, region string) string {
	name := cmp.Or(c.Contact, c.Name)
	caller := cmp.Or(whoHas(c.Caller.Number, name, region), "no number")
	if c.Caller.Number == "" && c.Caller.Presentation == screening.Withheld {
		caller = "number withheld"
	}
	parts := []string{times.at(c.At) + "  " + caller}
	switch {
	case c.Logged != nil:
		parts = append(parts, timeline.Summary(*c.Logged))
	case c.Talked > 0:
		parts = append(parts, "Talked for "+timeline.Length(c.Talked))
	}
	parts = append(parts, c.Would.Reasons[0].Text)
	if words := c.Words(); words != "" {
		parts = append(parts, "“"+words+"”")
	}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "; ")
}
