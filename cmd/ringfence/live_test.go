package main_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"ringfence/calllog"
	main "ringfence/cmd/ringfence"
	"ringfence/demo/testbed"
	"ringfence/ivr"
	"ringfence/softphone"
	"ringfence/web/backend"
)

// What the pages see of calls and lines, and do to them, on a real Asterisk. The application runs in the test itself here.

// here ends the application of the testbed and runs one in this process.
func (h *house) here() *main.Here {
	h.Helper()
	h.Stop()
	here, stop, err := main.ServeHere(h.ctx, h.Settings, slog.New(slog.NewTextHandler(h.Testbed.Log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	h.must(err)
	h.Cleanup(func() { h.must(stop()) })
	h.until(here, "a connection to Asterisk", func() bool { return here.Line("home").Asterisk.Up })
	return here
}

// until waits for something of which the pages are told.
func (h *house) until(here *main.Here, what string, is func() bool) {
	h.Helper()
	changed, cancel := here.Changed()
	defer cancel()
	for !is() {
		select {
		case <-changed:
		case <-h.ctx.Done():
			h.Fatalf("there was never %s: %+v", what, here.Line("home"))
		}
	}
}

// press is a carer's key for the newest call, as soon as the log has one: a telephone may ring before.
func (h *house) press(here *main.Here, key calllog.CarerKey) error {
	h.Helper()
	var id int64
	h.until(here, "a call in the log", func() (logged bool) {
		var err error
		id, _, err = here.LastCall(h.ctx, "home")
		return err == nil
	})
	return here.Press(h.ctx, "home", id, key, "Anna")
}

// noted checks that the newest call's time line names the carer.
func (h *house) noted(here *main.Here, what string) {
	h.Helper()
	_, steps, err := here.LastCall(h.ctx, "home")
	h.must(err)
	if want := "carer " + what + " by Anna, on the page"; !slices.Contains(steps, want) {
		h.Errorf("the time line says %q, not %q", steps, want)
	}
}

func TestCarerLetsThroughWhoIsAsked(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"ask-name", "beep"} { // while asked, and while speaking
		t.Run(when, func(t *testing.T) {
			h := openHouse(t, raced)
			here := h.here()
			out := h.dials(neighbour)
			if when == "beep" {
				h.hears(out, "ask-name")
			}
			h.beginsToHear(out, when)
			h.must(h.press(here, calllog.CarerLetThrough))
			h.hears(out, "please-hold")
			in := h.rings(h.hall)
			if id := in.CallerID(); strings.Contains(id.Name, "Screened") {
				t.Errorf("the telephone shows %s", id)
			}
			if err := h.press(here, calllog.CarerLetThrough); err == nil {
				t.Error("a second carer could let the caller through")
			}
			h.must(in.Answer(h.ctx))
			h.talk(out, in)
			if err := h.press(here, calllog.CarerNotNow); err == nil {
				t.Error("two people who talk can be told “not now”")
			}
			h.hangsUp(out)
			h.ended(in)
			h.lastCall("screen", "talked")
			h.noted(here, "let through")
			if err := h.press(here, calllog.CarerSendAway); err == nil || !strings.Contains(err.Error(), "over") {
				t.Errorf("after the call: %v", err)
			}
		})
	}
}

func TestCarerLetsThroughWhileTheTelephonesRing(t *testing.T) {
	h := openHouse(t)
	here := h.here()
	out := h.dials(neighbour)
	h.statesName(out, "neighbour")
	in := h.rings(h.hall)
	h.must(h.press(here, calllog.CarerLetThrough))
	h.must(in.Answer(h.ctx))
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	if heard := in.Transcript(); strings.Contains(heard, "call-from") {
		t.Errorf("it was announced: %s", heard)
	}
	h.lastCall("screen", "talked")
}

func TestCarerLetsThroughWhoIsAnnounced(t *testing.T) {
	h := openHouse(t)
	here := h.here()
	out, in := h.announced(neighbour, "neighbour")
	h.must(h.press(here, calllog.CarerLetThrough))
	h.hears(in, "connecting")
	h.talk(out, in)
	h.hangsUp(in)
	h.ended(out)
	h.lastCall("screen", "talked")
}

func TestCarerSendsAwayWhoIsAnnounced(t *testing.T) {
	h := openHouse(t)
	here := h.here()
	out, in := h.announced(neighbour, "microsoft")
	h.must(h.press(here, calllog.CarerSendAway))
	if err := h.press(here, calllog.CarerSendAway); err == nil {
		t.Error("a caller was sent away twice")
	}
	h.hears(out, "inspection")
	h.hears(in, "sent-away")
	h.ended(out)
	h.ended(in)
	h.lastCall("screen", "sent-away")
	h.noted(here, "sent away as a scam") // the page, which has called this, blocks and reports them (web, TestSendingAwayIsUndone)
}

func TestCarerSaysNotNowWhileTheTelephonesRing(t *testing.T) {
	h := openHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	here := h.here()
	out := h.dials("02079460001")
	in := h.rings(h.hall)
	h.must(h.press(here, calllog.CarerNotNow))
	h.ended(in)
	h.hears(out, "not-now", "leave-message", "beep")
	h.says(out, "leaves-message")
	h.hears(out, "message-kept")
	h.ended(out)
	h.lastCall("ring", "message-left")
	h.noted(here, "told “not now”")
}

// The dialplan records a message, and gives the caller back.
func TestCarerSendsAwayWhoLeavesAMessage(t *testing.T) {
	h := openHouse(t)
	h.run("mode", "known-only")
	here := h.here()
	out := h.dials(neighbour)
	h.hears(out, "leave-message", "beep")
	h.says(out, "microsoft")
	h.must(h.press(here, calllog.CarerSendAway))
	h.hears(out, "inspection")
	h.ended(out)
	h.lastCall("message", "sent-away")
	h.noted(here, "sent away as a scam")
}

func TestCarerSendsAwayInTheConversation(t *testing.T) {
	h := openHouse(t)
	here := h.here()
	out, in := h.accepted()
	h.must(h.press(here, calllog.CarerSendAway))
	h.hears(out, "inspection")
	h.hears(in, "sent-away")
	h.ended(out)
	h.ended(in)
	h.lastCall("screen", "sent-away")
	h.noted(here, "sent away as a scam")
}

// Whom the household has on hold can be sent away; the conversation goes on.
func TestCarerSendsAwayWhoIsOnHold(t *testing.T) {
	h := openHouse(t)
	h.run("contact", "add", "Neighbour", neighbour)
	here := h.here()
	out, in := h.talking()
	held, _, err := here.LastCall(h.ctx, "home")
	h.must(err)
	second := h.dialsFrom(h.somebody("second"), neighbour)
	h.hears(in, "another-call")
	h.presses(in, "*2")
	h.hears(out, "hold-the-line")
	h.must(here.Press(h.ctx, "home", held, calllog.CarerSendAway, "Anna"))
	h.hears(out, "inspection")
	h.ended(out)
	h.talk(second, in)
	h.hangsUp(second)
	h.ended(in)
}

// After *2 the keys are about the one who is talked with, not about the one on hold.
func TestStarOneAfterStarTwo(t *testing.T) {
	h := openLongHouse(t)
	h.run("contact", "add", "Neighbour", neighbour)
	out, in := h.accepted2(h.somebody("first"), "02079460033")
	second := h.dialsFrom(h.somebody("second"), neighbour)
	h.hears(in, "another-call")
	h.presses(in, "*2")
	h.hears(out, "hold-the-line")
	h.talk(second, in)
	h.presses(in, "*7")
	h.hears(second, "inspection")
	h.hears(in, "sent-away-contact")
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	h.lastCall("ring", "sent-away")
	if blocks := h.run("block", "list"); strings.Contains(blocks, "0033") {
		t.Errorf("the one on hold was blocked: %s", blocks)
	}
}

// accepted2 brings a stranger, whom the household takes with 1, and the household into a conversation.
func (h *house) accepted2(who *softphone.Caller, number string) (outside, inside *softphone.Call) {
	h.Helper()
	out := h.dialsFrom(who, number)
	h.statesName(out, "neighbour")
	in := h.picksUp(h.hall)
	h.hears(in, "call-from", "neighbour", "choices")
	h.presses(in, "1")
	h.hears(in, "connecting")
	h.talk(out, in)
	return out, in
}

func TestLineState(t *testing.T) {
	h := openHouse(t, func(o *testbed.Options) {
		o.Phones = append(o.Phones, testbed.Phone{Name: "fixed", Address: testbed.HomeIP + ":5190"})
	})
	here := h.here()
	phone := func() backend.Part { return here.Line("home").Phones[0] }
	h.until(here, "a telephone", func() bool { return phone().Known && phone().Up })
	before := phone().Since
	h.must(h.hall.Unregister(h.ctx))
	h.until(here, "a telephone that is gone", func() bool { return phone().Known && !phone().Up })
	if !phone().Since.After(before) {
		t.Error("since when it is gone is not known")
	}
	h.must(h.hall.Register(h.ctx))
	h.until(here, "a telephone that is back", func() bool { return phone().Known && phone().Up })
	line := here.Line("home")
	if line.Trunk.Known || !line.Trunk.Unchecked {
		t.Errorf("nothing can be known of a trunk that is not asked: %+v", line)
	}
	if fixed := line.Phones[1]; !fixed.Known || fixed.Up {
		t.Errorf("nobody is at the fixed telephone's address: %+v", line)
	}
	// Without Asterisk nothing is known of the telephones.
	h.excuse("Web socket closed abruptly")
	h.must(h.Asterisk.Stop(h.ctx))
	h.until(here, "the loss of Asterisk", func() bool { return !here.Line("home").Asterisk.Up })
	if line := here.Line("home"); line.Phones[0].Known {
		t.Errorf("without Asterisk: %+v", line)
	}
	h.must(h.StartAsterisk(h.ctx))
	h.until(here, "Asterisk", func() bool { return here.Line("home").Asterisk.Up })
}

func TestLineStateOfATrunkThatRegisters(t *testing.T) {
	library, err := testbed.Library("en-GB")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := softphone.NewProvider(softphone.ProviderConfig{
		Config: softphone.Config{Name: "provider", Address: "127.0.0.10:0", Library: library}, User: "01632960100", Password: "secret",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Close() })
	h := openHouse(t, func(o *testbed.Options) {
		o.Trunk = fmt.Sprintf("address = %q\nregister = true\nuser = \"01632960100\"\npassword = \"secret\"\n", provider.Address())
	})
	_, err = provider.Registered(h.ctx)
	h.must(err)
	here := h.here()
	h.until(here, "a registered trunk", func() bool { l := here.Line("home"); return l.Trunk.Known && l.Trunk.Up })
}

func TestTestCall(t *testing.T) {
	h := openHouse(t)
	here := h.here()
	h.must(here.StartTest("home"))
	in := h.rings(h.hall)
	if id := in.CallerID(); id.Name != "Ringfence test call" {
		t.Errorf("the telephone shows %s", id)
	}
	if err := here.StartTest("home"); !errors.As(err, new(ivr.Refused)) {
		t.Errorf("a second test call: %v", err)
	}
	h.must(in.Answer(h.ctx))
	h.hears(in, "test-press")
	h.presses(in, "1")
	h.hears(in, "test-works")
	h.ended(in)
	h.testEnds(here, ivr.TestRinging, ivr.TestPickedUp, ivr.TestHeard, ivr.TestPressed)
	if calls := h.calls(); len(calls) != 0 {
		t.Errorf("a test call is in the log: %+v", calls)
	}
	h.must(h.hall.Unregister(h.ctx))
	h.must(here.StartTest("home"))
	h.testEnds(here, ivr.TestRinging, ivr.TestNoTelephone)
}

func (h *house) testEnds(here *main.Here, want ...ivr.TestStep) {
	h.Helper()
	var steps []ivr.TestStep
	h.until(here, "an end of the test", func() (over bool) { steps, over = here.Test("home"); return over })
	if !slices.Equal(steps, want) {
		h.Errorf("the test went %q, not %q", steps, want)
	}
}

// A call that comes during a test call rings, whether the test rings still or was picked up; one under way is left alone.
func TestTestCallGivesWayToACall(t *testing.T) {
	h := openHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	here := h.here()
	h.must(here.StartTest("home"))
	test := h.rings(h.hall)
	out := h.dials("02079460001")
	h.ended(test)
	in := h.rings(h.hall)
	h.testEnds(here, ivr.TestRinging, ivr.TestGaveWay)
	if err := here.StartTest("home"); !errors.As(err, new(ivr.Refused)) {
		t.Errorf("a test call while the telephones ring: %v", err)
	}
	h.must(in.Answer(h.ctx))
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	h.lastCall("ring", "talked")

	h.must(here.StartTest("home"))
	test = h.picksUp(h.hall)
	h.beginsToHear(test, "test-press")
	out = h.dials("02079460001")
	h.ended(test)
	in = h.picksUp(h.hall)
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	h.testEnds(here, ivr.TestRinging, ivr.TestPickedUp, ivr.TestGaveWay)
	h.lastCall("ring", "talked")
}
