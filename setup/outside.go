package setup

import (
	"context"
	"time"

	"ringfence/calllog"
	"ringfence/store"
)

// OutsideCall is a call from outside, as far as it has come: the last step of setting up is that somebody rings the line from a mobile.
type OutsideCall struct {
	Arrived time.Time // zero: no call yet
	From    string    // as people write it; "" if no number came with it
	Steps   []OutsideStep
	Outcome calllog.Outcome // "" as long as it goes on
}

// OutsideStep is a step of its log.
type OutsideStep struct {
	At time.Time
	calllog.Step
}

// LatestCall is the newest call to a household that has come in since a time. region is that of its line.
func LatestCall(ctx context.Context, db *store.Store, household, region string, since time.Time) (OutsideCall, error) {
	calls, err := db.Calls(ctx, household, 1)
	if err != nil || len(calls) == 0 || calls[0].At.Before(since) {
		return OutsideCall{}, err
	}
	c := calls[0]
	found := OutsideCall{Arrived: c.At, Outcome: c.Outcome}
	if c.Number != "" {
		found.From = c.Number.National(region)
	}
	for _, s := range c.Steps {
		found.Steps = append(found.Steps, OutsideStep{s.At, s.Step})
	}
	return found, nil
}

// Progress is a step as somebody watches it.
type Progress struct {
	At    time.Time // zero: it has not come yet
	Words string    // what happens, or has happened
	Help  string    // what to do if it does not come, for the step that is waited for; "" for the others
}

// How the line's number is rung, and what somebody does on the way.
const (
	ringNow  = "Ring this line from a mobile now, one that isn't among the contacts."
	sayName  = "Say a name after the tone, and then #."
	pickUp   = "Pick the phone up. You hear the name that you said."
	pressKey = "Press 1 on the phone."
)

// Watch says how far a call from outside has come, step by step, with what to do where the next step does not come. wiring is how the line reaches
// the house.
func (c OutsideCall) Watch(wiring string) (all []Progress, works bool) {
	at := map[moment]time.Time{arrived: c.Arrived}
	note := func(m moment, when time.Time) {
		if at[m].IsZero() {
			at[m] = when
		}
	}
	for _, s := range c.Steps {
		switch step := s.Step.(type) {
		case calllog.Asked:
			note(asked, s.At)
		case calllog.Said:
			note(said, s.At)
		case calllog.Rang:
			if step.Phones != calllog.CarersPhone {
				note(rang, s.At)
			}
		case calllog.PickedUp:
			note(pickedUp, s.At)
		case calllog.Pressed:
			note(pressed, s.At)
			works = works || step.Key == calllog.KeyTake || step.Key == calllog.KeyAlways
		}
	}
	waiting := true
	for _, s := range c.stages(wiring) {
		p := Progress{At: at[s.moment], Words: s.done}
		if p.At.IsZero() {
			p.Words = s.todo
			if waiting {
				p.Help = s.help
			}
			waiting = false
		}
		all = append(all, p)
	}
	return all, works
}

// moment is how far the call has come.
type moment int

const (
	arrived moment = iota
	asked
	said
	rang
	pickedUp
	pressed
)

type stage struct {
	moment           moment
	todo, done, help string
}

func (c OutsideCall) stages(wiring string) []stage {
	hasArrived := "The call has come in, from " + c.From + "."
	if c.From == "" {
		hasArrived = "The call has come in, without the caller's number. If your mobile does show its number, " + noNumber[wiring]
	}
	return []stage{
		{arrived, ringNow, hasArrived, "If nothing happens here while you hear it ring: " + noCall[wiring]},
		{asked, "Your mobile hears who is there, and is asked for a name.", "Your mobile was asked for a name.",
			"A contact, and every caller in the modes watch and off, isn't asked and rings straight through. Then look whether the phone rings."},
		{said, sayName, "It said a name.", "If your mobile hears nothing: sound does not reach Ringfence. `ringfence check` says which address it goes to."},
		{rang, "The phones in the house ring.", "The phones ring.", "If none rings: `ringfence check` says for each phone whether it is connected, and with which user name."},
		{pickedUp, pickUp, "Somebody picked up.", "If a phone rings and you can pick it up but hear nothing: `ringfence check` says which address sound goes to."},
		{pressed, pressKey, "A key was pressed.", "If pressing 1 does nothing: set the phone or adapter to send keys as RFC 2833 (or RFC 4733)."},
	}
}

// noCall is what to look at where no call comes in.
var noCall = map[string]string{
	WithAdapter: "look whether the cable leads from the line to the adapter's LINE port, and whether both of its lamps are lit. Then look at " +
		"Unconditional Call Forward to VOIP at the bottom of its BASIC SETTINGS.",
	WithProvider: "look on the provider's website whether the number is routed to this SIP account, and whether another phone signs in with it.",
	WithRouter:   "look in the router's pages whether the phone Ringfence takes calls for this number, and is the only one that does.",
}

// noNumber is what to look at where the caller's number does not come with the call.
var noNumber = map[string]string{
	WithAdapter:  "ask for Caller Display on the line, and look at Caller ID Scheme and Number of Rings (2) on the adapter's FXO PORT page.",
	WithProvider: "ask the provider whether it sends callers' numbers.",
	WithRouter:   "ask your phone company for Caller Display.",
}
