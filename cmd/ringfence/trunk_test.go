package main_test

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ringfence/asterisk"
	"ringfence/demo/testbed"
	"ringfence/softphone"
	"ringfence/softphone/audio"
)

// Whatever is dialled from the trunk, it reaches the household, and nothing but the household: never the way out.
func TestATrunkCallReachesNothingButTheHousehold(t *testing.T) {
	h := openHouse(t)
	network, err := h.Network(nil)
	h.must(err)
	t.Cleanup(func() { _ = network.Close() })
	h.run("mode", "off")
	for _, dialled := range []string{
		testbed.Number, "02079460100", "s", "999", "00447700900123", "home-hall", "turn-away", "inspection", "talk", "T", "h", "i",
		"*97", "hand-over", "~'_!", "ring",
	} {
		out, err := h.caller.Dial(h.ctx, softphone.Dial{Number: dialled, At: h.SIP, From: softphone.CallerID{Number: neighbour}})
		h.must(err)
		ctx, lost := context.WithCancel(h.ctx)
		go func() {
			defer lost()
			_, _ = out.Ended(ctx) // before it rings: Rings then says that it did not
		}()
		in, err := h.hall.Rings(ctx)
		lost()
		if err != nil {
			t.Errorf("dialling %q lost the call: %v", dialled, err)
			continue
		}
		h.hangsUp(out)
		h.ended(in)
	}
	now, done := context.WithCancel(h.ctx)
	done()
	if call, err := network.Rings(now); err == nil {
		t.Errorf("a call from the trunk went out again: %s", call)
	}
}

func TestAStrangerToTheTrunkIsRefused(t *testing.T) {
	h := openHouse(t)
	library, err := testbed.Library("en-GB")
	h.must(err)
	for _, from := range []string{"home-hall", "02079460100"} {
		stranger, err := softphone.NewCaller(softphone.Config{Name: "stranger", Address: "127.0.0.77:0", Library: library})
		h.must(err)
		t.Cleanup(func() { _ = stranger.Close() })
		out, err := stranger.Dial(h.ctx, softphone.Dial{Number: "999", At: h.SIP, From: softphone.CallerID{Number: from}})
		h.must(err)
		if e := h.ended(out); e.Code != 401 {
			t.Errorf("a stranger as %s: %s", from, e)
		}
	}
	h.neverRang(h.hall)
	if calls := h.calls(); len(calls) != 0 {
		t.Errorf("the log says %+v", calls)
	}
}

// Emergency calls leave the house with the application dead; and afterwards every call rings unscreened, also when the
// application was down while the number was dialled.
func TestEmergencyCallWithTheApplicationDead(t *testing.T) {
	h := openHouse(t)
	network, err := h.Network(nil)
	h.must(err)
	t.Cleanup(func() { _ = network.Close() })
	h.run("block", "add", scammer)
	h.kill()
	out, err := h.hall.Call(h.ctx, "999")
	h.must(err)
	in, err := network.Rings(h.ctx)
	h.must(err)
	if in.Dialled() != "999" || in.CallerID().Number != testbed.Number {
		t.Errorf("the network was asked for %s by %s", in.Dialled(), in.CallerID())
	}
	h.must(in.Answer(h.ctx))
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)

	h.must(h.Serve(h.ctx))
	back := h.dials(scammer) // even a blocked number: nobody knows how the ambulance's call will look
	rung := h.picksUp(h.hall)
	h.talk(back, rung)
	h.hangsUp(back)
	if c := h.lastCall("ring", "talked"); c.Reasons[0].Code != "emergency" {
		t.Errorf("the log says %+v", c)
	}
}

func TestDiallingOut(t *testing.T) {
	h := openHouse(t)
	network, err := h.Network(nil)
	h.must(err)
	t.Cleanup(func() { _ = network.Close() })
	for _, number := range []string{"02079460555", "1471", "+442079460555"} {
		out, err := h.hall.Call(h.ctx, number)
		h.must(err)
		in, err := network.Rings(h.ctx)
		h.must(err)
		if dialled, err := url.PathUnescape(in.Dialled()); err != nil || dialled != number {
			t.Errorf("dialled %s, and the network was asked for %s", number, in.Dialled())
		}
		h.must(in.Answer(h.ctx))
		h.talk(out, in)
		h.hangsUp(in)
		h.ended(out)
	}
	if calls := h.calls(); len(calls) != 0 {
		t.Errorf("dialling out touched the application: %+v", calls)
	}
}

