package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/demo/testbed"
	"ringfence/internal/servetest"
	"ringfence/softphone"
)

// Lines at a provider: a second Asterisk is the provider's exchange, between the household and everybody else.

// provided is a house whose line is at an exchange.
type provided struct {
	*house
	exchange *telephoneExchange
	network  *softphone.Provider // where the household's calls arrive
}

const lineUser, linePassword = "01632960100", "k3v9-xq27-ma7r-line"

// registering are the settings of a line at an exchange.
func registering(address, more string) string {
	return fmt.Sprintf("address = %q\nregister = true\nuser = %q\npassword = %q\n%s\n", address, lineUser, linePassword, more)
}

// exchangeAt starts an exchange.
func exchangeAt(t *testing.T, o exchangeOptions) *telephoneExchange {
	t.Helper()
	log := &syncBuffer{}
	o.Dir, o.Install, o.User, o.Password, o.Log = filepath.Join(t.TempDir(), "exchange"), install, lineUser, linePassword, log
	var err error
	if o.Network, err = testbed.Free("udp", testbed.TrunkIP); err != nil {
		t.Fatal(err)
	}
	e, err := openExchange(t.Context(), o)
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	t.Cleanup(func() {
		_ = e.Close() // it is not what is tested
		if t.Failed() {
			t.Logf("what the exchange said:\n%s", log)
		}
	})
	return e
}

// openProvided opens a house with a line at an exchange, and waits until it is registered, which with some of them takes as long as anything here.
func openProvided(t *testing.T, at exchangeOptions, change func(*testbed.Options)) *provided {
	t.Helper()
	var e *telephoneExchange
	h := openLongHouse(t, func(o *testbed.Options) {
		e = exchangeAt(t, at) // not before it is this test's turn
		change(o)
	})
	h.must(e.Registered(h.ctx))
	return &provided{house: h, exchange: e, network: networkOf(h, e)}
}

// networkOf is everybody whom the household can ring through an exchange.
func networkOf(h *house, e *telephoneExchange) *softphone.Provider {
	h.Helper()
	library, err := testbed.Library("en-GB")
	h.must(err)
	network, err := softphone.NewProvider(softphone.ProviderConfig{Config: softphone.Config{Name: "network", Address: e.Network, Library: library}})
	h.must(err)
	h.Cleanup(func() { _ = network.Close() })
	return network
}

// callsWork checks that calls come in and go out, to 999 as well, and that both sides hear each other.
func (p *provided) callsWork() {
	p.Helper()
	p.run("mode", "off")
	p.comesIn(p.exchange)
	for _, number := range []string{"02079460555", "999"} {
		p.goesOut(p.hall, number)
	}
	p.lastCall("ring", "talked")
}

// goesOut lets a phone of the household ring somebody through the exchange.
func (p *provided) goesOut(phone *softphone.Phone, number string) {
	p.Helper()
	out, err := phone.Call(p.ctx, number)
	p.must(err)
	in := p.reaches(out)
	if in.Dialled() != number {
		p.Errorf("dialled %s, and the network was asked for %s", number, in.Dialled())
	}
	p.must(in.Answer(p.ctx))
	p.talk(out, in)
	p.hangsUp(out)
	p.ended(in)
}

// reaches waits for a call of the household's at the network. It does not wait for one that has ended.
func (p *provided) reaches(out *softphone.Call) *softphone.Call {
	p.Helper()
	ctx, stop := context.WithCancel(p.ctx)
	defer stop()
	go func() {
		if _, err := out.Ended(ctx); err == nil {
			stop()
		}
	}()
	in, err := p.network.Rings(ctx)
	if err != nil {
		p.Fatalf("%s reached nobody: %v", out, err)
	}
	return in
}

// comesIn lets somebody outside ring the household through an exchange.
func (p *provided) comesIn(e *telephoneExchange) {
	p.Helper()
	out, err := p.caller.Dial(p.ctx, softphone.Dial{Number: "02079460100", At: e.Address, From: softphone.CallerID{Number: neighbour}})
	p.must(err)
	in := p.picksUp(p.hall)
	p.talk(out, in)
	p.hangsUp(out)
	p.ended(in)
}

