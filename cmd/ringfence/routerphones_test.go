package main_test

import (
	"strings"
	"testing"

	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// The phones and the door bell of a router ring, and can be contacts; with an emergency number, nobody gets past the question.
func TestTheRoutersOwnPhonesRing(t *testing.T) {
	h := openHouse(t, func(o *testbed.Options) { o.Router = true })
	rings := func(id softphone.CallerID, number, name, reason string) {
		t.Helper()
		out := h.dialsAs(id)
		in := h.picksUp(h.hall)
		h.talk(out, in)
		h.hangsUp(out)
		h.ended(in)
		if c := h.lastCall("ring", "talked"); c.Number != number || c.Name != name || c.Reasons[0].Code != reason {
			t.Errorf("%s: the log says %+v", id, c)
		}
	}
	h.run("mode", "known-only")
	rings(softphone.CallerID{Number: "**610", Name: "Mum", Host: "fritz.box"}, "**610", "Mum", "internal")
	rings(softphone.CallerID{Number: "%2A%2A91", Host: "fritz.box", Raw: true}, "**91", "", "internal")
	h.run("contact", "add", "Door", "**91")
	rings(softphone.CallerID{Number: "91"}, "**91", "Door", "contact")
	if said := h.run("lookup", "**610"); !strings.Contains(said, "**610 would ring") {
		t.Errorf("lookup says %q", said)
	}
	if _, err := h.Command(h.ctx, "block", "add", "**610"); err == nil || !strings.Contains(err.Error(), "your own router") {
		t.Errorf("a block of the router's phone: %v", err)
	}

	h.run("mode", "ask")
	out := h.dialsAs(softphone.CallerID{Number: "999"})
	h.must(out.Answered(h.ctx))
	h.hangsUp(out)
	if c := h.lastCall("screen", "caller-gone"); c.Number != "999" || c.Reasons[0].Code != "never-blocked" {
		t.Errorf("the log says %+v", c)
	}
}

// Neither the line's own number nor digits that are none can be saved, in any way that the command has.
func TestWhatNobodyCanHave(t *testing.T) {
	h := openHouse(t)
	for _, c := range []struct {
		words string
		says  string
	}{
		{"contact add Me 02079460100", "this household's own number"},
		{"contact add Bob 0000000000", "in place of a number"},
		{"contact add Bob +266696687", "in place of a number"},
		{"contact add Bob **610", "isn't part of a phone number"},
		{"block add 0000000000", "in place of a number"},
		{"block add +7378742833", "in place of a number"},
		{"lookup hello", "\"hello\" is no phone number"},
	} {
		if _, err := h.Command(h.ctx, strings.Fields(c.words)...); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.words, err)
		}
	}
	if said := h.run("lookup", "1234567890"); !strings.Contains(said, "A caller without a number") {
		t.Errorf("lookup says %q", said)
	}
}
