package asterisk

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// Fault says that a trunk cannot work because of one of its settings. It is one plain sentence for whoever wrote ringfence.toml.
type Fault struct {
	Trunk    string // its name
	Setting  string // such as "srtp"
	Sentence string
}

func (f Fault) Error() string { return f.Sentence }

func (t Trunk) fault(setting, format string, args ...any) error {
	return Fault{Trunk: t.Name, Setting: setting, Sentence: fmt.Sprintf("the trunk "+t.Name+" "+format, args...)}
}

// validateProvider refuses what cannot work, or would not protect what it promises to.
func (t Trunk) validateProvider() error {
	at, notIP := netip.ParseAddr(t.Host)
	switch {
	case at.Zone() != "":
		return t.fault("address", "has the address %s, which is good for one network interface only: write one without %%%s", t.Host, at.Zone())
	case t.TLS && !t.Register:
		return t.fault("tls", "has tls without register: the other side would have to open the connection, and there is no certificate for that here. Set register = true, or leave tls out")
	case t.SRTP && !t.TLS:
		return t.fault("srtp", "has srtp without tls: the keys to the sound would cross the internet for everybody to read. Set tls = true as well, or leave srtp out")
	case t.CA != "" && !t.TLS:
		return t.fault("ca", "has ca without tls: there is no certificate to check. Set tls = true as well, or leave ca out")
	case t.SRV && notIP == nil:
		return t.fault("srv", "has srv, and its address %s is no name: only a name can stand for several servers. Write the provider's name, or leave srv out", t.Host)
	case t.SRV && t.Port != 0:
		return t.fault("srv", "has srv and the port %d: the provider's records say which port each server has. Leave the port out of address, or leave srv out", t.Port)
	case t.IPv6 && notIP == nil:
		return t.fault("ipv6", "has ipv6, and its address %s is no name: an address already says what it is. Leave ipv6 out", t.Host)
	}
	return plain("the file of certificates of trunk "+t.Name, t.CA)
}

// validateFamilies refuses a trunk or phone that is reached over IPv6 if Asterisk has no IPv6 address.
func (s Site) validateFamilies() error {
	if s.SIP6Host != "" {
		at, err := netip.ParseAddr(s.SIP6Host)
		switch {
		case err != nil || !at.Is6() || at.Is4In6():
			return fmt.Errorf("asterisk.sip6 is %s, which is not an IPv6 address such as [fd00::10]:5060", s.SIP6Host)
		case at.IsUnspecified() || at.Zone() != "":
			return fmt.Errorf("asterisk.sip6 is %s, which does not tell phones where to send sound: name one of the machine's own addresses", s.SIP6Host)
		case isIPv6(s.SIPHost):
			return fmt.Errorf("asterisk.sip is %s and sip6 is %s: both are IPv6. Leave sip6 out", s.SIPHost, s.SIP6Host)
		}
		if err := port("the port of asterisk.sip6", s.SIP6Port); err != nil {
			return err
		}
	}
	for _, t := range s.Trunks {
		_, notIP := netip.ParseAddr(t.Host)
		switch {
		case t.six() && !s.hasIPv6():
			return t.fault("address", "is reached over IPv6, and Asterisk has no IPv6 address: set sip6 under [asterisk]")
		case notIP == nil && !t.six() && isIPv6(s.SIPHost):
			return t.fault("address", "is reached over IPv4, and Asterisk has only the IPv6 address %s: set sip under [asterisk] to an IPv4 address, and sip6 to this one", s.SIPHost)
		case t.TLS && port("", s.tlsPort(t)) != nil:
			return t.fault("tls", "would have the port %d for TLS: set tls_port under [asterisk] to a port from 1 to 65535", s.tlsPort(t))
		}
	}
	for _, h := range s.Households {
		for _, p := range h.Phones {
			if p.six() && !s.hasIPv6() {
				return fmt.Errorf("the phone %s of %s is reached over IPv6, and Asterisk has no IPv6 address: set sip6 under [asterisk]", p.Name, h.Name)
			}
		}
	}
	return nil
}

func (s Site) hasIPv6() bool { return s.SIP6Host != "" || isIPv6(s.SIPHost) }

func isIPv6(host string) bool {
	at, err := netip.ParseAddr(host)
	return err == nil && at.Is6() && !at.Is4In6()
}

func (t Trunk) six() bool { return t.IPv6 || isIPv6(t.Host) }

func (p Phone) six() bool {
	at, err := netip.ParseAddrPort(p.Address)
	return p.IPv6 || err == nil && isIPv6(at.Addr().String())
}

// HasSRTP says whether a trunk encrypts its sound.
func (s Site) HasSRTP() bool {
	return slices.ContainsFunc(s.Trunks, func(t Trunk) bool { return t.SRTP })
}

// HasSRV says whether a trunk has several servers.
func (s Site) HasSRV() bool {
	return slices.ContainsFunc(s.Trunks, func(t Trunk) bool { return t.SRV })
}

// TransportOf is the section of the socket that a trunk uses.
func (s Site) TransportOf(t Trunk) string {
	switch {
	case t.TLS:
		return "tls-" + t.Name
	case t.six() && !isIPv6(s.SIPHost):
		return "udp6"
	default:
		return "udp"
	}
}

// MediaOf is the address that sound is sent to by a trunk or phone that needs another than the rest; else "".
func (s Site) MediaOf(who interface{ six() bool }) string {
	if who.six() && !isIPv6(s.SIPHost) {
		return s.SIP6Host
	}
	return ""
}

