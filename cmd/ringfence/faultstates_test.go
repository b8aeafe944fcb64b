package main_test

import (
	"strings"

	"ringfence/cmd/faults/figures"
	"ringfence/softphone"
)

// callStates are all the steps of all the courses that a call can take, in the order in which a household meets them.
var callStates = []callState{
	{name: "arriving", promise: figures.TheyMeet,
		in:   func(c *cell) {},
		then: func(c *cell) { c.out = c.arrives(neighbour) }},
	{name: "asked for a name", promise: figures.TheyMeet,
		in: func(c *cell) {
			c.out = c.arrives(neighbour)
			c.beginsToHear(c.out, "ask-name")
		}},
	{name: "saying a name", promise: figures.TheyMeet,
		in: func(c *cell) {
			c.out = c.arrives(neighbour)
			c.hears(c.out, "ask-name", "beep")
			c.begins(c.out, "neighbour")
		}},
	{name: "human check", promise: figures.TheyMeet,
		in: func(c *cell) {
			c.run("option", "human-check", "always")
			c.out = c.arrives(neighbour)
			c.statesName(c.out, "neighbour")
			c.beginsToHear(c.out, "prove-human")
		}},
	{name: "pass code keyed", promise: figures.TheyMeet,
		in: func(c *cell) {
			c.run("passcode", "add", "Ward 7", "471103")
			c.out = c.arrives(neighbour)
			c.beginsToHear(c.out, "ask-name")
			c.presses(c.out, "471103#")
			c.beginsToHear(c.out, "please-hold")
		}},
	{name: "told to hold while the phones ring", promise: figures.TheyMeet, everyRun: "application killed and back",
		in: func(c *cell) {
			c.out = c.arrives(neighbour)
			c.statesName(c.out, "neighbour")
			c.ringing = c.rings(c.hall)
			c.beginsToHear(c.out, "please-hold")
		}},
	{name: "on hold while the phones ring", promise: figures.TheyMeet,
		in: func(c *cell) {
			c.out = c.arrives(neighbour)
			c.statesName(c.out, "neighbour")
			c.ringing = c.rings(c.hall)
			c.hears(c.out, "please-hold")
		}},
	{name: "offered to leave a message", promise: figures.OrMessage,
		in: func(c *cell) {
			c.out = c.arrives(neighbour)
			c.statesName(c.out, "neighbour")
			c.ringing = c.rings(c.hall)
			c.beginsToHear(c.out, "offer-message")
		}},
	{name: "announced", promise: figures.TheyMeet, everyRun: "application frozen for 30 s",
		in: func(c *cell) {
			c.out = c.arrives(neighbour)
			c.statesName(c.out, "neighbour")
			c.inside = c.picksUp(c.hall)
			c.beginsToHear(c.inside, "call-from")
		}},
	{name: "choices read", promise: figures.TheyMeet,
		in: func(c *cell) {
			c.announces()
			c.beginsToHear(c.inside, "choices")
		}},
	{name: "leaving a message", promise: figures.OrMessage,
		in: func(c *cell) {
			c.run("mode", "known-only")
			c.out = c.arrives(neighbour)
			c.hears(c.out, "known-only", "leave-message", "beep")
			c.begins(c.out, "leaves-message")
			c.speaks = true
		}},
	{name: "contact rings", promise: figures.TheyMeet, everyRun: "clock an hour back and application killed",
		in: func(c *cell) {
			c.out = c.arrives("02079460001")
			c.ringing = c.rings(c.hall)
		}},
	{name: "contact talks", promise: figures.KeepTalking, everyRun: "clock an hour on",
		in: func(c *cell) { c.contactTalks() }},
	{name: "screened and talking", promise: figures.KeepTalking,
		in: func(c *cell) {
			c.announces()
			c.hears(c.inside, "choices")
			c.presses(c.inside, "1")
			c.hears(c.inside, "connecting")
			c.talk(c.out, c.inside)
			c.pairs = [][2]*softphone.Call{{c.out, c.inside}}
		}},
	{name: "second call waits", promise: figures.KeepTalking, everyRun: "database locked for 60 s",
		in: func(c *cell) { c.secondWaits() }},
	{name: "one on hold, one talking", promise: figures.KeepTalking,
		in: func(c *cell) {
			first, second := c.secondWaits()
			c.presses(c.inside, "*2")
			c.hears(first, "hold-the-line")
			c.talk(second, c.inside)
			c.out, c.pairs = first, [][2]*softphone.Call{{second, c.inside}}
		}},
	{name: "turned away", promise: figures.TurnedAway, everyRun: "Asterisk killed and back",
		in: func(c *cell) {
			c.run("block", "add", scammer)
			c.out = c.arrives(scammer)
			c.beginsToHear(c.out, "inspection")
		}},
	{name: "sent away with *7", promise: figures.TurnedAway,
		in: func(c *cell) {
			c.announces()
			c.hears(c.inside, "choices")
			c.presses(c.inside, "1")
			c.hears(c.inside, "connecting")
			c.presses(c.inside, "*7")
			c.beginsToHear(c.out, "inspection")
		}},
	{name: "carer's phone rings", promise: figures.TheyMeet,
		in: func(c *cell) {
			c.asksCarer()
			c.out = c.arrives(neighbour)
			c.statesName(c.out, "neighbour")
			var err error
			c.slow, err = c.network.Rings(c.ctx)
			c.must(err)
		}},
	{name: "announced to the carer", promise: figures.TheyMeet,
		in: func(c *cell) {
			c.asksCarer()
			c.out = c.arrives(neighbour)
			c.statesName(c.out, "neighbour")
			carer, err := c.network.Rings(c.ctx)
			c.must(err)
			c.must(carer.Answer(c.ctx))
			c.inside = carer
			c.beginsToHear(carer, "carer-call-from")
		}},
	{name: "listening to messages", promise: figures.IsHeard,
		in: func(c *cell) {
			c.run("mode", "known-only")
			c.leavesMessage(neighbour, "leaves-message")
			c.run("mode", "ask")
			c.out = c.dialsOut(c.hall, "*30")
			c.beginsToHear(c.out, "leaves-message")
		}},
	{name: "recording a greeting", promise: figures.IsHeard,
		in: func(c *cell) {
			c.out = c.dialsOut(c.hall, "*38")
			c.hears(c.out, "greeting-choices")
			c.presses(c.out, "2")
			c.hears(c.out, "record-greeting", "beep")
			c.begins(c.out, "own-greeting")
		}},
	{name: "hearing why", promise: figures.IsHeard,
		in: func(c *cell) {
			call := c.arrives(neighbour)
			c.beginsToHear(call, "ask-name")
			c.hangsUp(call)
			c.lastCall("screen", "caller-gone")
			c.out = c.dialsOut(c.hall, "*31")
			c.beginsToHear(c.out, "last-caller")
		}},
	{name: "test call", promise: figures.IsHeard, everyRun: "Asterisk stopped for 5 s",
		in: func(c *cell) {
			call := c.dialsOut(c.hall, "*32")
			c.hears(call, "goodbye")
			c.ended(call)
			c.out = c.picksUp(c.hall)
			c.beginsToHear(c.out, "test-call")
		}},
	{name: "dialling out with the guard on", promise: figures.GetsOut,
		in: func(c *cell) {
			c.hasNetwork()
			c.guard()
		},
		then: func(c *cell) { c.out = c.callsOut("02079460555") }},
	{name: "999 is dialled", promise: figures.GetsOut, everyRun: "clock an hour back",
		in:   func(c *cell) { c.hasNetwork() },
		then: func(c *cell) { c.out = c.callsOut("999") }},
}

