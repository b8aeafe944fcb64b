// Package timeline puts a call of the log into plain sentences: what happened from moment to moment, and in one line how it ended. Pages, the
// spreadsheet and `ringfence calls` share these words. It is pure. What callers and networks have written is in the sentences as it is, printable and
// on one line; escaping is left to the page that shows them.
package timeline

import (
	"cmp"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

// Line is one moment of a call.
type Line struct {
	At   time.Time
	Text string // one or more sentences
	// Recording is the kind of recording that was made at this moment, one of calllog; "" for none. It may have been
	// deleted since.
	Recording string
}

// Lines tells a call from its arrival to its end, or as far as it has got. region is that of the line.
func Lines(c store.LoggedCall, region string) []Line {
	lines := []Line{{At: c.At, Text: arrival(c, region)}}
	for _, s := range c.Steps {
		line := Line{At: s.At, Text: sentence(s.Step)}
		switch s.Step.(type) {
		case calllog.Said:
			line.Recording = calllog.RecordedName
		case calllog.LeftMessage:
			line.Recording = calllog.RecordedMessage
		}
		lines = append(lines, line)
	}
	if !c.Ended.IsZero() {
		lines = append(lines, Line{At: c.Ended, Text: cmp.Or(endings[c.Outcome], "The call ended.")})
	}
	return lines
}

// Number is the caller's number as people of the region write it, or why there is none. A withheld one is never shown, even if the network has sent
// it.
func Number(c store.Call, region string) string {
	switch {
	case c.Number != "":
		return c.Number.National(region)
	case c.Presentation == screening.Withheld:
		return "Number withheld"
	case c.Presentation == screening.Allowed && Printable(c.Said) != "":
		return Printable(c.Said) + " (not a possible number)"
	default:
		return "No number shown"
	}
}

func arrival(c store.LoggedCall, region string) string {
	text := "Called from " + c.Number.National(region) + "."
	switch {
	case c.Number != "":
	case c.Presentation == screening.Withheld:
		text = "Called, with the number withheld."
	case c.Presentation == screening.Allowed && Printable(c.Said) != "":
		text = "Called, showing " + Printable(c.Said) + "."
	default:
		text = "Called. No number was shown."
	}
	if c.Name != "" && c.Name != c.Contact {
		text += " The network gave the name " + Printable(c.Name) + "."
	}
	for _, r := range c.Reasons {
		text += " " + oneLine(r.Text)
	}
	if c.Action == "" {
		text += " Nothing could be decided about this call."
	}
	return text
}
