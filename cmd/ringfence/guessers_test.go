package main_test

import (
	"fmt"
	"testing"

	"ringfence/demo/testbed"
)

// Over IPv6 a guesser's whole network is refused, and phones elsewhere go on working.
func TestGuessingOverIPv6IsSlowed(t *testing.T) {
	six := ""
	h := openHouse(t, func(o *testbed.Options) {
		six = free(t, "udp", "::1")
		o.Asterisks = fmt.Sprintf("sip6 = %q", six)
	})
	h.run("mode", "off")
	four := h.SIP
	h.SIP = six
	h.guessesUntilRefused("[::1]", "::/64 gave a wrong name or password")
	h.SIP = four
	out := h.dials(neighbour)
	in := h.picksUp(h.hall)
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
}