// arrives lets somebody ring, whose call the log must have.
func (c *cell) arrives(number string) *softphone.Call {
	c.Helper()
	c.numbers = append(c.numbers, "+44"+strings.TrimPrefix(number, "0"))
	return c.dials(number)
}

// announces brings a stranger so far that the household hears who it is.
func (c *cell) announces() {
	c.Helper()
	c.numbers = append(c.numbers, "+44"+strings.TrimPrefix(neighbour, "0"))
	c.out, c.inside = c.announced(neighbour, "neighbour")
}

func (c *cell) contactTalks() {
	c.Helper()
	c.out = c.arrives("02079460001")
	c.inside = c.picksUp(c.hall)
	c.talk(c.out, c.inside)
	c.pairs = [][2]*softphone.Call{{c.out, c.inside}}
}

// secondWaits: while a contact talks, another rings, and waits.
func (c *cell) secondWaits() (first, second *softphone.Call) {
	c.Helper()
	c.run("contact", "add", "Neighbour", neighbour)
	c.contactTalks()
	first = c.out
	who := c.somebody("second")
	c.stations = append(c.stations, who.Station)
	c.numbers = append(c.numbers, "+442079460009")
	second = c.dialsFrom(who, neighbour)
	c.hears(c.inside, "another-call")
	c.out = second
	return first, second
}

func (c *cell) hasNetwork() {
	c.Helper()
	c.network = c.house.network()
	c.stations = append(c.stations, c.network.Station)
}

func (c *cell) asksCarer() {
	c.Helper()
	c.hasNetwork()
	c.run("option", "carer-number", "01632 960333")
	c.run("option", "carer-when", "always")
}

// callsOut dials in the house.
func (c *cell) callsOut(number string) *softphone.Call {
	c.Helper()
	call, err := c.hall.Call(c.ctx, number)
	c.must(err)
	return call
}
