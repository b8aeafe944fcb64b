package main_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/cmd/faults/figures"
	"ringfence/demo/testbed"
)

const (
	builtIn   = "RINGFENCE_TEST_BUILT"   // the folder in which the programs under test were built
	ownSystem = "RINGFENCE_TEST_NETWORK" // set in a network namespace of the test's own
)

// inANetworkOfItsOwn runs a test once more in a network namespace of its own, where addresses come and go as it likes, and is true there.
func inANetworkOfItsOwn(t *testing.T) bool {
	t.Helper()
	if os.Getenv(ownSystem) != "" {
		ip(t, "link", "set", "lo", "up")
		return true
	}
	t.Parallel()
	slots.take(t, true)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	again := exec.CommandContext(ctx, "unshare", "--net", os.Args[0], "-test.v", "-test.run", "^"+t.Name()+"$") //nolint:gosec // this program itself
	again.Env = append(os.Environ(), ownSystem+"=1", builtIn+"="+filepath.Dir(watched))
	out, err := again.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "calls worked") {
			t.Log(strings.TrimSpace(line))
		}
	}
	return false
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// openAt is a house whose Asterisk is kept as in a household, and listens where asterisk.sip says. Its telephone has not registered.
func openAt(t *testing.T, sip string) *house {
	return openHouse(t, raced, func(o *testbed.Options) {
		o.SIPAddress, o.Keep, o.Phones = sip, true, []testbed.Phone{{Name: "kitchen"}}
	})
}

// callsWorkAt waits until the telephone could register at an address and a call has rung it, after something has just happened.
func (h *house) callsWorkAt(sip, after string) {
	h.Helper()
	began := time.Now()
	h.SIP = sip
	try, cancel := context.WithTimeout(h.ctx, time.Second)
	phone, err := h.Telephone(try, "kitchen", nil)
	cancel()
	if phone == nil {
		h.Fatal(err)
	}
	// It stays one telephone, whose tries Asterisk takes in order. A REGISTER that has waited for Asterisk's start may be served after that of another one.
	for err != nil && h.ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond) // nobody tells a telephone when its server is there
		try, cancel = context.WithTimeout(h.ctx, time.Second)
		err = phone.Register(try)
		cancel()
	}
	h.Cleanup(func() { _ = phone.Close() }) // Asterisk may be gone by now
	if err != nil {
		h.Fatalf("the telephone can't register at %s: %v", sip, err)
	}
	out := h.dials(neighbour)
	in := h.picksUp(phone)
	figures.Note(h.T, "calls worked %.1f s after %s", time.Since(began).Seconds(), after)
	// The address is noticed within 2 s; the rest is Asterisk's start, which takes 1 s, or 7 beside other tests. make faults runs this alone.
	h.within(10*time.Second, began, time.Now(), "calls' working")
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
}

// checkSays checks that ringfence check fails, and says why.
func (h *house) checkSays(words string) {
	h.Helper()
	out, err := h.Command(h.ctx, "check")
	if err == nil || !strings.Contains(out, words) {
		h.Errorf("check does not say %q: %v\n%s", words, err, out)
	}
}

// healthSays waits until /health says something.
func (h *house) healthSays(words string) {
	h.Helper()
	said := ""
	for !strings.Contains(said, words) {
		if h.ctx.Err() != nil {
			h.Fatalf("the health says %s, not %s", said, words)
		}
		time.Sleep(500 * time.Millisecond) // the application looks every ten seconds
		answer, err := http.Get("http://" + h.Web + "/health")
		h.must(err)
		text, err := io.ReadAll(answer.Body)
		h.must(errors.Join(err, answer.Body.Close()))
		said = string(text)
	}
}

const atHome = "10.77.0.1:15060"

// A machine that starts before the router has given it its address has calls as soon as it has one.
func TestAddressThatComesAfterTheStart(t *testing.T) {
	if !inANetworkOfItsOwn(t) {
		return
	}
	h := openAt(t, atHome)
	h.run("mode", "off")
	h.checkSays("this machine has no address 10.77.0.1")
	ip(t, "address", "add", "10.77.0.1/24", "dev", "lo")
	h.callsWorkAt(atHome, "the address came")
}

// Another program that has the SIP port is named as what is wrong, and Asterisk takes the port once it is free.
func TestPortThatAnotherProgramHas(t *testing.T) {
	if !inANetworkOfItsOwn(t) {
		return
	}
	ip(t, "address", "add", "10.77.0.1/24", "dev", "lo")
	other, err := net.ListenPacket("udp4", atHome)
	if err != nil {
		t.Fatal(err)
	}
	h := openAt(t, atHome)
	h.run("mode", "off")
	h.checkSays("another program on this machine has UDP port " + atHome)
	h.healthSays(`{"name":"asterisk","up":false}`)
	h.must(other.Close())
	h.callsWorkAt(atHome, "the port was free")
	h.healthSays(`{"name":"asterisk","up":true}`)
}

// An address that the router changes is found by the interface's name.
func TestAddressThatChanges(t *testing.T) {
	if !inANetworkOfItsOwn(t) {
		return
	}
	h := openAt(t, "lo:15060")
	h.run("mode", "off")
	h.checkSays("this machine has no address on lo")
	for i, after := range []string{"the interface got an address", "the address changed"} {
		address := fmt.Sprintf("10.77.0.%d", i+1)
		ip(t, "address", "add", address+"/24", "dev", "lo")
		h.callsWorkAt(address+":15060", after)
		ip(t, "address", "del", address+"/24", "dev", "lo")
	}
}

// An address that is gone for a moment, as when a cable is pulled or a lease renewed, ends no call.
func TestAddressThatIsGoneForAMoment(t *testing.T) {
	if !inANetworkOfItsOwn(t) {
		return
	}
	ip(t, "address", "add", "10.77.0.1/24", "dev", "lo")
	h := openAt(t, "lo:15060")
	h.run("mode", "off")
	h.SIP = atHome
	phone := h.telephone("kitchen")
	out := h.dials(neighbour)
	in := h.picksUp(phone)
	h.talk(out, in)
	noticed, restarted := h.Logged("no calls until the machine has its address"), h.Logged("restarting Asterisk")
	ip(t, "address", "del", "10.77.0.1/24", "dev", "lo")
	select {
	case <-noticed:
	case <-restarted:
		t.Fatal("Asterisk was restarted, which ends all calls")
	case <-h.ctx.Done():
		t.Fatal("that the address is gone was not noticed")
	}
	ip(t, "address", "add", "10.77.0.1/24", "dev", "lo")
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	h.callsWorkAt(atHome, "an address that had been gone for a moment")
}
