package main_test

import (
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"ringfence/app/doctor"
	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// check runs `ringfence check --json`.
func (h *house) check(args ...string) (found []doctor.Finding) {
	h.Helper()
	out, _ := h.Command(h.ctx, append([]string{"check", "--json"}, args...)...) // it ends with 1 if something has failed
	var said struct{ Checks []doctor.Finding }
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		h.Fatalf("check says %q: %v", out, err)
	}
	return said.Checks
}

// finding is that of a check.
func (h *house) finding(check string, args ...string) doctor.Finding {
	h.Helper()
	for _, f := range h.check(args...) {
		if f.Check == check {
			return f
		}
	}
	h.Fatalf("there is no check %s", check)
	return doctor.Finding{}
}

// checkFinally waits until the check of the line says some words.
func (h *house) checkFinally(words string) doctor.Finding {
	h.Helper()
	for {
		if f := h.finding("line"); strings.Contains(f.Text, words) {
			return f
		} else if h.ctx.Err() != nil {
			h.Fatalf("check says %+v, never %q", f, words)
		}
	}
}

// asked is a house whose trunk is asked whether it is there, and the network at its other end.
func asked(t *testing.T) (*house, *softphone.Provider) {
	t.Helper()
	var network *softphone.Provider
	h := openLongHouse(t, func(o *testbed.Options) {
		made, err := softphone.NewProvider(softphone.ProviderConfig{Config: softphone.Config{Name: "network", Address: testbed.TrunkIP + ":0"}})
		if err != nil {
			t.Fatal(err)
		}
		network = made
		o.Trunk = "address = \"" + network.Address() + "\"\n"
	})
	return h, network
}

// An adapter whose plug is pulled: Today and `check` say so, carers are told, and 999 can still be dialled through what seems to be away.
func TestAnAdapterThatGoes(t *testing.T) {
	h, network := asked(t)
	here := h.here()
	h.until(here, "an adapter", func() bool { l := here.Line("home"); return l.Trunk.Known && l.Trunk.Up })
	if f := h.finding("line"); f.State != doctor.OK || !strings.HasSuffix(f.Text, " answers") {
		t.Errorf("check says %+v", f)
	}
	address := network.Address()
	h.must(network.Close())
	gone := time.Now()
	h.until(here, "an adapter that is gone", func() bool { l := here.Line("home"); return l.Trunk.Known && !l.Trunk.Up })
	onToday := time.Since(gone)
	if state := here.Line("home").State(); state.Sentence != "The line isn't working: the adapter at "+testbed.TrunkIP+" doesn't answer." || state.Level != "stop" {
		t.Errorf("Today says %+v", state)
	}
	if f := h.finding("line"); f.State != doctor.Failed || !strings.Contains(f.Text, "the adapter at "+testbed.TrunkIP+" doesn't answer. Check its power and cable.") {
		t.Errorf("check says %+v", f)
	}

	// It is back, but Asterisk does not know that yet.
	back, err := softphone.NewProvider(softphone.ProviderConfig{Config: softphone.Config{Name: "network", Address: address}})
	h.must(err)
	out, err := h.hall.Call(h.ctx, "999")
	h.must(err)
	in, err := back.Rings(h.ctx)
	h.must(err)
	h.hangsUp(out)
	h.ended(in)
	h.must(back.Close())
	gone = time.Now()

	h.until(here, "a notice", func() bool {
		return strings.Contains(h.run("notices"), "The line isn't working: the adapter at "+testbed.TrunkIP)
	})
	t.Logf("on Today after %s, as a notice after %s", onToday.Round(time.Second), time.Since(gone).Round(time.Second))
}

// A phone at a fixed address that answers no OPTIONS rings all the same, with the application and without.
func TestAFixedPhoneThatAnswersNoOptionsRings(t *testing.T) {
	deaf, err := net.ListenPacket("udp4", testbed.HomeIP+":0")
	if err != nil {
		t.Fatal(err)
	}
	address := deaf.LocalAddr().String()
	h := openLongHouse(t, func(o *testbed.Options) {
		o.Phones = []testbed.Phone{{Name: "fixed", Address: address}}
	})
	here := h.here()
	h.until(here, "a phone that does not answer", func() bool { p := here.Line("home").Phones[0]; return p.Known && !p.Up })
	h.must(deaf.Close())
	library, err := testbed.Library("en-GB")
	h.must(err)
	phone, err := softphone.NewPhone(softphone.PhoneConfig{Config: softphone.Config{Name: "fixed", Address: address, Library: library}, Server: h.SIP, User: "fixed"})
	h.must(err)
	t.Cleanup(func() { _ = phone.Close() })
	h.run("contact", "add", "Daughter", daughter)
	out := h.dials("02079460001")
	in := h.picksUp(phone)
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
}

// A call to itself is answered and heard both ways; and it is said where it is not.
func TestACheckThatRingsItself(t *testing.T) {
	h := openHouse(t)
	if f := h.finding("call", "--call"); f.State != doctor.OK || !strings.Contains(f.Text, "both ways") {
		t.Errorf("check --call says %+v", f)
	}
	h.neverRang(h.hall)
	if calls := h.calls(); len(calls) > 0 {
		t.Errorf("the call is in the log: %+v", calls)
	}
	if _, err := h.Asterisk.Console(h.ctx, "dialplan remove extension self-test@self-test"); err != nil {
		t.Fatal(err)
	}
	if f := h.finding("call", "--call"); f.State != doctor.Failed || !strings.Contains(f.Text, "restart it") {
		t.Errorf("with a dialplan from before: %+v", f)
	}
}

// The same place is not taken twice: the second application is refused, and the first goes on.
func TestASecondServeIsRefused(t *testing.T) {
	h := openHouse(t)
	_, err := h.Command(h.ctx, "serve")
	if err == nil || !strings.Contains(err.Error(), "Ringfence is already running with this data folder") {
		t.Errorf("a second serve: %v", err)
	}
	if f := h.finding("application"); f.State != doctor.OK {
		t.Errorf("the first one: %+v", f)
	}
}
