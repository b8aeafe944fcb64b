package backend

import (
	"context"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// Household is what is known of a household beside what is in the database.
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
	// Unchecked says that nothing ever checks it, because ringfence.toml says so. Known is false then.
	Unchecked bool
	// Address is where a trunk's other side, or a phone that has a fixed address, is.
	Address string
	// Registers says that this side registers at the other one, as at a provider or a router.
	Registers bool
}

// At is the part at an address. Of one that nobody asks, Asterisk says that it is online because it has an address; but that is not known.
func (p Part) At(address string, asked bool) Part {
	p.Address, p.Unchecked = address, !asked
	p.Known = p.Known && asked
	return p
}

// Line is how a household's line is.
type Line struct {
	Asterisk Part   // and the application's connection to it
	SIP      string // why neither line nor telephones reach Asterisk, in a sentence; "" where nothing is known to be wrong
	Trunk    Part
	Phones   []Part
	Machine  []PartState // what else of the machine was checked, such as its disk and its clock
	Open     []string    // ways in that the settings leave open to strangers, a sentence each, such as a password that is easily guessed
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

// House is what ringfence.toml says of a household, for the settings' pages. Of passwords it has none.
type House struct {
	KeepDays int    // for how many days calls are kept, where people have chosen nothing else
	Region   string // where people have chosen no other
	Codes    []FeatureCode
	Trunk    TrunkFacts
	Phones   []PhoneFacts
	Server   string // where telephones register: address and port
	Wiring   string // how the line reaches the house: one of setup's wirings
}

// FeatureCode is what a telephone of the household can dial to reach Ringfence.
type FeatureCode struct{ Keys, What string }

// PhoneFacts are how a telephone reaches Ringfence.
type PhoneFacts struct {
	Name    string
	User    string // with which it registers; "" for one at a fixed address
	Address string // "" for one that registers
}

// TrunkFacts are how the line does.
type TrunkFacts struct{ Name, Address, How string }

// Houses tells of a household.
type Houses interface {
	House(household string) House
	// Card is the household's card for beside the telephone: a whole page, with its style in it.
	Card(household string) (html string, err error)
}

// Regions brings the region of a household's line to where it matters.
type Regions interface {
	// Fits says in a sentence why a line cannot be in a region.
	Fits(household, region string) error
	// Follow brings the regions that are chosen to calls and to Asterisk.
	Follow(ctx context.Context) error
	// Fault says in a sentence what is to be done so that a region holds everywhere; "" where it does.
	Fault() string
}
