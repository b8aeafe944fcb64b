package config

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"

	"ringfence/asterisk"
)

// interfaceName is what a network interface is called, such as "eth0" (netdevice(7): at most 15 characters).
var interfaceName = regexp.MustCompile(`^[a-z][a-z0-9._-]{0,14}$`)

// noAddressYet stands for the address of an interface that has none: Asterisk runs, and the keeper waits for the address.
const noAddressYet = "127.0.0.1"

// addressNow is the address that the settings name: an IP address as written, or an address of a network interface, which is was if the interface
// still has that.
func addressNow(named, was string) string {
	if net.ParseIP(named) != nil || !interfaceName.MatchString(named) {
		return named
	}
	if now, there := asterisk.AddressOf(named, was); there {
		return now
	}
	return noAddressYet
}

// Moved tells whether the interfaces that the settings name have other addresses now than when a site was made.
func (a Asterisk) Moved(site asterisk.Site) bool {
	host, _, err := a.sip() // validated when the site was made
	return err == nil && (hasMoved(host, site.SIPHost) || a.Media != "" && hasMoved(a.Media, site.MediaAddress))
}

// hasMoved tells whether a name in the settings stands for another address than it did. An interface without an address has not moved: it may
// be back in a moment (a cable, a lease that is renewed), and then Asterisk's socket works again, and calls have gone on.
func hasMoved(named, was string) bool {
	now := addressNow(named, was)
	return now != was && now != noAddressYet
}

// CheckSIP asks Asterisk over SIP whether it is there. The error is a sentence for people.
func (a Asterisk) CheckSIP(ctx context.Context) error {
	named, port, err := a.sip()
	if err != nil {
		return err
	}
	host := addressNow(named, "")
	if host != named && host == noAddressYet {
		return asterisk.NoAddress{Address: "on " + named}
	}
	if err := asterisk.CheckSIP(ctx, host, port); err != nil || a.SIP6 == "" {
		return err
	}
	six, port, err := hostPort("asterisk.sip6", a.SIP6, 5060)
	if err != nil {
		return err
	}
	return asterisk.CheckSIP(ctx, six, port)
}

// sip is the host and the port that the settings name: the host may be a network interface.
func (a Asterisk) sip() (host string, port int, err error) {
	return hostPort("asterisk.sip", a.SIP, 5060)
}

// SIPServer is the address that a telephone registers at.
func (a Asterisk) SIPServer() string {
	host, port, err := a.sip()
	if err != nil {
		return a.SIP
	}
	return net.JoinHostPort(addressNow(host, ""), strconv.Itoa(port))
}

// hostPort splits an address; the port may be missing where there is a usual one.
func hostPort(what, address string, usual int) (string, int, error) {
	if bare := strings.Trim(address, "[]"); net.ParseIP(bare) != nil { // an IPv6 address has colons without a port
		return bare, usual, nil
	}
	host, digits, err := net.SplitHostPort(address)
	if err != nil {
		if address == "" || strings.Contains(address, ":") {
			return "", 0, fmt.Errorf("%s is %q: write it as ADDRESS:PORT", what, address)
		}
		return address, usual, nil
	}
	port, err := strconv.Atoi(digits)
	if err != nil || port < 1 || port > 65535 {
		return "", 0, fmt.Errorf("%s is %q: the port is a number from 1 to 65535", what, address)
	}
	return host, port, nil
}
