package main_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"ringfence/cmd/faults/figures"
	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// neighbours sets a second household with a trunk of its own, and returns the house with that trunk's far side.
func neighbours(t *testing.T, onEvent func(softphone.Event)) (*house, *softphone.Provider) {
	t.Helper()
	library, err := testbed.Library("en-GB")
	if err != nil {
		t.Fatal(err)
	}
	other, err := softphone.NewProvider(softphone.ProviderConfig{
		Config: softphone.Config{Name: "other network", Address: "127.0.0.5:0", Library: library, OnEvent: onEvent},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() }) // Asterisk may be gone by now
	h := openLongHouse(t, func(o *testbed.Options) {
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

// isRefused dials something, and checks that the telephone is told that it cannot be dialled. That is done two hundred times, six at a time, so that now and
// then sound is lost on a busy machine: such a call is made again.
func (h *house) isRefused(dialled string) error {
	const tries = 3
	for i := 1; ; i++ {
		err := h.dialsInVain(dialled)
		if err == nil || i == tries {
			return err
		}
		h.Logf("dialled again: %v", err)
	}
}

func (h *house) dialsInVain(dialled string) error {
	call, err := h.hall.Call(h.ctx, escaped(dialled))
	if err != nil {
		return fmt.Errorf("%q: %w", dialled, err)
	}
	if _, err := call.Hears(h.ctx, "undialable"); err != nil {
		return fmt.Errorf("%q: %w", dialled, err)
	}
	return call.Hangup(h.ctx)
}

// What a telephone dials reaches no trunk unless all of it are signs of a number: whatever else stands in it, and wherever.
//
// Long: one table.
func TestOnlyNumbersAreDialled(t *testing.T) {
	h, other := neighbours(t, nil)
	h.excuse("dialled something that is not a phone number")
	network := h.network()
	dialled := []string{
		"0&PJSIP/09098790000@trunk-other,30", "0&Local/999@emergency-other,30", "0,30,g", "0):0&PJSIP/09098790000@trunk-other",
		`0" = "0" | "1`, "0?dial-other,s,1:", "${RF_TO}0", "$[1+1]", "*31&PJSIP/09098790000@trunk-other", "999&PJSIP/1@trunk-other", "s", "h", "i",
		"T", "talk", "0\r\nVia: x", "0\t1", "0\xff1", "(-)", "( )", "0 (0) &1", "9.9.9,1", "(0):0&PJSIP/1@trunk-other",
	}
	for sign := byte(' '); sign <= '~'; sign++ {
		if strings.IndexByte("0123456789+*#", sign) >= 0 {
			continue
		}
		if strings.IndexByte(" -.();", sign) < 0 { // those are written in numbers, or begin a parameter
			dialled = append(dialled, "0"+string(sign)+"09098790123")
		}
		if sign != '-' && sign != ';' { // Asterisk passes over the one at the start, and a parameter: nothing was dialled, and it answers 484
			dialled = append(dialled, string(sign))
		}
	}
	var calls errgroup.Group
	calls.SetLimit(6)
	for _, d := range dialled {
		calls.Go(func() error { return h.isRefused(d) })
	}
	h.must(calls.Wait())
	unprintables := []string{"\xc3\xbc", "\x7f0", "\t0", "\x010"}
	for _, unprintable := range unprintables {
		call, err := h.hall.Call(h.ctx, escaped(unprintable))
		h.must(err)
		if e := h.ended(call); e.Code != 404 {
			h.Errorf("%q ended with %s", unprintable, e)
		}
	}
	h.logsEach(len(dialled))
	made := append(network.Calls(), other.Calls()...)
	if len(made) > 0 {
		h.Errorf("calls were made: %v", made)
	}
	figures.Note(t, "%d things that are no numbers were dialled, of which %d reached a network", len(dialled)+len(unprintables), len(made))
	// And a number with every sign of one still goes out.
	in, out := h.reaches(network, escaped("+0123#456789*"))
	if out.Dialled() != "+0123#456789*" && out.Dialled() != "+0123%23456789*" {
		h.Errorf("the network was asked for %q", out.Dialled())
	}
	h.hangsUp(in)
	h.ended(out)
	// So does one in a form that phones and address books send, without what is not the number.
	for written, number := range map[string]string{
		"020-7946-0000": "02079460000", "(020) 7946.0000": "02079460000", "02079460000;phone-context=+44": "02079460000",
		"02079460000;phone-context=)}${RF_TO}@x;y": "02079460000", "999;phone-context=+44": "999", "999 ": "999", " 999": "999", "9-9-9": "999",
		"(9) 99": "999", "9.9.9": "999", "999#": "999", "020 7946 0000##": "02079460000",
	} {
		in, out := h.reaches(network, escaped(written))
		if out.Dialled() != number {
			h.Errorf("%q: the network was asked for %q", written, out.Dialled())
		}
		h.hangsUp(in)
		h.ended(out)
	}
}

// logsEach waits until the log has a line for each of so many calls that were refused; more, where some were made again.
func (h *house) logsEach(refused int) {
	h.Helper()
	lines := 0
	for h.ctx.Err() == nil {
		said := h.Testbed.Log.(*syncBuffer).String()
		if lines = strings.Count(said, "The phone home-hall dialled something that is not a phone number."); lines >= refused {
			return
		}
		time.Sleep(50 * time.Millisecond) // Asterisk writes its log in a thread of its own
	}
	h.Errorf("of %d calls that were refused the log has %d", refused, lines)
}

// A telephone that answers with a 302 makes Asterisk dial nothing, whether the application rings it or the dialplan. One way
// is left: where the application rings a telephone, Asterisk dials an address such as PJSIP/number@trunk before anybody can
// forbid it. That call is taken back at once.
func TestNoTelephoneSendsCallsElsewhere(t *testing.T) {
	const takenBack = "09098790001" // is dialled where a call may arrive before it is taken back, at some time after that
	var reached atomic.Int32
	count := func(e softphone.Event) {
		if e.Kind == softphone.Rings && e.Call.Dialled() != takenBack {
			reached.Add(1)
		}
	}
	h, other := neighbours(t, count)
	network, err := h.Network(count)
	h.must(err)
	h.Cleanup(func() { _ = network.Close() }) // Asterisk may be gone by now
	h.run("--household", "home", "contact", "add", "Daughter", daughter)
	byNumber := []string{
		"sip:09098790000@127.0.0.9", "sip:999@127.0.0.9", "sip:*31@127.0.0.9", "sip:s@127.0.0.9", "sip:busy@127.0.0.9",
		"sip:09098790000@" + other.Address(), "sip:09098790000@" + h.Provider, "sip:Local/09098790000%40dial-home@127.0.0.9",
		"sip:Local/09098790000%40house-other@127.0.0.9", "sip:Local/*35%40house-other@127.0.0.9", "sip:Local/999%40emergency-home@127.0.0.9",
	}
	byAddress := []string{"sip:PJSIP%2F09098790000%40trunk-line@127.0.0.9", "sip:PJSIP/09098790000%40trunk-other@127.0.0.9"}
	sentOn := func(to, heard string) {
		h.hall.Redirect(to)
		out := h.dials(daughter)
		h.hears(out, heard)
		h.hangsUp(out)
	}
	for _, to := range byNumber {
		sentOn(to, "nobody-home")
	}
	if n := reached.Load(); n > 0 {
		h.Errorf("%d calls reached a network", n)
	}
	for _, to := range byAddress {
		logged := h.Logged("a telephone wanted to send a call elsewhere")
		sentOn(strings.Replace(to, "09098790000", takenBack, 1), "nobody-home")
		select {
		case <-logged:
		case <-h.ctx.Done():
			h.Errorf("%s: nothing was logged", to)
		}
	}
	for len(network.Calls())+len(other.Calls()) > 0 && h.ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond) // they are taken back at once
	}
	h.kill()
	for _, to := range slices.Concat(byNumber, byAddress) {
		sentOn(to, "busy")
	}
	if n := reached.Load(); n > 0 {
		h.Errorf("%d calls of the dialplan's reached a network", n)
	}
	figures.Note(t, "a phone wanted its calls sent on in %d ways, with the application and without it: %d calls went out, not counting those of %d ways that are taken back at once",
		len(byNumber)+len(byAddress), reached.Load(), len(byAddress))
}