// free is a port for TLS of one of the two kinds of addresses.
func free(t *testing.T, network, ip string) string {
	t.Helper()
	address, err := testbed.Free(network, ip)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func tlsPort(t *testing.T, ip string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(free(t, "tcp", ip))
	if err != nil {
		t.Fatal(err)
	}
	return "tls_port = " + port
}

// openTLS opens a house with a line over TLS at an exchange. trunk has more of the line's settings.
func openTLS(t *testing.T, at exchangeOptions, trunk string) *provided {
	t.Helper()
	authority := servetest.NewAuthority(t)
	at.Line = free(t, "tcp", exchangeIP)
	at.Cert, at.Key = authority.Issue(t, time.Now().Add(time.Hour), exchangeIP)
	return openProvided(t, at, func(o *testbed.Options) {
		o.Asterisks = tlsPort(t, testbed.AsteriskIP)
		o.Trunk = registering(at.Line, fmt.Sprintf("tls = true\nca = %q\n%s", authority.File, trunk))
	})
}

func TestLineWithTLSAndSRTP(t *testing.T) {
	p := openTLS(t, exchangeOptions{SRTP: true}, "srtp = true")
	p.callsWork()
	if check := p.run("check"); !strings.Contains(check, "registered at") || !strings.Contains(check, "shows a good certificate") {
		t.Errorf("check says:\n%s", check)
	}
}

// Whoever calls without TLS from an address of the provider's does not get through.
func TestCallInTheClearIsRefused(t *testing.T) {
	p := openTLS(t, exchangeOptions{}, "")
	p.run("mode", "off")
	library, err := testbed.Library("en-GB")
	p.must(err)
	stranger, err := softphone.NewCaller(softphone.Config{Name: "stranger", Address: exchangeIP + ":0", Library: library})
	p.must(err)
	p.Cleanup(func() { _ = stranger.Close() })
	p.excuse("came in the clear")
	out, err := stranger.Dial(p.ctx, softphone.Dial{Number: lineUser, At: p.SIP, From: softphone.CallerID{Number: neighbour}})
	p.must(err)
	if ended := p.ended(out); ended.Code < 400 {
		p.Errorf("a call without TLS from %s: %s", exchangeIP, ended)
	}
	p.neverRang(p.hall)
	p.comesIn(p.exchange)
}

// A provider that does not encrypt the sound cannot be talked with if the settings say srtp: neither side hears anything, and the caller is told.
func TestSRTPIsRequired(t *testing.T) {
	p := openTLS(t, exchangeOptions{}, "srtp = true")
	p.run("mode", "off")
	p.excuse("Couldn't negotiate stream")
	out, err := p.caller.Dial(p.ctx, softphone.Dial{Number: "02079460100", At: p.exchange.Address, From: softphone.CallerID{Number: neighbour}})
	p.must(err)
	if ended := p.ended(out); ended.Code < 400 {
		t.Errorf("a call without encrypted sound: %s", ended)
	}
	p.neverRang(p.hall)
}

// Whatever is wrong with a provider's certificate, nothing is sent to it, and nothing in the clear either.
func TestTLSIsNeverLeftOut(t *testing.T) {
	t.Parallel()
	ours, others := servetest.NewAuthority(t), servetest.NewAuthority(t)
	for what, shown := range map[string]func(t *testing.T) (cert, key string){
		"expired": func(t *testing.T) (string, string) {
			return ours.Issue(t, time.Now().Add(-time.Hour), exchangeIP)
		},
		"other name": func(t *testing.T) (string, string) {
			return ours.Issue(t, time.Now().Add(time.Hour), "elsewhere.example")
		},
		"forged": func(t *testing.T) (string, string) {
			return others.Issue(t, time.Now().Add(time.Hour), exchangeIP)
		},
	} {
		t.Run(what, func(t *testing.T) {
			line := free(t, "tcp", exchangeIP)
			plain := listensInTheClear(t, line)
			cert, key := shown(t)
			var e *telephoneExchange
			h := openHouse(t, func(o *testbed.Options) {
				e = exchangeAt(t, exchangeOptions{Line: line, Cert: cert, Key: key})
				o.Keep = true
				o.Asterisks = tlsPort(t, testbed.AsteriskIP)
				o.Trunk = registering(line, fmt.Sprintf("tls = true\nca = %q", ours.File))
			})
			failed, registered := h.Logged("on registration attempt to"), make(chan error, 1)
			go func() { registered <- e.Registered(h.ctx) }()
			select {
			case <-failed:
			case err := <-registered:
				t.Fatalf("Asterisk has registered, or has not tried to: %v", err)
			}
			h.checkSays("shows a certificate")
			if got := plain(); got != "" {
				t.Errorf("in the clear it was sent %q", got)
			}
			if there, err := e.HasRegistered(h.ctx); there || err != nil {
				t.Errorf("registered: %v %v", there, err)
			}
		})
	}
}

// listensInTheClear listens at a UDP address; what has come is told by the function that it returns.
func listensInTheClear(t *testing.T, address string) func() string {
	t.Helper()
	c, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	heard := &syncBuffer{}
	go func() {
		packet := make([]byte, 4096)
		for {
			n, _, err := c.ReadFrom(packet)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			_, _ = heard.Write(bytes.TrimSpace(packet[:n])) // it never fails
		}
	}()
	t.Cleanup(func() { _ = c.Close() }) // nothing more can come
	return heard.String
}

// IPv6 on both sides: the provider, and a telephone of the household.
func TestLineAndTelephoneOverIPv6(t *testing.T) {
	e := exchangeOptions{Line: free(t, "udp", "::1")}
	six := free(t, "udp", "::1")
	p := openProvided(t, e, func(o *testbed.Options) {
		o.Asterisks = fmt.Sprintf("sip6 = %q", six)
		o.Trunk = registering(e.Line, "")
		o.Phones = []testbed.Phone{{Name: "hall", IPv6: true, Server: six}, {Name: "kitchen"}}
	})
	p.callsWork()
	p.goesOut(p.telephone("kitchen"), "999")
}

func TestLineWithTLSAndSRTPOverIPv6(t *testing.T) {
	authority := servetest.NewAuthority(t)
	cert, key := authority.Issue(t, time.Now().Add(time.Hour), "::1")
	e := exchangeOptions{Line: free(t, "tcp", "::1"), Cert: cert, Key: key, SRTP: true}
	p := openProvided(t, e, func(o *testbed.Options) {
		o.Asterisks = fmt.Sprintf("sip6 = %q\n%s", free(t, "udp", "::1"), tlsPort(t, "::1"))
		o.Trunk = registering(e.Line, fmt.Sprintf("tls = true\nsrtp = true\nca = %q", authority.File))
	})
	p.callsWork()
}
