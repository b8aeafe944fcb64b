package softphone

import (
	"fmt"
	"time"
)

// Event is something that happened to a telephone, as it happened.
type Event struct {
	At   time.Time
	Who  string // the telephone's name
	Kind Kind
	Call *Call  // nil for Refused, Registered and Unregistered
	Code int    // SIP status, of Progress, Refused, StopsRinging and Ended; else 0
	Text string // who rings, which keys, why it ended
}

// Kind of an event.
type Kind string

// What can happen to a telephone.
const (
	Dialled      Kind = "dials"           // Text: the number
	Progress     Kind = "is told"         // a provisional answer: Code 100, 180, 183
	Rings        Kind = "rings"           // Text: the caller ID
	Refused      Kind = "refuses"         // a call that did not ring; Code, Text: the caller ID
	Answered     Kind = "talks"           // either side has picked up
	StopsRinging Kind = "stops ringing"   // not answered; Text: why
	Pressed      Kind = "presses"         // Text: the keys
	KeyHeard     Kind = "hears the key"   // Text: the key
	Says         Kind = "says"            // Text: the length
	Ended        Kind = "call ended"      // Code, Text: who ended it
	Registered   Kind = "is registered"   // Text: where
	Unregistered Kind = "is unregistered" // Text: where, or why
)

// String is one line, for a log.
func (e Event) String() string {
	line := fmt.Sprintf("%s %s %s", e.At.Format("15:04:05.000"), e.Who, e.Kind)
	if e.Code != 0 {
		line += fmt.Sprintf(" %d", e.Code)
	}
	if e.Text != "" {
		line += " " + e.Text
	}
	return line
}

// Ending is how a call ended.
type Ending struct {
	At     time.Time
	By     By
	Code   int    // final SIP status of a call that was not answered, else 200
	Phrase string // its words
	Reason string // the Reason header that came with it (RFC 3326), if any
}

// By is who ended a call.
type By string

// Who can end a call.
const (
	Us      By = "us"      // this telephone
	Them    By = "them"    // the other side
	Network By = "network" // neither: there was no answer
)

func (e Ending) String() string {
	line := fmt.Sprintf("ended by %s", e.By)
	if e.Code != 200 && e.Code != 0 {
		line += fmt.Sprintf(" (%d %s)", e.Code, e.Phrase)
	}
	if e.Reason != "" {
		line += " " + e.Reason
	}
	return line
}
