package packaging

import (
	"context"
	"os/exec"
	"strings"
	"time"

	"ringfence/demo/testbed"
	"ringfence/notify/notifytest"
	"ringfence/softphone"
)

// The home network, which lies in a network namespace of the test's own: a bridge with the router, the adapter, a phone and the computer.
const (
	router      = "10.78.0.1"
	adapterIP   = "10.78.0.20" // from which calls come
	adapterPort = "5062"       // of an HT813's line
	telephone   = "10.78.0.21"
	firstLease  = "10.78.0.50"
	otherLease  = "10.78.0.51"

	itsPort = "vb-ringfence" // where the computer is plugged into the network: as systemd-nspawn calls it

	stranger = "02079460009"
)

// home makes the home network, with an address for the computer and an adapter.
func (c *computer) home() {
	c.Helper()
	for _, command := range []string{
		"link set lo up", "link add home0 type bridge", "link set home0 up", "address add " + router + "/24 dev home0", "address add " + telephone + "/24 dev home0",
	} {
		c.on("ip", strings.Fields(command)...)
	}
	c.leases(firstLease)
	c.Cleanup(c.stopLeases)
	c.plug()
	c.Cleanup(func() { _ = c.adapter.Close() })
}

// leases has the router give the computer an address; what it had before is refused.
func (c *computer) leases(address string) {
	c.Helper()
	c.stopLeases()
	c.dhcp = exec.Command("dnsmasq", "--keep-in-foreground", "--port=0", "--interface=home0", "--bind-interfaces", "--user=root", "--dhcp-authoritative", //nolint:gosec // addresses of the test's own
		"--no-ping", "--leasefile-ro", "--conf-file=/dev/null", "--pid-file=", "--dhcp-range="+address+","+address+",2m")
	c.must(c.dhcp.Start())
}

func (c *computer) stopLeases() {
	if c.dhcp != nil {
		_ = c.dhcp.Process.Kill()
		_ = c.dhcp.Wait() // how it ends is no matter
		c.dhcp = nil
	}
}

// plug gives the adapter power.
func (c *computer) plug() {
	c.Helper()
	c.on("ip", "address", "add", adapterIP+"/24", "dev", "home0")
	library, err := testbed.Library("en-GB")
	c.must(err)
	c.adapter, err = softphone.NewCaller(softphone.Config{Name: "adapter", Address: adapterIP + ":" + adapterPort, Outside: true, Library: library})
	c.must(err)
}

// pull pulls its plug: it answers nothing any more, and nobody has its address.
func (c *computer) pull() {
	c.Helper()
	c.must(c.adapter.Close())
	c.on("ip", "address", "del", adapterIP+"/24", "dev", "home0")
}

// hasAddress waits until the computer has an address.
func (c *computer) hasAddress(address string) {
	c.Helper()
	c.until("ip -4 address show host0 | grep -q " + address)
}

// hall is the phone in the home, registered at the computer's address until the step ends.
func (c *computer) hall(at string) *softphone.Phone {
	c.Helper()
	library, err := testbed.Library("en-GB")
	c.must(err)
	login := c.settings().Households[0].Phones[0]
	ctx, cancel := context.WithTimeout(c.ctx, 3*time.Minute)
	defer cancel()
	for {
		phone, err := softphone.NewPhone(softphone.PhoneConfig{
			Config: softphone.Config{Name: "hall", Address: telephone + ":0", Outside: true, Library: library},
			Server: at + ":5060", User: "home-hall", Password: login.Password,
		})
		c.must(err)
		try, stop := context.WithTimeout(ctx, 2*time.Second)
		err = phone.Register(try)
		stop()
		if err == nil {
			c.Cleanup(func() { _ = phone.Close() })
			return phone
		}
		_ = phone.Close() // it could not register
		if ctx.Err() != nil {
			c.Fatalf("the phone can't register at %s: %v", at, err)
		}
	}
}

// talk is a stranger's call that was screened, announced and taken; both can talk.
type talk struct {
	c             *computer
	caller, house *softphone.Call
}

// screened has a stranger ring, say who they are, be announced in their own voice, and be put through by key 1.
func (c *computer) screened(at string, phone *softphone.Phone) *talk {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, 3*time.Minute)
	defer cancel()
	caller, err := c.adapter.Dial(ctx, softphone.Dial{
		Number: testbed.Number, At: at + ":5060", From: softphone.CallerID{Number: stranger}, User: "trunk-line", Password: c.settings().Trunks[0].Password,
	})
	c.must(err)
	t := &talk{c: c, caller: caller}
	hears := func(call *softphone.Call, names ...string) {
		c.Helper()
		for _, name := range names {
			_, err := call.HearsOut(ctx, name)
			c.must(err)
		}
	}
	hears(caller, "ask-name", "beep")
	t.says(ctx, caller, "neighbour")
	hears(caller, "please-hold")
	t.house, err = phone.Rings(ctx)
	c.must(err)
	c.must(t.house.Answer(ctx))
	hears(t.house, "call-from", "neighbour", "choices")
	c.must(t.house.Press(ctx, "1"))
	hears(t.house, "connecting")
	t.goOn()
	return t
}

func (t *talk) says(ctx context.Context, call *softphone.Call, voice string) {
	t.c.Helper()
	recording, err := softphone.Voice(voice)
	t.c.must(err)
	t.c.must(call.Say(ctx, recording))
}

// goOn has each hear the other.
func (t *talk) goOn() {
	t.c.Helper()
	ctx, cancel := context.WithTimeout(t.c.ctx, time.Minute)
	defer cancel()
	t.says(ctx, t.caller, "neighbour-talks")
	_, err := t.house.HearsOut(ctx, "neighbour-talks")
	t.c.must(err)
	t.says(ctx, t.house, "hello")
	_, err = t.caller.HearsOut(ctx, "hello")
	t.c.must(err)
}

func (t *talk) end() {
	t.c.Helper()
	ctx, cancel := context.WithTimeout(t.c.ctx, time.Minute)
	defer cancel()
	t.c.must(t.caller.Hangup(ctx))
	_, err := t.house.Ended(ctx)
	t.c.must(err)
}

// receives waits until a message with some words has come.
func (c *computer) receives(ctx context.Context, to *notifytest.Webhook, words string) {
	c.Helper()
	for {
		for _, message := range to.Got() {
			if strings.Contains(message, words) {
				return
			}
		}
		select {
		case <-to.Heard:
		case <-ctx.Done():
			c.Fatalf("no message says %q; there were %q", words, to.Got())
		}
	}
}
