package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringfence/config"
	"ringfence/internal/servetest"
)

// names is a name server that knows the servers of provider.example.
type names []netip.AddrPort

func (n names) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	var all []*net.SRV
	for _, at := range n {
		all = append(all, &net.SRV{Target: at.Addr().String(), Port: at.Port()})
	}
	if name != "_sips._tcp.provider.example" || len(all) == 0 {
		return "", nil, errors.New("no such record")
	}
	return name, all, nil
}

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	at, err := netip.ParseAddr(host)
	return []netip.Addr{at}, err
}

// serves shows a certificate at an address of its own.
func serves(t *testing.T, shows tls.Certificate) netip.AddrPort {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{shows}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // nothing more is asked of it
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.(*tls.Conn).HandshakeContext(t.Context()) // whether it succeeds is the other side's business
			_ = c.Close()
		}
	}()
	return netip.MustParseAddrPort(l.Addr().String())
}

// What is wrong with a provider's certificate is said in words, and one good server is enough.
func TestProvidersCertificates(t *testing.T) {
	ours, others := servetest.NewAuthority(t), servetest.NewAuthority(t)
	tomorrow := time.Now().Add(24 * time.Hour)
	good := serves(t, ours.Certificate(t, tomorrow, "provider.example"))
	expired := serves(t, ours.Certificate(t, time.Now().Add(-time.Hour), "provider.example"))
	wrong := serves(t, ours.Certificate(t, tomorrow, "elsewhere.example"))
	forged := serves(t, others.Certificate(t, tomorrow, "provider.example"))
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := netip.MustParseAddrPort(closed.Addr().String())
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	trunk := config.Trunk{Name: "line", Address: "provider.example", Register: true, User: "u", Password: "p", TLS: true, SRV: true, CA: ours.File}
	for what, c := range map[string]struct {
		servers names
		says    string
		good    bool
	}{
		"good":         {names{good}, "shows a good certificate", true},
		"one of three": {names{dead, expired, good}, strconv.Itoa(int(good.Port())) + " shows a good certificate", true},
		"expired":      {names{expired}, "check this machine's clock", false},
		"other name":   {names{wrong}, "is for elsewhere.example, not for provider.example", false},
		"forged":       {names{forged}, "none of the authorities", false},
		"dead":         {names{dead}, "does not answer", false},
		"unknown":      {nil, "no address of provider.example can be found", false},
	} {
		d := New(config.Settings{})
		d.names = c.servers
		found := d.provider(t.Context(), trunk)
		if len(found) != 1 || (found[0].State == OK) != c.good || !strings.Contains(found[0].Text, c.says) {
			t.Errorf("%s: %+v", what, found)
		}
	}
}
