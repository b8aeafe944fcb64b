// Package homenet tells the addresses of a home from those of the internet.
package homenet

import "net/netip"

// Has says whether an address is this machine's own, or in a private network such as a home's (RFC 1918, RFC 4193), or in one cable's (RFC 3927).
func Has(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast()
}

// HasHost says whether a host is written as such an address. A name may lead anywhere.
func HasHost(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && Has(a)
}
