package main_test

import (
	"strings"
	"testing"
	"time"
)

// A courier fraudster shows the police's number: in every mode the household is warned before it hears his voice, and can send him
// away as anybody. Only once it has rung that number itself does a call from there ring straight through.
func TestWhoShowsThePolicesNumberIsAnnounced(t *testing.T) {
	h := openLongHouse(t)
	network := h.network()
	h.run("mode", "block-only")
	out := h.dials("101")
	h.statesName(out, "courier")
	in := h.picksUp(h.hall)
	h.hears(in, "warn-official", "call-from", "courier", "choices")
	h.presses(in, "3")
	h.hears(out, "inspection")
	h.hears(in, "sent-away-official")
	h.ended(out)
	h.ended(in)
	if c := h.lastCall("screen", "sent-away"); c.Reasons[0].Code != "never-blocked" {
		t.Errorf("the log says %+v", c)
	}
	if blocks := h.run("block", "list"); strings.Contains(blocks, "101") {
		t.Errorf("the police are blocked: %s", blocks)
	}

	asks, police := h.reaches(network, "101")
	h.talk(police, asks)
	h.hangsUp(asks)
	h.ended(police)
	for h.ctx.Err() == nil && !strings.Contains(h.run("dialled", "list"), "101") {
		time.Sleep(50 * time.Millisecond) // told to the application once the call is over
	}
	back := h.dials("101")
	rung := h.picksUp(h.hall)
	h.talk(back, rung)
	h.hangsUp(back)
	h.ended(rung)
	if c := h.lastCall("ring", "talked"); c.Reasons[0].Code != "call-back" {
		t.Errorf("the log says %+v", c)
	}
}

// A machine that rings from such a number, or somebody who is too shaken to speak, must not be lost.
func TestSilentCallerFromAnOfficialNumberIsAnnounced(t *testing.T) {
	h := openLongHouse(t)
	h.run("mode", "known-only")
	out := h.dials("105")
	h.hears(out, "ask-name", "ask-name-again")
	in := h.picksUp(h.hall)
	h.hears(in, "warn-official", "call-from", "no-words", "choices")
	h.presses(in, "1")
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	h.lastCall("screen", "accepted")
}

// Whoever rings from such a number while the household talks is not sent to a message: they say who they are, and are announced once the
// telephone is free.
func TestOfficialNumberWaitsUntilTheHouseholdHasTalked(t *testing.T) {
	h := openLongHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	first := h.dials(daughter)
	rung := h.picksUp(h.hall)
	h.talk(first, rung)
	out := h.dials("101")
	h.statesName(out, "courier")
	h.hears(out, "please-hold")
	h.talk(first, rung)
	h.hangsUp(first)
	h.ended(rung)
	in := h.picksUp(h.hall)
	h.hears(in, "warn-official", "call-from", "courier", "choices")
	h.presses(in, "1")
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	h.lastCall("screen", "accepted")
}
