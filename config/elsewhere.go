package config

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// elsewhere says that the line or a phone is on another device, and that Asterisk listens where only this machine reaches it. Nobody could ring.
func (s Settings) elsewhere() error {
	if !s.Asterisk.OnlyHere() {
		return nil
	}
	for _, t := range s.Trunks {
		if !IsHere(t.Host()) {
			return s.unreachable("the trunk "+t.Name, t.Host())
		}
	}
	for _, h := range s.Households {
		for _, p := range h.Phones {
			at, err := netip.ParseAddrPort(p.Address)
			if err == nil && !IsHere(at.Addr().String()) {
				return s.unreachable(fmt.Sprintf("the phone %s of %s", p.Name, h.Name), at.Addr().String())
			}
		}
	}
	return nil
}

func (s Settings) unreachable(who, host string) error {
	return fmt.Errorf("asterisk.sip is %s, where nothing outside this machine can reach Asterisk, and %s is at %s: %s", s.Asterisk.SIP, who, host, s.ListenAdvice(host))
}

// ListenAdvice says what to write so that Asterisk listens in the network of host; "" is the home's network.
func (s Settings) ListenAdvice(host string) string {
	_, port, err := s.Asterisk.sip()
	if err != nil {
		port = 5060
	}
	here := HomeAddress(host)
	if here == "" {
		return "give this machine an address in the home's network, and write it there with the port, such as sip = \"192.168.1.10:5060\""
	}
	return fmt.Sprintf("under [asterisk] write sip = %q, which is this machine's own address, and give that to the adapter and the phones", net.JoinHostPort(here, fmt.Sprint(port)))
}

// OnlyHere says that Asterisk listens where only this machine reaches it.
func (a Asterisk) OnlyHere() bool {
	host, _, err := a.sip()
	return err == nil && IsHere(host)
}

// IsHere says whether an address is one of the loopback network.
func IsHere(host string) bool {
	at, err := netip.ParseAddr(host)
	return err == nil && at.IsLoopback() || strings.EqualFold(host, "localhost")
}

// HomeAddress is this machine's address in the home's network: the one in the same network as host, if there is one, else the first private one;
// "" where it has none.
func HomeAddress(host string) string {
	all, _ := net.InterfaceAddrs() // without them no address can be named, which is said
	first := ""
	for _, a := range all {
		network, ok := a.(*net.IPNet)
		if !ok || network.IP.To4() == nil || network.IP.IsLoopback() || network.IP.IsLinkLocalUnicast() {
			continue
		}
		if ip := net.ParseIP(host); ip != nil && network.Contains(ip) {
			return network.IP.String()
		}
		if first == "" && network.IP.IsPrivate() {
			first = network.IP.String()
		}
	}
	return first
}
