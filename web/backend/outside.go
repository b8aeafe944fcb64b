package backend

import (
	"context"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
)

// Household is what is known about a household besides what is in the database.
type Household struct {
	Name string // its key, in addresses and in ringfence.toml
	screening.Line
}

// Language is one in which callers can be spoken to.
type Language struct {
	Code string // "fr-FR"
	Name string // "French"
}

// Switchboard is the telephone side.
type Switchboard interface {
	// Line returns the state of a household's line; it asks nobody and returns at once.
	Line(household string) Line
	// Press presses a key for a carer in a call in progress. The error is a sentence for people if the call is over, or the key makes no sense at its
	// present step.
	Press(ctx context.Context, household string, call int64, key calllog.CarerKey, by string) error
	// Saying is what a machine has read so far of what a caller is saying at this moment; no words if nothing is known.
	Saying(household string, call int64) store.Words
	// Changed sends a value, at most one waiting, after something has changed in any call or line, until cancel is called.
	Changed() (changed <-chan struct{}, cancel func())
}

// House is what ringfence.toml says about a household, for the settings pages, without passwords.
type House struct {
	KeepDays int    // for how many days calls are kept, unless people have chosen otherwise
	Region   string // unless people have chosen another
	Codes    []FeatureCode
	Trunk    TrunkDetails
	Phones   []PhoneDetails
	Server   string // where telephones register: address and port
	Wiring   string // how the line reaches the house: one of setup's wirings
}

// FeatureCode is what a telephone of the household can dial to reach Ringfence.
type FeatureCode struct{ Keys, What string }

// PhoneDetails says how a telephone reaches Ringfence.
type PhoneDetails struct {
	Name    string
	User    string // with which it registers; "" for one at a fixed address
	Address string // "" for one that registers
}

// TrunkDetails says how the line does.
type TrunkDetails struct{ Name, Address, How string }

// Houses looks households up in ringfence.toml.
type Houses interface {
	House(household string) House
	// Card is the household's card to keep beside the telephone: a whole page, with its style in it.
	Card(household string) (html string, err error)
}

// Regions puts the region of a household's line into force.
type Regions interface {
	// Fits says in a sentence why a line cannot be in a region.
	Fits(household, region string) error
	// Follow puts the chosen regions into force, for calls and in Asterisk.
	Follow(ctx context.Context) error
	// Fault says in a sentence why a region is not in force everywhere, and what to do; "" if it is.
	Fault() string
}
