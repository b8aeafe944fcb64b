package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ringfence/calllog"
	"ringfence/screening"
)

// step is a line of a call's time line.
type step struct {
	At     string       `json:"at"`
	Step   calllog.Kind `json:"step"`
	Detail string       `json:"detail,omitempty"`
}

// withWords has the details of a call's steps in words, as calls have them everywhere else.
func withWords(object []byte) ([]byte, error) {
	return reshape(object, "steps", func(s step) step {
		known := calllog.Read(s.Step, s.Detail)
		return step{s.At, calllog.KindOf(known), calllog.WordsOf(known)}
	})
}

type span struct {
	Days     screening.Days  `json:"days"`
	From, To screening.Clock // JSON's names are read whatever their case
	Mode     screening.Mode  `json:"mode"`
	Quiet    bool            `json:"quiet"`
}

// withSpans has a household's schedule as people write it: "mon-fri 22:00-07:00 quiet".
func withSpans(object []byte) ([]byte, error) {
	return reshape(object, "schedule", func(s span) string { return screening.Span(s).String() })
}

// withNumber has what is blocked as /api/v1 has it: a number, or the first digits of some.
func withNumber(object []byte) ([]byte, error) {
	return edit(object, "number", func(digits string) any { return screening.NumberOf(strings.TrimPrefix(digits, "+")) })
}

// reshape changes each item of an array in an object.
func reshape[From, To any](object []byte, array string, change func(From) To) ([]byte, error) {
	return edit(object, array, func(items []From) any {
		changed := []To{}
		for _, item := range items {
			changed = append(changed, change(item))
		}
		return changed
	})
}

// edit changes a field of an object, and leaves it where it is.
func edit[From any](object []byte, field string, change func(From) any) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil {
		return nil, err
	}
	var value From
	if err := json.Unmarshal(fields[field], &value); err != nil {
		return nil, err
	}
	changed, err := json.Marshal(change(value))
	if err != nil {
		return nil, err
	}
	name := []byte(strconv.Quote(field) + ":") // SQLite writes no space behind it; in a text the quotes would be escaped
	before, after, found := bytes.Cut(object, slices.Concat(name, fields[field]))
	if !found {
		return nil, fmt.Errorf("%q is not written as SQLite writes it", field)
	}
	return slices.Concat(before, name, changed, after), nil
}
