package main_test

import (
	"testing"

	"ringfence/softphone"
)

// Callers whom a household doesn't want answered: no phone rings, nothing is answered, and the network hears why.
func TestTurnedAwayWithoutAnAnswer(t *testing.T) {
	h := openHouse(t)
	h.run("block", "add", "0121 496 0001", "--farewell", "busy")
	h.run("block", "add", "0121 496 0002", "--farewell", "not-in-service")
	h.run("option", "withheld", "not-in-service")
	withheld := softphone.CallerID{Number: "anonymous", Host: "anonymous.invalid", Privacy: "id"}
	for _, c := range []struct {
		id    softphone.CallerID
		code  int
		tones bool
	}{
		{softphone.CallerID{Number: "01214960001"}, 486, false},
		{softphone.CallerID{Number: "01214960002"}, 404, true},
		{withheld, 404, true},
	} {
		out := h.dialsAs(c.id)
		if c.tones {
			h.hears(out, "beep") // 950 Hz, as the softphone knows any tone of that height
		}
		if end := h.ended(out); end.By != softphone.Them || end.Code != c.code || !out.AnsweredAt().IsZero() {
			t.Errorf("%s: %s, answered %s; heard: %s", c.id, end, out.AnsweredAt(), out.Transcript())
		}
		h.lastCall("turn-away", "turned-away")
	}
	h.neverRang(h.hall)
}
