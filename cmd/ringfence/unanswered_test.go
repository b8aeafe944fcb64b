package main_test

import (
	"encoding/base64"
	"slices"
	"testing"

	"ringfence/demo/testbed"
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

// A network marks a call as spam and says that its number isn't confirmed; a caller claims that it is.
func TestWhatTheNetworkSaysOfACaller(t *testing.T) {
	h := openHouse(t)
	for _, level := range []string{"C", "A"} {
		claim := "eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3Nwb3J0In0." + base64.RawURLEncoding.EncodeToString([]byte(`{"attest":"`+level+`","iat":1700000000}`)) + ".c2ln"
		out, err := h.caller.Dial(h.ctx, softphone.Dial{
			Number: testbed.Number, At: h.SIP, From: softphone.CallerID{Number: "01214960003", Name: "Scam Likely"},
			Headers: []softphone.Header{{Name: "Identity", Value: claim + ";info=<https://example.com/cert>;alg=ES256;ppt=shaken"}},
		})
		h.must(err)
		h.beginsToHear(out, "ask-name")
		h.hangsUp(out)
		c := h.lastCall("screen", "caller-gone")
		confirmed := !slices.ContainsFunc(c.Reasons, func(r struct{ Code, Text string }) bool { return r.Code == "attestation-c" })
		if c.Reasons[0].Code != "spam-name" || confirmed != (level == "A") || len(c.Reasons) > 3 {
			t.Errorf("level %s: %+v", level, c.Reasons)
		}
	}
}