// TLSAddress is where Asterisk listens for a trunk with TLS. Nobody can connect there, but Asterisk has no TLS without it.
func (s Site) TLSAddress(t Trunk) string {
	host := s.SIPHost
	if s.TransportOf(Trunk{Host: t.Host, IPv6: t.IPv6}) == "udp6" {
		host = s.SIP6Host
	}
	return addressOf(host, s.tlsPort(t))
}

// tlsPort counts on from the first port for TLS: each trunk has a socket with its own authorities.
func (s Site) tlsPort(t Trunk) int {
	at := s.TLSPort
	for _, other := range s.Trunks {
		if other.Name == t.Name {
			break
		}
		if other.TLS {
			at++
		}
	}
	return at
}

// socket is where Asterisk listens, by UDP or TCP.
type socket struct{ network, address string }

// sockets are those that calls need. Without that for a trunk with TLS, which nobody connects to, Asterisk has no TLS.
func (s Site) sockets() []socket {
	all := []socket{{"udp", addressOf(s.SIPHost, s.SIPPort)}}
	if s.SIP6Host != "" {
		all = append(all, socket{"udp", addressOf(s.SIP6Host, s.SIP6Port)})
	}
	for _, t := range s.Trunks {
		if t.TLS {
			all = append(all, socket{"tcp", s.TLSAddress(t)})
		}
	}
	return all
}

// Domain is the host as a SIP address has it: IPv6 in brackets.
func (t Trunk) Domain() string {
	if isIPv6(t.Host) {
		return "[" + t.Host + "]"
	}
	return t.Host
}

// URIUser is the user name as a SIP address has it: what no user part may hold is written with % (RFC 3261, section 25.1). Asterisk would drop
// the whole trunk for it, an @ or a space for instance (res_pjsip/pjsip_configuration.c, from_user_handler).
func (t Trunk) URIUser() string {
	var b strings.Builder
	for _, c := range []byte(t.User) {
		letter := c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if letter || strings.IndexByte("-_.!~*'()&=+$,;", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// URI is the trunk's other side, for a user, or without one. A name without a port has SRV records.
func (t Trunk) URI(user string) string {
	uri := "sip:"
	if user != "" {
		uri += user + "@"
	}
	if t.Port == 0 {
		return uri + t.Host
	}
	return uri + addressOf(t.Host, t.Port)
}

// machinesAuthorities are the files in which systems keep the authorities that everybody trusts, as in Go's crypto/x509 (root_linux.go).
var machinesAuthorities = []string{
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
}

// Authorities is the file with the certificates that a trunk's other side is checked against; "" if the machine has none.
func (t Trunk) Authorities() string {
	there := slices.IndexFunc(machinesAuthorities, func(file string) bool {
		_, err := os.Stat(file)
		return err == nil
	})
	if t.CA != "" || there < 0 {
		return t.CA
	}
	return machinesAuthorities[there]
}

// CheckAuthorities refuses a trunk with TLS whose certificates cannot be checked. Asterisk does not connect such a trunk, and all else works.
func (s Site) CheckAuthorities() error {
	for _, t := range s.Trunks {
		if !t.TLS {
			continue
		}
		if _, err := t.Pool(); err != nil {
			return err
		}
	}
	return nil
}

// Pool are the authorities that a trunk's other side is checked against.
func (t Trunk) Pool() (*x509.CertPool, error) {
	file := t.Authorities()
	if file == "" {
		return nil, t.fault("tls", "has tls, and this machine has no list of certificate authorities: install ca-certificates (apt install ca-certificates), or name a file with ca")
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, t.fault("ca", "checks certificates against %s, which is not there: put the provider's authorities there as a PEM file, or leave ca out for this machine's own", file)
	}
	if err != nil {
		return nil, t.fault("ca", "checks certificates against %s, which cannot be read (%v): give Ringfence's users the right to read it", file, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, t.fault("ca", "checks certificates against %s, in which there is no certificate: it takes a PEM file (-----BEGIN CERTIFICATE-----)", file)
	}
	return pool, nil
}

// Resolver looks names up: a *net.Resolver.
type Resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Servers are the addresses of a trunk's other side, in the order in which Asterisk tries them, and the ports.
func (t Trunk) Servers(ctx context.Context, r Resolver) ([]netip.AddrPort, error) {
	usual := 5060
	if t.TLS {
		usual = 5061
	}
	hosts := []*net.SRV{{Target: t.Host, Port: uint16(cmp.Or(t.Port, usual))}} //nolint:gosec // validated
	if t.Port == 0 {
		// Without such a record, the name's own addresses count (RFC 3263, section 4.2).
		if _, found, err := r.LookupSRV(ctx, "", "", t.service()); err == nil && len(found) > 0 {
			hosts = found
		}
	}
	var all []netip.AddrPort
	var errs []error
	for _, host := range hosts {
		found, err := r.LookupNetIP(ctx, t.network(), strings.TrimSuffix(host.Target, "."))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, at := range found {
			all = append(all, netip.AddrPortFrom(at.Unmap(), host.Port))
		}
	}
	if len(all) > 0 {
		return all, nil
	}
	return nil, errors.Join(errs...)
}

// service is the name of the SRV records.
func (t Trunk) service() string {
	if t.TLS {
		return "_sips._tcp." + t.Host
	}
	return "_sip._udp." + t.Host
}

func (t Trunk) network() string {
	if t.six() {
		return "ip6"
	}
	return "ip"
}
