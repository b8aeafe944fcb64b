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
	"strings"
)

// trunks returns a function that knows the addresses of trunks, and of telephones at a fixed address, from Asterisk's configuration. While a
// name has never been resolved it returns an error, and nobody is refused.
func (g *guard) trunks(ctx context.Context) (func(netip.Addr) bool, error) {
	f, err := os.Open(filepath.Join(g.dir, "pjsip.conf"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // read only
	var known []netip.Prefix
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		where, is := strings.CutPrefix(lines.Text(), "match = ")
		if contact, fixed := strings.CutPrefix(lines.Text(), "contact = sip:"); fixed {
			where, is = hostIn(contact), true
		}
		if !is {
			continue
		}
		found, err := g.prefixes(ctx, where)
		if err != nil {
			return nil, err
		}
		known = append(known, found...)
	}
	return func(at netip.Addr) bool {
		return slices.ContainsFunc(known, func(p netip.Prefix) bool { return p.Contains(at) })
	}, lines.Err()
}

// hostIn is the host of "user@host:port" or "host:port".
func hostIn(contact string) string {
	host := contact[strings.LastIndex(contact, "@")+1:]
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return host
}

func (g *guard) prefixes(ctx context.Context, where string) ([]netip.Prefix, error) {
	if network, err := netip.ParsePrefix(where); err == nil {
		return []netip.Prefix{network.Masked()}, nil
	}
	if at, err := netip.ParseAddr(where); err == nil {
		return []netip.Prefix{netip.PrefixFrom(at.Unmap(), at.Unmap().BitLen())}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, resolveLimit)
	defer cancel()
	if now, err := g.resolve(ctx, where); err == nil && len(now) > 0 {
		g.resolved[where] = now
	}
	at, ever := g.resolved[where]
	if !ever {
		return nil, fmt.Errorf("the address of %s is not known yet", where)
	}
	var found []netip.Prefix
	for _, a := range at {
		found = append(found, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
	}
	return found, nil
}
