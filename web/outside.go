package web

import (
	"context"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// Household is what the pages need to know of a household beside what the database has.
type Household struct {
	Name string // its key, in addresses and in ringfence.toml
	screening.Line
}

// Language is one in which callers can be spoken to.
type Language struct {
	Code string // "fr-FR"
	Name string // "French"
}

// Part is something that a household's line needs.
type Part struct {
	Name  string    // "Asterisk", the trunk's or the telephone's name
	Up    bool      // it is there and can be used
	Known bool      // false: it cannot be known whether it is there
	Since time.Time // since when it has been like that; zero: not known
}

// Line is how a household's line is.
type Line struct {
	Asterisk Part   // and the application's connection to it
	SIP      string // why neither line nor telephones reach Asterisk, in a sentence; "" where nothing is known to be wrong
	Trunk    Part
	Phones   []Part
	Open     []string // ways in that the settings leave open to strangers, a sentence each, such as a password that is easily guessed
}

// Switchboard is the telephone side.
type Switchboard interface {
	// Line tells how a household's line is; it asks nobody and returns at once.
	Line(household string) Line
	// Press presses a key for a carer in a call in progress. The error is a sentence for people where the call is over or
	// the key makes no sense at its present step.
	Press(ctx context.Context, household string, call int64, key calllog.CarerKey, by string) error
	// Changed brings a value, at most one waiting, after something has changed in any call or line, until cancel is called.
	Changed() (changed <-chan struct{}, cancel func())
}
