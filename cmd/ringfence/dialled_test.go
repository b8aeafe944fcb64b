package main_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"ringfence/cmd/ringfence/stage"
	"ringfence/softphone"
)

// neighbours sets a second household with a trunk of its own, and returns the house with that trunk's far side.
func neighbours(t *testing.T) (*house, *softphone.Provider) {
	t.Helper()
	library, err := stage.Library("en-GB")
	if err != nil {
		t.Fatal(err)
	}
	other, err := softphone.NewProvider(softphone.ProviderConfig{
		Config: softphone.Config{Name: "other network", Address: "127.0.0.5:0", Library: library},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() }) // Asterisk may be gone by now
	h := openLongHouse(t, func(o *stage.Options) {
		o.Extra = fmt.Sprintf(`
[[trunk]]
name = "other"
address = %q
[[household]]
name = "other"
trunk = "other"
number = "020 7946 0200"
[[household.phone]]
name = "attic"
password = "wet herons on 7 walls"
`, other.Address())
	})
	return h, other
}

// escaped is what is dialled, as it stands in the user part of an address (RFC 3261, section 25.1).
func escaped(dialled string) string {
	var b strings.Builder
	for _, c := range []byte(dialled) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// isRefused dials something, and checks that the telephone is told that it cannot be dialled.
func (h *house) isRefused(dialled string) error {
	call, err := h.hall.Call(h.ctx, escaped(dialled))
	if err != nil {
		return err
	}
	if _, err := call.Hears(h.ctx, "undialable"); err != nil {
		return fmt.Errorf("%q: %w", dialled, err)
	}
	return call.Hangup(h.ctx)
}

// What a telephone dials reaches no trunk unless all of it are signs of a number: whatever else stands in it, and wherever.
func TestOnlyNumbersAreDialled(t *testing.T) {
	h, other := neighbours(t)
	h.excuse("dialled something that is not a phone number")
	network := h.network()
	logged := h.Logged("The phone home-hall dialled something that is not a phone number.")
	dialled := []string{
		"0&PJSIP/09098790000@trunk-other,30", "0&Local/999@emergency-other,30", "0,30,g", "0):0&PJSIP/09098790000@trunk-other",
		`0" = "0" | "1`, "0?dial-other,s,1:", "${RF_TO}0", "$[1+1]", "*31&PJSIP/09098790000@trunk-other", "999&PJSIP/1@trunk-other", "s", "h", "i",
		"T", "talk", "0\r\nVia: x", "0\t1", "0\xff1",
	}
	for sign := byte(' '); sign <= '~'; sign++ {
		if strings.IndexByte("0123456789+*#", sign) >= 0 {
			continue
		}
		dialled = append(dialled, "0"+string(sign)+"09098790123")
		if sign != '-' { // which Asterisk passes over at the start: nothing was dialled, and it answers 484
			dialled = append(dialled, string(sign))
		}
	}
	var calls errgroup.Group
	calls.SetLimit(6)
	for _, d := range dialled {
		calls.Go(func() error { return h.isRefused(d) })
	}
	h.must(calls.Wait())
	for _, unprintable := range []string{"\xc3\xbc", "\x7f0", "\t0", "\x010"} {
		call, err := h.hall.Call(h.ctx, escaped(unprintable))
		h.must(err)
		if e := h.ended(call); e.Code != 404 {
			h.Errorf("%q ended with %s", unprintable, e)
		}
	}
	select {
	case <-logged:
	case <-h.ctx.Done():
		h.Error("nothing was logged")
	}
	if made := append(network.Calls(), other.Calls()...); len(made) > 0 {
		h.Errorf("calls were made: %v", made)
	}
	// And a number with every sign of one still goes out.
	in, out := h.reaches(network, escaped("+0123456789*#"))
	if out.Dialled() != "+0123456789*#" && out.Dialled() != "+0123456789*%23" {
		h.Errorf("the network was asked for %q", out.Dialled())
	}
	h.hangsUp(in)
	h.ended(out)
}
