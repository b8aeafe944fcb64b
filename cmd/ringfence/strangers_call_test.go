package main_test

import (
	"os"
	"testing"
)

// Numbers for nobody: ARCEP keeps 01 99 00 for films, and no number in Vienna begins with 0.
const (
	parisian = "+33199001234"
	viennese = "+4310000001"
)

// A country that rings, one that is turned away, and a contact by the beginning of its numbers that a list blocks.
func TestCountriesAndBeginningsOnTheLine(t *testing.T) {
	h := openHouse(t)
	h.run("country", "add", "Austria")
	h.run("country", "add", "France", "--do", "ring")
	h.run("contact", "add", "Hospital", "016329601", "--prefix")
	list := h.TempDir() + "/parish.csv"
	h.must(os.WriteFile(list, []byte("number,note\n01632960123,tech support\n"), 0o600))
	h.run("list", "import", list)

	out := h.dials(viennese)
	h.ended(out)
	if c := h.lastCall("turn-away", "turned-away"); c.Reasons[0].Code != "country" {
		t.Errorf("from Austria: %+v", c)
	}
	h.neverRang(h.hall)
	for number, code := range map[string]string{parisian: "country", "01632960123": "contact"} {
		out := h.dials(number)
		in := h.picksUp(h.hall)
		h.talk(out, in)
		h.hangsUp(out)
		h.ended(in)
		if c := h.lastCall("ring", "talked"); c.Reasons[0].Code != code {
			t.Errorf("%s: %+v", number, c)
		}
	}
}

// Whoever was asked and hung up rings at a second try. After a call that was sent away, a stranger from another number may only leave a message.
func TestSecondTryRingsAndStrangersAreHeld(t *testing.T) {
	h := openHouse(t)
	h.run("option", "second-try", "5m")
	out := h.dials(neighbour)
	h.beginsToHear(out, "ask-name")
	h.hangsUp(out)
	h.lastCall("screen", "caller-gone")
	out = h.dials(neighbour)
	in := h.picksUp(h.hall)
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	if c := h.lastCall("ring", "talked"); c.Reasons[0].Code != "second-try" {
		t.Errorf("the second try: %+v", c)
	}

	h.run("option", "hold-strangers", "5m")
	out, in = h.announced(scammer, "microsoft")
	h.presses(in, "3")
	h.hears(in, "sent-away")
	h.ended(in)
	h.ended(out)
	h.lastCall("screen", "sent-away")
	out = h.dials("02079460667")
	h.beginsToHear(out, "leave-message")
	h.hangsUp(out)
	if c := h.lastCall("message", "no-message"); c.Reasons[0].Code != "held" {
		t.Errorf("from another number: %+v", c)
	}
	h.neverRang(h.hall)
}