// A trunk that registers with user and password, as at a provider or a router.
func TestTrunkThatRegisters(t *testing.T) {
	const user = "01632960100@line.example" // as some providers have it: no part of a SIP address looks so
	library, err := testbed.Library("en-GB")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := softphone.NewProvider(softphone.ProviderConfig{
		Config: softphone.Config{Name: "provider", Address: "127.0.0.9:0", Library: library}, User: user, Password: "secret;with semicolon",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Close() })
	h := openHouse(t, func(o *testbed.Options) {
		o.Trunk = fmt.Sprintf("address = %q\nregister = true\nuser = %q\npassword = \"secret;with semicolon\"\n", provider.Address(), user)
	})
	_, err = provider.Registered(h.ctx)
	h.must(err)
	h.run("contact", "add", "Daughter", daughter)
	out, err := provider.DialRegistered(h.ctx, softphone.Dial{Number: "01632960100", From: softphone.CallerID{Number: "02079460001"}})
	h.must(err)
	in := h.picksUp(h.hall)
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)

	dialled, err := h.hall.Call(h.ctx, "02079460555")
	h.must(err)
	arrived, err := provider.Rings(h.ctx)
	h.must(err)
	h.must(arrived.Answer(h.ctx))
	h.talk(dialled, arrived)
	h.hangsUp(dialled)
	h.ended(arrived)
	h.checkFinally("registered at ")
	if check := h.run("check"); !strings.Contains(check, "registered at") {
		t.Errorf("the doctor says:\n%s", check)
	}
}

// An analogue adapter: its line port proves itself with a password, from the same address as its telephone port.
func TestAdapterWithLineAndTelephoneAtOneAddress(t *testing.T) {
	h := openHouse(t, func(o *testbed.Options) {
		o.Trunk = "address = \"127.0.0.3:5099\"\npassword = \"k3v9-xq27-ma7r-line\"\n"
	})
	library, err := testbed.Library("en-GB")
	h.must(err)
	port, err := softphone.NewCaller(softphone.Config{Name: "line port", Address: testbed.HomeIP + ":0", Library: library})
	h.must(err)
	t.Cleanup(func() { _ = port.Close() })
	h.run("contact", "add", "Daughter", daughter)
	out, err := port.Dial(h.ctx, softphone.Dial{Number: "line", At: h.SIP, From: softphone.CallerID{Number: "02079460001"}, User: "trunk-line", Password: "k3v9-xq27-ma7r-line"})
	h.must(err)
	in := h.picksUp(h.hall)
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	h.lastCall("ring", "talked")
}

