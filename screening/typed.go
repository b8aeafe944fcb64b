package screening

import "strings"

// Typed is a caller as somebody types it who asks what would be done with a call: a number in any form that ParseNumber
// reads, or "withheld" or "unavailable" (as "") for a caller who shows none.
func Typed(text string) Identity {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "withheld":
		return Identity{Presentation: "prohib_not_screened"}
	case "unavailable", "":
		return Identity{Presentation: "unavailable"}
	}
	return Identity{Number: text, Presentation: "allowed_not_screened"}
}

// Answer is what a program is told that asks what would be done with a call. Its JSON is a contract, that of `ringfence
// lookup --json`: fields are added, never renamed.
type Answer struct {
	Number  Number   `json:"number"`
	Action  Action   `json:"action"`
	Would   Action   `json:"would"`
	Reasons []Reason `json:"reasons"`
	// For screen: the caller must prove to be human. For message: quiet hours decide. For ring: a call is expected.
	Check    bool `json:"check"`
	Quiet    bool `json:"quiet"`
	Expected bool `json:"expected"`
}

// Answer is the verdict on a call from a number, for a program.
func (v Verdict) Answer(number Number) Answer {
	return Answer{number, v.Action, v.Would, v.Reasons, v.Check, v.Quiet, v.Expected}
}
