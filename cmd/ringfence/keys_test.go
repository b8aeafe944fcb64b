package main_test

import (
	"testing"

	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// talking brings a contact and the household into a conversation.
func (h *house) talking() (outside, inside *softphone.Call) {
	h.Helper()
	h.run("contact", "add", "Daughter", daughter)
	out := h.dials("02079460001")
	in := h.picksUp(h.hall)
	h.talk(out, in)
	return out, in
}

// accepted brings a stranger, whom the household takes with 1, and the household into a conversation.
func (h *house) accepted() (outside, inside *softphone.Call) {
	h.Helper()
	out, in := h.announced(neighbour, "neighbour")
	h.hears(in, "choices")
	h.presses(in, "1")
	h.hears(in, "connecting")
	h.talk(out, in)
	return out, in
}

// dialsFrom lets somebody else ring the line.
func (h *house) dialsFrom(who *softphone.Caller, number string) *softphone.Call {
	h.Helper()
	call, err := h.Dial(h.ctx, who, softphone.CallerID{Number: number})
	h.must(err)
	return call
}

// dialsOut lets a telephone of the household dial, and be answered.
func (h *house) dialsOut(phone *softphone.Phone, number string) *softphone.Call {
	h.Helper()
	call, err := phone.Call(h.ctx, number)
	h.must(err)
	h.must(call.Answered(h.ctx))
	return call
}

func TestStarSevenSendsAwayInTheConversation(t *testing.T) {
	h := openLongHouse(t)
	out, in := h.accepted()
	h.presses(in, "*7")
	h.hears(out, "inspection")
	h.hears(in, "sent-away")
	h.ended(out)
	h.ended(in)
	h.lastCall("screen", "sent-away")
	again := h.dials(neighbour)
	h.hears(again, "inspection")
	h.ended(again)
	h.neverRang(h.hall)
}

func TestStarOneKeepsTheCaller(t *testing.T) {
	h := openLongHouse(t)
	out, in := h.accepted()
	h.presses(in, "*1")
	h.hears(in, "now-allowed")
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	h.lastCall("screen", "accepted")
	again := h.dials(neighbour)
	h.rings(h.hall)
	h.hangsUp(again)
}

// The caller's keys do nothing: neither to the caller nor to the household.
func TestKeysOfTheCallerDoNothing(t *testing.T) {
	h := openHouse(t)
	out, in := h.talking()
	h.presses(out, "*7*1*2")
	h.talk(out, in)
	h.hangsUp(in)
	h.ended(out)
	h.lastCall("ring", "talked")
}

func TestKeysGoOnWorkingAfterARestart(t *testing.T) {
	h := openHouse(t)
	out, in := h.talking()
	h.kill()
	h.must(h.Serve(h.ctx))
	h.talk(out, in)
	h.presses(in, "*7")
	h.hears(out, "inspection")
	h.hears(in, "sent-away-contact") // a key pressed by mistake does not keep a daughter out
	h.ended(out)
	h.ended(in)
	h.lastCall("ring", "sent-away")
}

func TestStarSevenWithTheApplicationDead(t *testing.T) {
	h := openHouse(t)
	out, in := h.talking()
	h.kill()
	h.presses(in, "*7")
	h.hears(out, "inspection")
	h.hears(in, "not-running")
	h.ended(out)
	h.ended(in)
}

func TestSecondCallerIsSignalledAndTaken(t *testing.T) {
	h := openHouse(t)
	h.run("contact", "add", "Neighbour", neighbour)
	out, in := h.talking()
	second := h.dialsFrom(h.somebody("second"), neighbour)
	h.must(second.Ringing(h.ctx))
	h.hears(in, "beep", "another-call")
	h.talk(out, in)
	h.presses(in, "*2")
	h.hears(out, "hold-the-line")
	h.talk(second, in)
	h.hangsUp(second)
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
}

func TestUnknownSecondCallerMayLeaveAMessage(t *testing.T) {
	h := openHouse(t)
	out, in := h.talking()
	second := h.dialsFrom(h.somebody("second"), neighbour)
	h.hears(second, "on-another-call", "leave-message", "beep")
	h.says(second, "leaves-message")
	h.hears(second, "message-kept")
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
}

func TestUnknownCode(t *testing.T) {
	h := openHouse(t)
	in := h.dialsOut(h.hall, "*99")
	h.hears(in, "unknown-code")
	h.ended(in)
}

// A household may choose other codes; those that it has given up are unknown.
func TestChosenCodes(t *testing.T) {
	h := openHouse(t, func(o *testbed.Options) { o.Extra = "[household.codes]\nlast-caller = \"#7\"\nmode = \"\"\n" })
	for keys, words := range map[string]string{"#7": "nothing-to-do", "#7##": "nothing-to-do", "#": "unknown-code", "*31": "unknown-code", "*35#": "unknown-code"} {
		in := h.dialsOut(h.hall, keys)
		h.hears(in, words)
		h.ended(in)
	}
}

func TestLastCallerAndBlock(t *testing.T) {
	h := openHouse(t)
	out := h.dials(neighbour)
	h.beginsToHear(out, "ask-name")
	h.hangsUp(out)
	h.lastCall("screen", "caller-gone")
	in := h.dialsOut(h.hall, "*33")
	h.hears(in, "last-caller", "n0", "n2", "n0", "n7", "n9", "n4", "n6", "n0", "n0", "n0", "n9", "now-blocked")
	h.ended(in)
	again := h.dials(neighbour)
	h.hears(again, "inspection")
	h.ended(again)
}

// The code that blocks the last caller does not block a contact, unless the household says so once more.
func TestBlockingAContactAsksOnceMore(t *testing.T) {
	h := openHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	rings := func() {
		h.Helper()
		out := h.dials("02079460001")
		h.rings(h.hall)
		h.hangsUp(out)
		h.lastCall("ring", "caller-gone")
	}
	rings()
	in := h.dialsOut(h.hall, "*33")
	h.hears(in, "last-caller", "block-contact")
	h.hangsUp(in)
	rings()
	in = h.dialsOut(h.hall, "*33")
	h.hears(in, "last-caller", "block-contact")
	h.presses(in, "1")
	h.hears(in, "now-blocked")
	h.ended(in)
	out := h.dials("02079460001")
	h.hears(out, "inspection")
	h.ended(out)
}