// The caller ID in all the forms in which a line gives it.
func TestCallerIDs(t *testing.T) {
	h := openLongHouse(t)
	h.excuse("CallerID Name", "Not enough buffer space") // Asterisk's words for 4,000 characters
	long, own := strings.Repeat("x", 4000), "+442079460100"
	for _, c := range []struct {
		from                 softphone.CallerID
		number, presentation string
	}{
		{softphone.CallerID{Number: "02079460009"}, "+442079460009", "allowed"},
		{softphone.CallerID{Number: "+442079460009"}, "+442079460009", "allowed"},
		{softphone.CallerID{Number: "00442079460009"}, "+442079460009", "allowed"},
		{softphone.CallerID{Number: "sip-user", Asserted: "<sip:+442079460009@provider.example>"}, "+442079460009", "allowed"},
		{softphone.CallerID{Number: "02079460009", Asserted: "<sip:+442079460009@provider.example>", Privacy: "id"}, "", "withheld"},
		{softphone.CallerID{Number: "anonymous", Host: "anonymous.invalid"}, "", "withheld"},
		{softphone.CallerID{Number: "Anonymous", Name: "Anonymous"}, "", "withheld"},
		{softphone.CallerID{Number: "Restricted"}, "", "withheld"},
		{softphone.CallerID{Number: "P"}, "", "withheld"},
		{softphone.CallerID{Number: "O"}, "", "unavailable"},
		{softphone.CallerID{Number: "unavailable", Name: "Unavailable"}, "", "unavailable"},
		{softphone.CallerID{Name: "Out of Area"}, "", "unavailable"},
		{softphone.CallerID{Number: "0", Name: "Private"}, "", "withheld"},
		{softphone.CallerID{Number: "0000000000"}, "", "unavailable"},
		{softphone.CallerID{Number: "+266696687"}, "", "withheld"},
		{softphone.CallerID{Number: "02079460009", Privacy: "id"}, "", "withheld"},
		{softphone.CallerID{Number: "x", Asserted: "<sip:+442079460009@provider.example>", Privacy: "session;critical"}, "+442079460009", "allowed"},
		{softphone.CallerID{Number: "02079460009", Asserted: "<sip:" + own + "@provider.example>"}, "+442079460009", "allowed"},
		{softphone.CallerID{Number: "anonymous", Asserted: "<sip:" + own + "@provider.example>"}, own, "allowed"},
		{softphone.CallerID{Number: "x", Asserted: "<tel:+44-20-7946-0009>"}, "+442079460009", "allowed"},
		{softphone.CallerID{Number: "%2B44(0)2079460009", Raw: true}, "+442079460009", "allowed"},
		{softphone.CallerID{Number: "%23", Raw: true}, "", "unavailable"},
		{softphone.CallerID{Number: "5550123;phone-context=+1201", Raw: true}, "+12015550123", "allowed"},
		{softphone.CallerID{Number: "02079460009", Name: `"><script>alert(1)</script>`}, "+442079460009", "allowed"},
		{softphone.CallerID{Number: "02079460009", Name: "${SHELL(touch /tmp/owned)},x),(y"}, "+442079460009", "allowed"},
		{softphone.CallerID{Number: "02079460009", Name: long}, "+442079460009", "allowed"},
		{softphone.CallerID{Number: "02079460009", Asserted: "<sip:+442079460009@" + long + ".example;verstat=" + long + ">"}, "+442079460009", "allowed"},
	} {
		before := len(h.calls())
		out := h.dialsAs(c.from)
		h.must(out.Answered(h.ctx))
		h.hangsUp(out)
		got := h.lastCall("screen", "caller-gone")
		if len(h.calls()) != before+1 || got.Number != c.number || got.Presentation != c.presentation {
			t.Errorf("%.80s: the log says %q, %s", c.from, got.Number, got.Presentation)
		}
		if strings.ContainsAny(got.Name, "\r\n\x00") || len(got.Name) > 256 {
			t.Errorf("%.80s: the name is kept as %q", c.from, got.Name)
		}
	}
}

// A contact's number that the network has found forged does not ring straight through.
func TestForgedContactIsScreened(t *testing.T) {
	h := openHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	out := h.dialsAs(softphone.CallerID{Number: "02079460001", Asserted: "<sip:+442079460001@provider.example;verstat=TN-Validation-Failed>"})
	h.statesName(out, "microsoft")
	in := h.picksUp(h.hall)
	h.hears(in, "warn-forged", "call-from", "microsoft")
	h.hangsUp(out)
	h.hears(in, "caller-gone")
	if c := h.lastCall("screen", "caller-gone"); c.Reasons[0].Code != "forged" {
		t.Errorf("the log says %+v", c)
	}
}

// Prompts are played wideband where the telephone can: G.722 carries sound above 4 kHz, which G.711 cannot.
func TestPromptsAreWideband(t *testing.T) {
	h := openHouse(t, func(o *testbed.Options) { o.Phones = []testbed.Phone{{Name: "wide"}} })
	wide := h.telephone("wide", softphone.G722)
	out := h.dials(neighbour)
	h.statesName(out, "neighbour")
	in := h.picksUp(wide)
	h.hears(in, "call-from", "neighbour", "choices")
	h.presses(in, "1")
	h.talk(out, in)
	h.hangsUp(out)
	heard := in.Sound()
	if heard.Rate != 16000 {
		t.Fatalf("the sound has %d samples a second", heard.Rate)
	}
	if share := above4kHz(heard); share < 0.001 {
		t.Errorf("only %.5f of the sound is above 4 kHz", share)
	}
}

