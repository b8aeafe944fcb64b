package main_test

import (
	"context"
	"strings"

	"ringfence/softphone"
	"ringfence/softphone/audio"
)

func (h *house) telephone(name string, codecs ...softphone.Codec) *softphone.Phone {
	h.Helper()
	phone, err := h.Telephone(h.ctx, name, nil, codecs...)
	h.must(err)
	h.Cleanup(func() { _ = phone.Close() }) // Asterisk may be gone by now
	return phone
}

func (h *house) somebody(name string) *softphone.Caller {
	h.Helper()
	c, err := h.Caller(name, nil)
	h.must(err)
	h.Cleanup(func() { _ = c.Close() }) // the same
	return c
}

// dials lets the caller ring the line from a number.
func (h *house) dials(number string) *softphone.Call {
	h.Helper()
	return h.dialsAs(softphone.CallerID{Number: number})
}

func (h *house) dialsAs(id softphone.CallerID) *softphone.Call {
	h.Helper()
	call, err := h.Dial(h.ctx, h.caller, id)
	h.must(err)
	return call
}

// rings waits until a telephone rings.
func (h *house) rings(phone *softphone.Phone) *softphone.Call {
	h.Helper()
	call, err := phone.Rings(h.ctx)
	h.must(err)
	return call
}

// picksUp waits until a telephone rings and answers it.
func (h *house) picksUp(phone *softphone.Phone) *softphone.Call {
	h.Helper()
	call := h.rings(phone)
	h.must(call.Answer(h.ctx))
	return call
}

// hears waits until each of the recordings was heard to its end, one after another.
func (h *house) hears(call *softphone.Call, names ...string) {
	h.Helper()
	for _, name := range names {
		_, err := call.HearsOut(h.ctx, name)
		h.must(err)
	}
}

// beginsToHear waits until a recording is known to be playing.
func (h *house) beginsToHear(call *softphone.Call, name string) {
	h.Helper()
	_, err := call.Hears(h.ctx, name)
	h.must(err)
}

func (h *house) voice(name string) audio.Sound {
	h.Helper()
	v, err := softphone.Voice(name)
	h.must(err)
	return v
}

func (h *house) presses(call *softphone.Call, keys string) {
	h.Helper()
	// A key may end the call before it is let go.
	if err := call.Press(h.ctx, keys); err != nil && !strings.Contains(err.Error(), "the call is over") {
		h.Fatal(err)
	}
}

func (h *house) hangsUp(call *softphone.Call) {
	h.Helper()
	h.must(call.Hangup(h.ctx))
}

// ended waits for the end of a call that the other side ends.
func (h *house) ended(call *softphone.Call) softphone.Ending {
	h.Helper()
	e, err := call.Ended(h.ctx)
	h.must(err)
	if e.By != softphone.Them {
		h.Errorf("%s %s, not by the other side; heard: %s", call, e, call.Transcript())
	}
	return e
}

// statesName answers the question who is calling.
func (h *house) statesName(call *softphone.Call, voice string) {
	h.Helper()
	h.hears(call, "ask-name", "beep")
	h.says(call, voice)
}

// talk checks that two people hear each other.
func (h *house) talk(caller, household *softphone.Call) {
	h.Helper()
	h.must(caller.Answered(h.ctx))
	h.says(caller, "neighbour-talks")
	h.hears(household, "neighbour-talks")
	h.says(household, "hello-margaret")
	h.hears(caller, "hello-margaret")
}

// neverRang checks that a telephone has not rung since it was switched on.
func (h *house) neverRang(phone *softphone.Phone) {
	h.Helper()
	ctx, done := context.WithCancel(h.ctx)
	done()
	if call, err := phone.Rings(ctx); err == nil {
		h.Errorf("a telephone rang: %s", call)
	}
}
