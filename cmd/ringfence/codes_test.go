package main_test

import (
	"context"
	"strings"
	"testing"

	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// leavesMessage lets an unknown caller leave a message with a household that takes known callers only.
func (h *house) leavesMessage(number, voice string) {
	h.Helper()
	out := h.dials(number)
	h.hears(out, "leave-message", "beep")
	h.says(out, voice)
	h.hears(out, "message-kept")
	h.ended(out)
	h.lastCall("message", "message-left")
}

// A message lights the lamp; the household hears it with who and when, keeps one and deletes the other. A telephone with an address that could
// end an argument has no lamp.
func TestMessagesAreHeardKeptAndDeleted(t *testing.T) {
	h := openLongHouse(t, func(o *testbed.Options) { // the lamp of the first is lit first
		o.Phones = append([]testbed.Phone{{Name: "attic", Contact: "home-attic&Event=x"}}, o.Phones...)
	})
	attic := h.telephone("attic")
	h.run("mode", "known-only")
	h.leavesMessage(neighbour, "leaves-message")
	h.must(h.hall.Lamp(h.ctx, 1, 0))
	now, cancel := context.WithCancel(h.ctx)
	cancel()
	if err := attic.Lamp(now, 1, 0); err == nil {
		t.Error("an address that could end an argument is told of the message")
	}
	h.leavesMessage("01632960123", "courier")
	h.must(h.hall.Lamp(h.ctx, 2, 0))
	h.notice("message-left")

	in := h.dialsOut(h.hall, "*30")
	h.hears(in, "you-have", "n2", "new-messages", "message-from", "n0", "n1", "n6", "n3", "n2", "n9", "n6", "n0", "n1", "n2", "n3", "today")
	h.hears(in, "courier", "message-choices")
	h.presses(in, "1")
	h.hears(in, "courier", "message-choices")
	h.presses(in, "3")
	h.hears(in, "deleted", "message-from", "leaves-message", "message-choices")
	h.presses(in, "2")
	h.hears(in, "kept", "end-of-messages")
	h.ended(in)
	h.must(h.hall.Lamp(h.ctx, 0, 1))
	if list := h.run("messages", "list", "--json"); strings.Count(list, "\n") != 1 || !strings.Contains(list, `"number":"+442079460009"`) || !strings.Contains(list, `"heard":true`) {
		t.Errorf("the messages are\n%s", list)
	}

	in = h.dialsOut(h.hall, "*30")
	h.hears(in, "no-messages", "old-messages", "message-from", "leaves-message")
	h.hangsUp(in)
}

func TestModeByTelephone(t *testing.T) {
	h := openHouse(t)
	in := h.dialsOut(h.hall, "*35")
	h.hears(in, "mode-ask", "press-for-next")
	h.presses(in, "1")
	h.hears(in, "mode-known-only", "press-for-next")
	h.presses(in, "1")
	h.hears(in, "mode-block-only")
	h.hangsUp(in)
	out := h.dials(neighbour) // the unknown ring
	h.rings(h.hall)
	h.hangsUp(out)
	h.lastCall("ring", "caller-gone")
}

func TestExpectedCallRings(t *testing.T) {
	h := openHouse(t)
	in := h.dialsOut(h.hall, "*36")
	h.hears(in, "expecting")
	h.ended(in)
	out := h.dials(neighbour)
	h.rings(h.hall)
	h.hangsUp(out)
	h.lastCall("ring", "caller-gone")
	out = h.dials(neighbour) // one call, not two
	h.hears(out, "ask-name")
	h.hangsUp(out)
}

func TestLastCallerIsTold(t *testing.T) {
	h := openHouse(t)
	in := h.dialsOut(h.hall, "*31")
	h.hears(in, "nothing-to-do")
	h.ended(in)
	out := h.dialsAs(softphone.CallerID{Number: "anonymous", Name: "Anonymous", Host: "anonymous.invalid", Privacy: "id"})
	h.beginsToHear(out, "ask-name")
	h.hangsUp(out)
	h.lastCall("screen", "caller-gone")
	in = h.dialsOut(h.hall, "*31")
	h.hears(in, "last-caller", "no-number", "today", "why-unknown", "did-ask")
	h.ended(in)
	in = h.dialsOut(h.hall, "*33")
	h.hears(in, "last-caller", "no-number", "nobody-to-block")
	h.ended(in)
}

func TestAllowTheLastCaller(t *testing.T) {
	h := openHouse(t)
	out := h.dials(neighbour)
	h.beginsToHear(out, "ask-name")
	h.hangsUp(out)
	h.lastCall("screen", "caller-gone")
	in := h.dialsOut(h.hall, "*34")
	h.hears(in, "last-caller", "now-allowed")
	h.ended(in)
	out = h.dials(neighbour)
	h.rings(h.hall)
	h.hangsUp(out)
}

// The household's own words: recorded, heard by a caller, and removed.
func TestOwnQuestion(t *testing.T) {
	h := openLongHouse(t)
	in := h.dialsOut(h.hall, "*38")
	h.hears(in, "greeting-choices")
	h.presses(in, "2")
	h.hears(in, "record-greeting", "beep")
	h.says(in, "own-greeting")
	h.hears(in, "greeting-kept", "greeting-choices")
	h.presses(in, "1")
	h.hears(in, "own-greeting")
	h.hangsUp(in)

	out := h.dials(neighbour)
	h.hears(out, "own-greeting", "beep")
	h.hangsUp(out)
	if heard := out.Transcript(); strings.Contains(heard, "ask-name") {
		t.Errorf("the caller heard %s", heard)
	}

	in = h.dialsOut(h.hall, "*38")
	h.hears(in, "greeting-choices")
	h.presses(in, "3")
	h.hears(in, "greeting-removed")
	h.hangsUp(in)
	out = h.dials(neighbour)
	h.hears(out, "ask-name")
	h.hangsUp(out)
}

func TestOwnInspectionMessage(t *testing.T) {
	h := openHouse(t)
	h.run("block", "add", scammer)
	in := h.dialsOut(h.hall, "*39")
	h.hears(in, "greeting-choices")
	h.presses(in, "2")
	h.hears(in, "record-greeting", "beep")
	h.says(in, "hello-margaret")
	h.hears(in, "greeting-kept")
	h.hangsUp(in)
	out := h.dials(scammer)
	h.hears(out, "hello-margaret")
	h.ended(out)
	if heard := out.Transcript(); strings.Contains(heard, "inspection") {
		t.Errorf("the caller heard %s", heard)
	}
}

func TestTestCallRingsBack(t *testing.T) {
	h := openHouse(t)
	in := h.dialsOut(h.hall, "*32")
	h.hears(in, "goodbye")
	h.ended(in)
	h.must(h.rings(h.hall).Decline(h.ctx, 486)) // as an adapter does while the handset has not been put down
	back := h.picksUp(h.hall)
	h.hears(back, "test-call")
	h.ended(back)
}

func TestCodesWithTheApplicationDead(t *testing.T) {
	h := openHouse(t)
	h.kill()
	in := h.dialsOut(h.hall, "*31")
	h.hears(in, "not-running")
	h.ended(in)
}

func TestHumanCheck(t *testing.T) {
	h := openLongHouse(t)
	h.run("option", "human-check", "always")
	out := h.dials(neighbour)
	h.statesName(out, "neighbour")
	h.hears(out, "prove-human")
	heard, err := out.HearsOut(h.ctx, "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9")
	h.must(err)
	h.presses(out, strings.TrimPrefix(heard.Name, "n"))
	h.hears(out, "please-hold")
	in := h.picksUp(h.hall)
	h.hears(in, "call-from", "neighbour")
	h.hangsUp(out)
	h.ended(in)

	out = h.dials(neighbour)
	h.statesName(out, "robocall")
	h.hears(out, "prove-human")
	heard, err = out.HearsOut(h.ctx, "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9")
	h.must(err)
	wrong := "1"
	if heard.Name == "n1" {
		wrong = "2"
	}
	h.presses(out, wrong)
	h.hears(out, "prove-human-again", heard.Name)
	h.presses(out, wrong)
	h.hears(out, "not-proven")
	h.ended(out)
	h.lastCall("screen", "not-proven")
	h.neverRang(h.hall)
}

func TestPassCodeRingsThrough(t *testing.T) {
	h := openHouse(t)
	h.run("passcode", "add", "Ward 7", "471103")
	out := h.dialsAs(softphone.CallerID{Number: "anonymous", Name: "Anonymous", Host: "anonymous.invalid", Privacy: "id"})
	h.beginsToHear(out, "ask-name")
	h.presses(out, "471103#")
	h.hears(out, "please-hold")
	in := h.picksUp(h.hall)
	if id := in.CallerID(); id.Name != "Ward 7" {
		t.Errorf("the telephone shows %s", id)
	}
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	h.lastCall("screen", "talked")
	h.notice("pass-code-used")

	out = h.dialsAs(softphone.CallerID{Number: "anonymous", Name: "Anonymous", Host: "anonymous.invalid", Privacy: "id"})
	h.beginsToHear(out, "ask-name")
	h.presses(out, "471104#")
	h.hears(out, "beep")
	h.says(out, "hospital")
	h.hears(out, "please-hold")
	in = h.picksUp(h.hall)
	h.hears(in, "call-from", "hospital")
	h.hangsUp(out)
	h.ended(in)
}

// Somebody who has said who they are and is not answered for three quarters of a minute may leave a message.
func TestMessageIsOfferedWhileItRings(t *testing.T) {
	h := openLongHouse(t)
	out := h.dials(neighbour)
	h.statesName(out, "neighbour")
	h.hears(out, "please-hold")
	in := h.rings(h.hall)
	h.hears(out, "offer-message")
	h.presses(out, "1")
	h.ended(in)
	h.hears(out, "leave-message", "beep")
	h.says(out, "leaves-message")
	h.hears(out, "message-kept")
	h.ended(out)
	h.lastCall("screen", "message-left")
}

func TestAnsweredDuringTheOffer(t *testing.T) {
	h := openLongHouse(t)
	out := h.dials(neighbour)
	h.statesName(out, "neighbour")
	in := h.rings(h.hall)
	h.beginsToHear(out, "offer-message")
	h.must(in.Answer(h.ctx))
	h.hears(in, "call-from", "neighbour", "choices")
	h.presses(in, "1")
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
}

// In quiet hours a contact rings with the second call.
func TestQuietHours(t *testing.T) {
	h := openHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	h.run("schedule", "add", "daily", "00:00-00:00", "quiet")
	h.run("option", "quiet-contacts", "message")
	out := h.dials("02079460001")
	h.hears(out, "quiet-hours", "call-again", "leave-message")
	h.hangsUp(out)
	h.lastCall("message", "no-message")
	again := h.dials("02079460001")
	h.must(again.Ringing(h.ctx))
	in := h.picksUp(h.hall)
	h.talk(again, in)
	h.hangsUp(again)
	h.ended(in)
	out = h.dials(neighbour)
	h.hears(out, "quiet-hours", "leave-message")
	h.hangsUp(out)
}

// A French household hears and speaks French, from the first question to the time of a message.
func TestFrenchHousehold(t *testing.T) {
	h := openLongHouse(t, func(o *testbed.Options) { o.Language = "fr-FR" })
	out, in := h.announced(neighbour, "neighbour")
	h.hears(in, "choices")
	h.presses(in, "2")
	h.hears(out, "not-now", "leave-message", "beep")
	h.says(out, "leaves-message")
	h.hears(out, "message-kept")
	h.ended(out)
	h.lastCall("screen", "message-left")
	in = h.dialsOut(h.hall, "*30")
	h.hears(in, "you-have", "message-from", "today", "leaves-message", "message-choices")
	h.hangsUp(in)
	h.run("block", "add", scammer)
	out = h.dials(scammer)
	h.hears(out, "inspection")
	h.ended(out)
}

// A contact from France hears French, and the household its own language.
func TestContactsOwnLanguage(t *testing.T) {
	h := openHouse(t, func(o *testbed.Options) { o.Language = "fr-FR" }) // for the ears of those who listen
	h.run("contact", "add", "Daughter", daughter, "--language", "en-GB")
	h.run("contact", "add", "Cousine", neighbour)
	h.hall.Refuse(486)
	out := h.dials(neighbour)
	h.hears(out, "on-another-call", "leave-message")
	h.hangsUp(out)
	english := h.dials("02079460001")
	h.must(english.Answered(h.ctx))
	h.ended(english)
	if heard := english.Transcript(); strings.Contains(heard, "on-another-call") {
		t.Errorf("an English contact was spoken to in French: %s", heard)
	}
}