// above4kHz is the share of a sound's energy in the upper half of its band: the difference of neighbouring samples is a
// high-pass; what is left after averaging them is the lower half.
func above4kHz(s audio.Sound) float64 {
	var high, all float64
	for i := 3; i < len(s.PCM); i++ {
		x := float64(s.PCM[i]) - 3*float64(s.PCM[i-1]) + 3*float64(s.PCM[i-2]) - float64(s.PCM[i-3])
		high += x * x / 64
		all += float64(s.PCM[i]) * float64(s.PCM[i])
	}
	return high / math.Max(all, 1)
}

// Asterisk asks no name server during a call. It runs here with a resolv.conf of its own, whose name server counts.
func TestNoNameServerIsAskedDuringACall(t *testing.T) {
	dir := t.TempDir()
	server, err := net.ListenPacket("udp4", "127.0.0.53:53")
	if err != nil {
		t.Fatalf("this test plays a name server, which takes root: %v", err)
	}
	t.Cleanup(func() { _ = server.Close() })
	var asked atomic.Int64
	go func() {
		for b := make([]byte, 512); ; {
			if _, _, err := server.ReadFrom(b); err != nil {
				return
			}
			asked.Add(1) // and never answered: the internet is down
		}
	}()
	for name, text := range map[string]string{"resolv.conf": "nameserver 127.0.0.53\noptions timeout:1 attempts:1\n", "hosts": "127.0.0.1 localhost\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	mounts := fmt.Sprintf(`mount --bind %s/resolv.conf "$(readlink -f /etc/resolv.conf)" && mount --bind %[1]s/hosts /etc/hosts && exec "$@"`, dir)
	unshare := []string{"unshare", "--mount", "sh", "-c", mounts, "sh"}
	probe := exec.Command(unshare[0], append(unshare[1:], "getent", "hosts", "ringfence.example")...)
	if out, err := probe.CombinedOutput(); err == nil || asked.Load() == 0 {
		t.Fatalf("the name server of this test is not asked: %v %s", err, out)
	}
	h := openHouse(t, func(o *testbed.Options) {
		o.Launch = func(i asterisk.Installation) asterisk.Installation {
			i.Program = append(unshare[:len(unshare):len(unshare)], i.Program...)
			return i
		}
	})
	h.run("contact", "add", "Daughter", daughter)
	before := asked.Load()
	out := h.dials("02079460001")
	in := h.picksUp(h.hall)
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	out, in = h.announced(neighbour, "neighbour")
	h.presses(in, "1")
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	if n := asked.Load() - before; n != 0 {
		t.Errorf("the name server was asked %d times", n)
	}
}

// Several Asterisks stand side by side, and each call stays in its own house.
func TestTwoHousesSideBySide(t *testing.T) {
	one := openHouse(t)
	other := one.another()
	one.run("mode", "off")
	out := one.dials(neighbour)
	in := one.picksUp(one.hall)
	one.talk(out, in)
	one.hangsUp(out)
	one.ended(in)
	other.neverRang(other.hall)
	if log := other.run("calls", "--json"); log != "" {
		t.Errorf("the other house has logged %s", log)
	}
}

// A leg whose other side has vanished without a word is cleared, by RTP's silence; until then nobody else is disturbed.
func TestVanishedCallerDoesNotBlockTheLine(t *testing.T) {
	h := openLongHouse(t)
	gone := h.dials(neighbour)
	h.beginsToHear(gone, "ask-name")
	gone.Vanish()
	h.run("contact", "add", "Daughter", daughter)
	out := h.dials("02079460001")
	in := h.picksUp(h.hall)
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	for h.ctx.Err() == nil { // said nothing, let go: nobody waits for the vanished one's BYE
		if calls := h.calls(); calls[1].Ended != nil && calls[1].Outcome == "no-name" {
			return
		}
		time.Sleep(100 * time.Millisecond) // the script asks twice first
	}
	t.Errorf("the vanished caller's call never ended: %+v", h.calls())
}
