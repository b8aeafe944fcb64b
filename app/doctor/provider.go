package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"ringfence/asterisk"
	"ringfence/config"
)

const (
	lookUpTime  = 5 * time.Second
	connectTime = 5 * time.Second // for each of a provider's servers
)

// provider looks a provider's servers up, and checks their certificates if the line has TLS. It finds nothing for a line whose other side is a plain
// address.
func (d *Doctor) provider(ctx context.Context, t config.Trunk) []Finding {
	trunk, err := t.Site()
	if _, notIP := netip.ParseAddr(trunk.Host); err != nil || notIP == nil && !t.TLS {
		return nil // what is wrong with the settings is found elsewhere
	}
	f := Finding{Check: "provider", Name: t.Name, Part: "provider of " + t.Name, State: OK}
	looking, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	servers, err := trunk.Servers(looking, d.names)
	if err != nil {
		return []Finding{f.fails(fmt.Sprintf("no address of %s can be found: check its spelling in ringfence.toml, and whether the internet works (%s)", trunk.Host, err),
			"getent hosts "+config.ShellQuoted(trunk.Host))}
	}
	if !t.TLS {
		f.Text = list(servers)
		return []Finding{f}
	}
	if f.Text, err = certificates(ctx, trunk, servers); err != nil {
		f = f.fails(err.Error(), editing(d.settings.File))
	}
	return []Finding{f}
}

func list(servers []netip.AddrPort) string {
	var all []string
	for _, s := range servers {
		all = append(all, s.String())
	}
	return strings.Join(all, ", ")
}

// certificates opens a connection to each server. One that works is enough: Asterisk takes the next if one does not.
func certificates(ctx context.Context, trunk asterisk.Trunk, servers []netip.AddrPort) (string, error) {
	authorities, err := trunk.Pool()
	if err != nil {
		return "", err
	}
	var good, bad []string
	for _, server := range servers {
		until, err := connect(ctx, server, &tls.Config{RootCAs: authorities, ServerName: trunk.Host, MinVersion: tls.VersionTLS12})
		if err != nil {
			bad = append(bad, fmt.Sprintf("%s %s", server, notTrusted(err, trunk)))
			continue
		}
		good = append(good, fmt.Sprintf("%s shows a good certificate (until %s)", server, until.Local().Format("2 January 2006")))
	}
	if len(good) == 0 {
		return "", fmt.Errorf("%s. Until that is mended, no call goes over this line", strings.Join(bad, "; "))
	}
	return strings.Join(append(good, bad...), "; "), nil
}

// connect returns until when the server's certificate is valid.
func connect(ctx context.Context, server netip.AddrPort, how *tls.Config) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	c, err := (&tls.Dialer{Config: how}).DialContext(ctx, "tcp", server.String())
	if err != nil {
		return time.Time{}, err
	}
	defer func() { _ = c.Close() }() // nothing was sent
	shown := c.(*tls.Conn).ConnectionState().PeerCertificates
	return shown[0].NotAfter, nil
}

// notTrusted says in words why a connection was not made.
func notTrusted(err error, trunk asterisk.Trunk) string {
	var unknown x509.UnknownAuthorityError
	var other x509.HostnameError
	var invalid x509.CertificateInvalidError
	var network *net.OpError
	switch {
	case errors.As(err, &unknown):
		return fmt.Sprintf("shows a certificate that none of the authorities in %s has signed: if the provider has authorities of its own, name their file with ca", trunk.Authorities())
	case errors.As(err, &other):
		return fmt.Sprintf("shows a certificate that is for %s, not for %s: write the provider's name as it is in the certificate", namesIn(other.Certificate), trunk.Host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("shows a certificate that is valid from %s to %s: check this machine's clock, or ask the provider",
			invalid.Cert.NotBefore.Local().Format("2 January 2006"), invalid.Cert.NotAfter.Local().Format("2 January 2006"))
	case errors.As(err, &invalid):
		return fmt.Sprintf("shows a certificate that cannot be trusted (%s): ask the provider", invalid.Error())
	case errors.As(err, &network) && network.Op == "dial", errors.Is(err, context.DeadlineExceeded):
		return "does not answer: check the address and its port, and whether the internet works"
	default:
		return fmt.Sprintf("does not speak TLS (%s): check the address and its port", err)
	}
}

// namesIn are the names that a certificate is for.
func namesIn(c *x509.Certificate) string {
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}
