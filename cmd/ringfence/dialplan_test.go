package main_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// Whoever declines a call is not rung for it again, with the application or without it, whatever their telephone declines with.
func TestATelephoneThatDeclinesRingsOnce(t *testing.T) {
	h := openHouse(t, raced)
	h.run("contact", "add", "Daughter", daughter)
	h.kill()
	for _, status := range []int{603, 408} {
		out := h.dials("02079460001")
		h.must(h.rings(h.hall).Decline(h.ctx, status))
		h.hears(out, "nobody-home", "goodbye")
		h.ended(out)
	}
	h.must(h.Serve(h.ctx))
	out := h.dials("02079460001")
	h.must(h.rings(h.hall).Decline(h.ctx, 500))
	h.hears(out, "nobody-home", "leave-message", "beep")
	h.hangsUp(out)
	h.neverRang(h.hall)
}

// Callers who show no number are not one number: neither that many of them call, nor that one is being turned away, refuses the next.
func TestWithheldCallersAreNotOneNumber(t *testing.T) {
	h := openHouse(t)
	withheld := softphone.CallerID{Number: "anonymous", Host: "anonymous.invalid", Privacy: "id"}
	var on []*softphone.Call
	for range 4 {
		out := h.dialsAs(withheld)
		h.beginsToHear(out, "ask-name")
		on = append(on, out)
	}
	for _, out := range on {
		h.hangsUp(out)
	}
	h.run("option", "withheld", "turn-away")
	for range 2 {
		out := h.dialsAs(withheld)
		h.must(out.Answered(h.ctx))
		on = append(on, out)
	}
	for _, out := range on[4:] {
		h.hangsUp(out)
	}
}

// refusedNow is how many refused calls the dialplan has counted and not handed over.
func (h *house) refusedNow() string {
	h.Helper()
	answer, err := h.Query(h.ctx, "/asterisk/variable?variable=RF_REFUSED_home")
	h.must(err)
	return answer
}

func (h *house) console(command string) {
	h.Helper()
	_, err := h.Asterisk.Console(h.ctx, command)
	h.must(err)
}

// inStasis waits until a channel is with the application.
func (h *house) inStasis() {
	h.Helper()
	for {
		channels, err := h.Query(h.ctx, "/channels")
		h.must(err)
		if strings.Contains(channels, `"app_name":"Stasis"`) {
			return
		}
		time.Sleep(20 * time.Millisecond) // it is on its way
	}
}

// The count of refused calls does not stick where the line in the log could not be begun; and above the limit a call is refused, not rung,
// where the application hangs.
func TestCallsAboveTheLimitWithoutTheApplication(t *testing.T) {
	h := openHouse(t, func(o *testbed.Options) { o.Calls = 1 })
	h.excuse("No such extension/context for-a-minute@unlogged")
	refused := func(number string) {
		t.Helper()
		if e := h.ended(h.dials(number)); e.Code != 486 {
			t.Errorf("a call above the limit ended with %s", e)
		}
	}
	h.kill()
	h.console("dialplan remove extension for-a-minute@unlogged")
	first := h.dials(neighbour)
	in := h.rings(h.hall)
	refused("02079460002")
	if n := h.refusedNow(); n != `{"value":"0"}` {
		t.Errorf("the count of refused calls is %s", n)
	}
	h.hangsUp(first)
	h.ended(in)
	h.console("dialplan reload")

	h.must(h.Serve(h.ctx))
	h.must(h.Freeze())
	first = h.dials(neighbour)
	h.inStasis()
	refused("02079460002")
	if n := h.refusedNow(); n != `{"value":"1"}` {
		t.Errorf("the count of refused calls is %s", n)
	}
	in = h.picksUp(h.hall)
	h.talk(first, in)
	h.hangsUp(first)
	h.ended(in)
	h.neverRang(h.hall)
	h.must(h.Thaw())
	h.console("channel request hangup all") // what waits for a minute to write the line in the log
}

// A call that rang without the application, and ends while it is handed over, has its end in the log.
func TestACallThatEndsWhileItIsHandedOver(t *testing.T) {
	h := openHouse(t)
	network := h.network()
	h.must(h.Freeze())
	now := time.Now().Unix()
	put := func(end string) {
		h.console(fmt.Sprintf(`database put ringfence-unlogged 1234.5 "home,%d,allowed,02079460009,%s,absent"`, now, end))
	}
	put("RINGING,0")
	in, err := h.hall.Call(h.ctx, "999") // upon which the dialplan hands over what it has
	h.must(err)
	help := h.ringsAt(network)
	h.inStasis()
	put("ANSWER,7")
	h.hangsUp(in)
	h.ended(help)
	h.must(h.Thaw())
	for c := h.calls(); len(c) != 1 || c[0].Outcome != "talked"; c = h.calls() {
		if h.ctx.Err() != nil {
			t.Fatalf("the log says %+v", c)
		}
		time.Sleep(50 * time.Millisecond) // handed over once more
	}
}

// An Asterisk that hangs is not called another program.
func TestAnAsteriskThatHangsIsSaidToHang(t *testing.T) {
	h := openHouse(t)
	h.killed = true // the application notices, and connects again
	h.excuse("Stasis app")
	h.must(h.FreezeAsterisk())
	h.checkSays("Asterisk may be hanging: restart it")
	h.must(h.ThawAsterisk())
}
