package main_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"ringfence/asterisk"
	"ringfence/demo/testbed"
	"ringfence/internal/servetest"
)

// A provider with several servers, which its name's SRV records list.

const providersName = "provider.example"

// nameServer answers for the servers of a provider, the first before the second, and for nothing else.
type nameServer struct {
	services map[string][]netip.AddrPort // by the name of the SRV records
	at       string
}

// newNameServer starts one at an address of loopback that is free. It takes root.
func newNameServer(t *testing.T, service string, servers ...string) *nameServer {
	t.Helper()
	n := &nameServer{services: map[string][]netip.AddrPort{}}
	for _, s := range servers {
		n.services[service] = append(n.services[service], netip.MustParseAddrPort(s))
	}
	for last := range 250 {
		n.at = fmt.Sprintf("127.0.1.%d", last+1)
		c, err := net.ListenPacket("udp4", n.at+":53")
		if err != nil {
			continue
		}
		t.Cleanup(func() { _ = c.Close() }) // nothing more is asked
		go n.serve(c)
		return n
	}
	t.Fatal("this test plays a name server, which takes root")
	return nil
}

func (n *nameServer) serve(c net.PacketConn) {
	b := make([]byte, 1500)
	for {
		size, from, err := c.ReadFrom(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		var asked dnsmessage.Message
		if err != nil || asked.Unpack(b[:size]) != nil || len(asked.Questions) != 1 {
			continue
		}
		if answer, err := n.answer(asked); err == nil {
			_, _ = c.WriteTo(answer, from) // it only fails once the socket is closed
		}
	}
}

func (n *nameServer) answer(asked dnsmessage.Message) ([]byte, error) {
	q := asked.Questions[0]
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	answer := dnsmessage.Message{Header: dnsmessage.Header{ID: asked.ID, Response: true, RecursionAvailable: true, RecursionDesired: asked.RecursionDesired}, Questions: asked.Questions}
	head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}
	switch q.Type {
	case dnsmessage.TypeSRV:
		for i, s := range n.services[name] {
			target := dnsmessage.MustNewName(fmt.Sprintf("sip%d.%s.", i+1, providersName))
			answer.Answers = append(answer.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.SRVResource{Priority: uint16(i + 1), Port: s.Port(), Target: target}})
		}
	case dnsmessage.TypeA:
		for _, all := range n.services {
			for i, s := range all {
				if name == fmt.Sprintf("sip%d.%s", i+1, providersName) {
					answer.Answers = append(answer.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: s.Addr().As4()}})
				}
			}
		}
	}
	if len(answer.Answers) == 0 && !strings.HasSuffix(name, providersName) {
		answer.RCode = dnsmessage.RCodeNameError
	}
	return answer.Pack()
}

// sees is the command under which a program asks this name server.
func (n *nameServer) sees(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"resolv.conf": "nameserver " + n.at + "\n", "hosts": "127.0.0.1 localhost\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	mounts := fmt.Sprintf(`mount --bind %s/resolv.conf "$(readlink -f /etc/resolv.conf)" && mount --bind %[1]s/hosts /etc/hosts && exec "$@"`, dir)
	return []string{"unshare", "--mount", "sh", "-c", mounts, "sh"}
}

// A line whose first server dies goes on with the second, for calls in both directions.
func TestProvidersFirstServerDies(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		network, service string
		tls              bool
	}{
		"UDP": {"udp", "_sip._udp." + providersName, false},
		"TLS": {"tcp", "_sips._tcp." + providersName, true},
	} {
		t.Run(what, func(t *testing.T) {
			authority := servetest.NewAuthority(t)
			exchange := exchangeOptions{SRTP: c.tls}
			trunk := "srv = true"
			if c.tls {
				exchange.Cert, exchange.Key = authority.Issue(t, time.Now().Add(time.Hour), providersName)
				trunk += fmt.Sprintf("\ntls = true\nsrtp = true\nca = %q", authority.File)
			}
			var second *telephoneExchange
			var seen []string
			exchange.Line = free(t, c.network, exchangeIP)
			p := openProvided(t, exchange, func(o *testbed.Options) {
				other := exchange
				other.Line = free(t, c.network, exchangeIP)
				second = exchangeAt(t, other)
				seen = newNameServer(t, c.service, exchange.Line, other.Line).sees(t)
				o.Keep = true
				o.Asterisks = tlsPort(t, testbed.AsteriskIP)
				o.Trunk = registering(providersName, trunk)
				o.Launch = func(i asterisk.Installation) asterisk.Installation {
					i.Program = append(seen[:len(seen):len(seen)], i.Program...)
					return i
				}
			})
			first := p.exchange
			p.callsWork()
			if there, err := second.HasRegistered(p.ctx); there || err != nil {
				t.Errorf("registered at the second server already: %v %v", there, err)
			}
			began := time.Now()
			p.killedFarAway(first)
			p.must(second.Registered(p.ctx))
			t.Logf("registered at the second server after %.1f s", time.Since(began).Seconds())
			p.network = networkOf(p.house, second)
			p.exchange = second
			p.callsWork()
			p.checkSees(seen, first.Line, second.Line)
		})
	}
}

// killedFarAway kills an exchange whose connections are refused a round trip later from then on, as over the internet. On loopback the refusal can
// come before pjproject has handed its request to the connection. It lies there for timer_b then, and the call fails (docs/asterisk.md).
func (p *provided) killedFarAway(e *telephoneExchange) {
	p.Helper()
	p.must(p.FreezeAsterisk()) // it is not to try before the port is taken
	p.must(e.Kill())
	l, err := net.Listen("tcp", e.Line)
	p.must(err)
	p.Cleanup(func() { _ = l.Close() }) // nobody comes any more
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			time.AfterFunc(100*time.Millisecond, func() { _ = c.Close() })
		}
	}()
	p.must(p.ThawAsterisk())
}

// checkSees checks that check finds both servers, and the line working.
func (p *provided) checkSees(seen []string, servers ...string) {
	p.Helper()
	out, err := exec.CommandContext(p.ctx, seen[0], append(seen[1:len(seen):len(seen)], plain, "--config", p.Settings, "check")...).CombinedOutput() //nolint:gosec // the program under test
	if err != nil {
		p.Errorf("check: %v", err)
	}
	for _, words := range append(servers, "registered at "+providersName) {
		if !strings.Contains(string(out), words) {
			p.Errorf("check does not name %s:\n%s", words, out)
		}
	}
}
