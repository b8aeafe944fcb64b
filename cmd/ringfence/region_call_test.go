package main_test

import (
	"strings"
	"testing"
	"time"

	"ringfence/asterisk"
	"ringfence/softphone"
)

// global waits until a global variable of Asterisk's has a value.
func (h *house) global(name, value string) {
	h.Helper()
	var got string
	for h.ctx.Err() == nil {
		var err error
		if got, err = h.Query(h.ctx, "/asterisk/variable?variable="+name); err == nil && strings.Contains(got, `"value":"`+value+`"`) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	h.Errorf("%s is %s, not %s", name, got, value)
}

// A region that is chosen while everything runs holds at once, for what is an emergency number as for how a caller's number is
// read; two people who talk are not disturbed, and what Asterisk was told of the household stays.
func TestRegionChosenWhileItRuns(t *testing.T) {
	h := openHouse(t, raced)
	network := h.network()
	h.run("option", "dial-guard", "on")
	h.global("RF_GUARD_home", "1")
	h.run("contact", "add", "Daughter", daughter)
	caller := h.dials(daughter)
	hall := h.picksUp(h.hall)
	h.talk(caller, hall)

	followed := h.Logged("the households' regions have changed")
	if said := h.run("option", "region", "US"); !strings.Contains(said, "region is now US") || !strings.Contains(said, "Asterisk has followed") {
		t.Errorf("%q", said)
	}
	h.global(asterisk.RegionsVariable, asterisk.RegionsDigest(map[string]string{"home": "US"}))
	h.global("RF_GUARD_home", "1")
	h.talk(caller, hall)
	h.hangsUp(caller)
	h.ended(hall)
	select {
	case <-followed:
	case <-h.ctx.Done():
		t.Fatal("the application has not followed")
	}

	in, out := h.reaches(network, "911")
	if out.Dialled() != "911" {
		t.Errorf("%s was dialled", out.Dialled())
	}
	h.notice("emergency-dialled")
	h.hangsUp(in)
	h.ended(out)

	// After an emergency call everybody rings; how the number was read is in the log.
	caller = h.dialsAs(softphone.CallerID{Number: "2125550123"})
	hall = h.picksUp(h.hall)
	h.hangsUp(caller)
	h.ended(hall)
	if calls := h.calls(); len(calls) != 2 || calls[1].Number != "+12125550123" && calls[0].Number != "+12125550123" {
		t.Errorf("%+v", calls)
	}

	// Asterisk's configuration that is written anew is in that region too.
	h.run("asterisk", "config", h.Dir+"/elsewhere")
	if said := h.run("option", "region", "toml"); !strings.Contains(said, "region is now GB") || !strings.Contains(said, "Asterisk has followed") {
		t.Errorf("%q", said)
	}
	h.global(asterisk.RegionsVariable, asterisk.RegionsDigest(nil))
}
