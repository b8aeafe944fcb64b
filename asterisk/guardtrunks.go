package asterisk

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// trunks returns a function that knows the addresses of trunks, and of telephones at a fixed address, from Asterisk's configuration. While a
// name has never been resolved it returns an error, and nobody is refused.
func (g *guard) trunks(ctx context.Context) (func(netip.Prefix) bool, error) {
	f, err := os.Open(filepath.Join(g.dir, "pjsip.conf"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	var known []netip.Prefix
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var found []netip.Prefix
		var err error
		if match, is := strings.CutPrefix(lines.Text(), "match = "); is {
			found, err = networkOf(match)
		} else if contact, is := strings.CutPrefix(lines.Text(), "contact = sip:"); is {
			found, err = g.serversOf(ctx, contact)
		}
		if err != nil {
			return nil, err
		}
		known = append(known, found...)
	}
	return func(from netip.Prefix) bool { return slices.ContainsFunc(known, from.Overlaps) }, lines.Err()
}

// networkOf is a network, or an address as one.
func networkOf(text string) ([]netip.Prefix, error) {
	if network, err := netip.ParsePrefix(text); err == nil {
		return []netip.Prefix{network.Masked()}, nil
	}
	at, err := netip.ParseAddr(text)
	if err != nil {
		return nil, err
	}
	return []netip.Prefix{netip.PrefixFrom(at.Unmap(), at.Unmap().BitLen())}, nil
}

// serversOf are the addresses of "user@host:port" or "host:port", as pjsip.conf has them.
func (g *guard) serversOf(ctx context.Context, contact string) ([]netip.Prefix, error) {
	to := contactTrunk(contact)
	if found, err := networkOf(to.Host); err == nil {
		return found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, resolveLimit)
	defer cancel()
	if now, err := to.Servers(ctx, g.names); err == nil {
		g.resolved[contact] = nil
		for _, server := range now {
			g.resolved[contact] = append(g.resolved[contact], netip.PrefixFrom(server.Addr(), server.Addr().BitLen()))
		}
	}
	found, ever := g.resolved[contact]
	if !ever {
		return nil, fmt.Errorf("the address of %s is not known yet", to.Host)
	}
	return found, nil
}

// contactTrunk reads what pjsip.conf has of Trunk.Contact.
func contactTrunk(contact string) Trunk {
	address, way, _ := strings.Cut(contact[strings.LastIndex(contact, "@")+1:], `\;`)
	t := Trunk{Host: address, TLS: way == "transport=tls"}
	if host, port, err := net.SplitHostPort(address); err == nil {
		t.Host = host
		t.Port, _ = strconv.Atoi(port) // with any port, no SRV records are looked for
	}
	return t
}
