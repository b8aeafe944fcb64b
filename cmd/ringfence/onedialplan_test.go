package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// An application that is newer than Asterisk's dialplan takes no call: the phone rings unscreened, and 999 goes out. It has Asterisk read its own
// dialplan once nobody is on the line, also where the older program brings the earlier one back.
func TestOnlyTheApplicationIsUpgraded(t *testing.T) {
	h := openLongHouse(t, func(o *testbed.Options) { o.Phones = append(o.Phones, testbed.Phone{Name: "bed"}) })
	// The application says so, and it is stopped and started here.
	h.excuse("Stasis app 'ringfence'")
	network := h.network()
	h.run("block", "add", scammer)
	h.kill()
	text, err := os.ReadFile("testdata/before/extensions.conf")
	h.must(err)
	file := filepath.Join(h.Dir, "data", "asterisk", "extensions.conf")
	before := []byte(strings.ReplaceAll(string(text), "TRUNK", h.Provider))
	goBack := func() {
		h.must(os.WriteFile(file, before, 0o600))
		h.console("dialplan reload")
	}
	goBack()
	h.console("dialplan set global RF_REGIONS")
	in, err := h.telephone("bed").Call(h.ctx, neighbour) // which is on the line while the application starts
	h.must(err)
	outside, err := network.Rings(h.ctx)
	h.must(err)
	h.must(outside.Answer(h.ctx))
	h.must(in.Answered(h.ctx))
	waits := h.Logged("once nobody is on the line")
	h.must(h.Serve(h.ctx))
	for range 2 {
		// Even a blocked number rings: nothing but the dialplan decides.
		out := h.dials(scammer)
		rung := h.picksUp(h.hall)
		h.talk(out, rung)
		h.hangsUp(out)
		h.ended(rung)
	}
	select {
	case <-waits:
	case <-h.ctx.Done():
		t.Fatal("the application does not say why it takes no calls")
	}
	h.talk(in, outside)
	h.hangsUp(in)
	h.ended(outside)
	h.screens()

	goBack() // as an `asterisk run` from before the upgrade does when settings change
	out := h.dials(scammer)
	rung := h.picksUp(h.hall)
	h.talk(out, rung)
	h.hangsUp(out)
	h.ended(rung)
	h.screens()
	in, outside = h.reaches(network, "999")
	h.hangsUp(in)
	h.ended(outside)
}

// screens waits until Asterisk has the present dialplan, and sees to it that a blocked number is turned away by it.
func (h *house) screens() {
	h.Helper()
	for {
		loaded, err := h.Asterisk.Console(h.ctx, "dialplan show arrive")
		h.must(err)
		if strings.Contains(loaded, "RF_HOUSE") {
			break
		}
		time.Sleep(50 * time.Millisecond) // it is looked for every 5 s
	}
	out := h.dials(scammer)
	h.hears(out, "inspection")
	h.ended(out)
	h.neverRang(h.hall)
}

// Whatever a caller or a phone sends, the call is its own household's: the other household's phone never rings, its line is never used, and its log
// stays empty.
func TestNobodyNamesAnotherHousehold(t *testing.T) {
	h, other := neighbours(t, nil)
	h.excuse("dialled something that is not a phone number", "'TIMEOUT(absolute)' not set") // a caller hangs up as the phone is picked up
	library, err := testbed.Library("en-GB")
	h.must(err)
	attic, err := softphone.NewPhone(softphone.PhoneConfig{
		Config: softphone.Config{Name: "attic", Address: testbed.HomeIP + ":0", Library: library},
		Server: h.SIP, User: "other-attic", Password: "wet herons on 7 walls",
	})
	h.must(err)
	t.Cleanup(func() { _ = attic.Close() })
	h.must(attic.Register(h.ctx))
	network := h.network()
	h.run("--household", "home", "mode", "off") // everything rings

	names := []string{
		"other", "other-attic", "home-other", "house-other", "arrive-other", "s", "arrive", "RF_HOUSE=other", "_RF_HOUSE=other", "${RF_HOUSE}", "+442079460200",
		"02079460200", "s@home-other", "home-other,arrive,1", "1&Local/arrive@home-other", "+442079460100;RF_HOUSE=other", "999;RF_HOUSE=other", "999,1,home-other", "x)?home-other,arrive,1",
	}
	for _, name := range names {
		out, err := h.caller.Dial(h.ctx, softphone.Dial{Number: dialled(name), At: h.SIP, From: softphone.CallerID{
			Number: daughter, Name: "RF_HOUSE=" + name, Privacy: "none;RF_HOUSE=other", Asserted: `"RF_HOUSE=other" <sip:` + daughter + `@line.example;RF_HOUSE=other>`,
		}, Headers: []softphone.Header{{Name: "RF_HOUSE", Value: "other"}, {Name: "X-RF_HOUSE", Value: "other"}, {Name: "Diversion", Value: "<sip:" + name + "@home-other>"}}})
		h.must(err)
		rung := h.picksUp(h.hall)
		h.must(out.Answered(h.ctx))
		h.hangsUp(out)
		h.ended(rung)
	}
	h.neverRang(attic)
	if said := h.run("--household", "other", "calls", "--json"); said != "" {
		t.Errorf("the other household's log has %s", said)
	}

	var refused errgroup.Group
	refused.SetLimit(6)
	for _, name := range names {
		if number, _, _ := strings.Cut(name, ";"); strings.Trim(number, "+0123456789") != "" {
			refused.Go(func() error { return h.isRefused(name) })
			continue
		}
		call, err := h.hall.Call(h.ctx, dialled(name))
		h.must(err)
		out, err := network.Rings(h.ctx)
		h.must(err)
		if shown := out.CallerID().Number; shown != testbed.Number {
			t.Errorf("%q went out as %s", name, shown)
		}
		h.must(out.Answer(h.ctx))
		h.must(call.Answered(h.ctx))
		h.hangsUp(call)
		h.ended(out)
	}
	h.must(refused.Wait())
	if calls := other.Calls(); len(calls) != 0 {
		t.Errorf("the other household's line was used: %v", calls)
	}
	h.neverRang(attic)
}

// dialled is a text as it stands in the user part of an address. What follows ";" is a parameter there.
func dialled(text string) string {
	number, parameter, is := strings.Cut(text, ";")
	if !is {
		return escaped(text)
	}
	return escaped(number) + ";" + parameter
}
