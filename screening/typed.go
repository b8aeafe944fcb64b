package screening

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// Typed is a caller as typed by somebody who asks what would be done with a call: a number in any form that ParseNumber reads, or "withheld",
// "unavailable" or another word that networks show for a caller without one; "" is the latter. Digits that make no possible number are taken as they
// are, because a caller can show them too. Other text is no phone number, which the error says for people.
func Typed(text string) (Identity, error) {
	id := Noted(text)
	if Number(id.Number).IsInternal() { // one of a router's own phones: "**610"
		return id, nil
	}
	if _, err := dialled(id.Number); id.Number != "" && (errors.Is(err, errForeign) || errors.Is(err, errEmpty)) {
		return Identity{}, fmt.Errorf("%s is no phone number; type a number, \"withheld\" or \"unavailable\"", quoted(text))
	}
	return id, nil
}

// Noted is a caller as a program's log has noted them: Typed for text that may be anything.
func Noted(text string) Identity {
	if strings.TrimSpace(text) == "" {
		return Identity{Presentation: "unavailable"}
	}
	if why, known := absences(letters(text)); known {
		return Identity{Name: text, Presentation: map[Presentation]string{Withheld: "prohib_not_screened", Unavailable: "unavailable"}[why.presentation]}
	}
	return Identity{Number: text, Presentation: "allowed_not_screened"}
}

// Answer is the answer for programs that ask what would be done with a call. Its JSON is the contract of `ringfence lookup --json`: fields are
// added, never renamed.
type Answer struct {
	Number  Number   `json:"number"`
	Action  Action   `json:"action"`
	Would   Action   `json:"would"`
	Reasons []Reason `json:"reasons"`
	// Check is for screen: the caller must prove that they are human. Quiet is for message: quiet hours decide. Expected is for ring. CheckIf is for
	// screen: who talks as a recording does must prove it.
	Check    bool `json:"check"`
	Quiet    bool `json:"quiet"`
	Expected bool `json:"expected"`
	CheckIf  bool `json:"check_if_suspicious"`
}

// Answer is the verdict on a call from a number, for a program.
func (v Verdict) Answer(number Number) Answer {
	return Answer{number, v.Action, v.Would, v.Reasons, v.Check, v.Quiet, v.Expected, v.CheckIf}
}

// Sentence says what would be done with a call, for people of the region: "020 7946 0123 would ring."
func (v Verdict) Sentence(caller Caller, region string) string {
	who := cmp.Or(caller.Number.National(region), "A caller without a number")
	switch {
	case v.Action == Ring:
		return who + " would ring."
	case v.Action == Screen && v.Check:
		return who + " would be asked who they are and to press a key, and announced."
	case v.Action == Screen:
		return who + " would be asked who they are, and announced."
	case v.Action == Message:
		return who + " could leave a message; the phone wouldn't ring."
	default:
		return who + " would be turned away."
	}
}
