package fetch

import (
	"fmt"
	"net"
	"net/netip"
)

// notPublic are the networks that are not on the public internet, or that lead to others which may not be: those that IANA's
// registries of special-purpose addresses do not call globally reachable (iana.org/assignments/iana-ipv4-special-registry and
// -ipv6-special-registry), multicast, and the tunnels of IPv4 in IPv6.
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
	"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// global is where all public addresses of IPv6 are.
var global = netip.MustParsePrefix("2000::/3")

// translated is how IPv4 is reached from a network that has only IPv6 (RFC 6052): the last 32 bits are the address.
var translated = netip.MustParsePrefix("64:ff9b::/96")

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// Public returns ErrPrivate for an address that must not be dialled: one that is not on the public internet, or is in one of this machine's own networks, because
// in a home with IPv6 every device has a public address.
func Public(at netip.AddrPort) error {
	if !onInternet(at.Addr()) {
		return fmt.Errorf("%w (%s)", ErrPrivate, at.Addr())
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return fmt.Errorf("%w (%s): which networks this machine is in cannot be told: %w", ErrPrivate, at.Addr(), err)
	}
	if neighbour(at.Addr(), own) {
		return fmt.Errorf("%w (%s)", ErrPrivate, at.Addr())
	}
	return nil
}

// atHome returns ErrPublic for an address that is not in a private network.
func atHome(at netip.AddrPort) error {
	if Public(at) == nil {
		return fmt.Errorf("%w (%s)", ErrPublic, at.Addr())
	}
	return nil
}

func onInternet(addr netip.Addr) bool {
	addr = addr.Unmap()
	if translated.Contains(addr.WithZone("")) {
		bytes := addr.As16()
		addr = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	if addr.Zone() != "" || addr.Is6() && !global.Contains(addr) {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(addr) {
			return false
		}
	}
	return addr.IsValid()
}

// neighbour says whether an address is in one of this machine's own networks.
func neighbour(addr netip.Addr, own []net.Addr) bool {
	for _, one := range own {
		p, err := netip.ParsePrefix(one.String())
		if err == nil && p.Bits() > 0 && p.Masked().Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}
