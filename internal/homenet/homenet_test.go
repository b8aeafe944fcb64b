package homenet

import (
	"net/netip"
	"testing"
)

func TestHas(t *testing.T) {
	for address, want := range map[string]bool{
		"192.168.178.1": true, "10.0.0.7": true, "172.31.255.254": true, "127.0.0.2": true, "169.254.1.1": true, "fd00::1": true, "fe80::1": true, "::1": true,
		"::ffff:192.168.1.1": true, "8.8.8.8": false, "172.32.0.1": false, "100.64.0.1": false, "2001:db8::1": false, "0.0.0.0": false, "::ffff:8.8.8.8": false,
	} {
		if got := Has(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	for host, want := range map[string]bool{"192.168.178.1": true, "fd00::1": true, "8.8.8.8": false, "localhost": false, "192.168.178.1:80": false, "": false} {
		if got := HasHost(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
	if Has(netip.Addr{}) {
		t.Error("no address is one of a home")
	}
}
