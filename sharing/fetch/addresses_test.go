package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// names is a DNS server on which a name leads to another address each time it is asked for.
func names(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	t.Cleanup(func() { _ = conn.Close(); served.Wait() })
	var asked atomic.Int64
	served.Go(func() {
		for {
			b := make([]byte, 1500)
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				at := netip.MustParseAddr(addresses[min(int(asked.Add(1))-1, len(addresses)-1)])
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: at.As4()}}}
			}
			if answer, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// A name that leads to the list's server when it is first asked for, and into the home network later, does not help: what counts is
// the address that is dialled.
func TestANameThatChanges(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close") // so that the next request dials anew
		if r.URL.Path == "/on" {
			http.Redirect(w, r, "/x", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "the list")
	})
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for _, inside := range []string{"192.168.1.1", "10.0.0.1", "172.20.0.1", "169.254.1.1", "100.64.0.1"} {
		o := hasty
		o.Resolver = names(t, "127.0.0.1", inside)
		c := newClient(o, atOnly(s))
		address := "http://list.example" + port
		if file, err := get(t, c, address); err != nil || file != "the list" {
			t.Errorf("%q %v", file, err)
		}
		if _, err := get(t, c, address); !errors.Is(err, ErrPrivate) {
			t.Errorf("%s is dialled the second time: %v", inside, err)
		}
		o.Resolver = names(t, "127.0.0.1", inside)
		if _, err := get(t, newClient(o, atOnly(s)), address+"/on"); !errors.Is(err, ErrPrivate) {
			t.Errorf("%s is dialled after a redirect to the same name: %v", inside, err)
		}
	}
}

// Without a word in the settings this machine is not asked, whatever it would say; with one it is.
func TestAllowPrivate(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the list") })
	if _, err := get(t, New(Options{}), s.URL); !errors.Is(err, ErrPrivate) {
		t.Error(err)
	}
	if file, err := get(t, New(Options{AllowPrivate: true}), s.URL); err != nil || file != "the list" {
		t.Errorf("%q %v", file, err)
	}
	if _, err := get(t, New(Options{AllowPrivate: true}), "http://127.0.0.1:1/"); !errors.Is(err, ErrUnreachable) {
		t.Error(err)
	}
}

func TestWhatIsOnTheInternet(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "172.32.0.1": true, "192.0.1.1": true, "::ffff:8.8.8.8": true, "2a00:1450::1": true, "64:ff9b::808:808": true,
		"127.0.0.1": false, "127.255.0.1": false, "10.1.2.3": false, "172.31.255.255": false, "192.168.178.1": false, "100.127.0.1": false,
		"169.254.169.254": false, "0.0.0.0": false, "255.255.255.255": false, "224.0.0.251": false, "203.0.113.7": false,
		"::": false, "::1": false, "::ffff:10.0.0.1": false, "fe80::1": false, "fe80::1%eth0": false, "fd00::1": false, "fec0::1": false, "ff02::1": false,
		"64:ff9b::a00:1": false, "64:ff9b:1::1": false, "2001::1": false, "2001:db8::1": false, "2002:a00:1::1": false, "3fff::1": false, "::7f00:1": false,
	} {
		if got := onInternet(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if onInternet(netip.Addr{}) {
		t.Error("no address is one")
	}
}

// In a home with IPv6 the neighbours have public addresses.
func TestNeighbours(t *testing.T) {
	own := []net.Addr{
		&net.IPNet{IP: net.ParseIP("2a02:8109::7"), Mask: net.CIDRMask(64, 128)}, &net.IPNet{IP: net.ParseIP("81.2.69.142").To4(), Mask: net.CIDRMask(29, 32)},
		&net.IPNet{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)},
	}
	for address, want := range map[string]bool{"2a02:8109::1": true, "2a02:8109:0:1::1": false, "81.2.69.141": true, "::ffff:81.2.69.141": true, "81.2.69.1": false} {
		if got := neighbour(netip.MustParseAddr(address), own); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func TestAddresses(t *testing.T) {
	for address, good := range map[string]bool{
		"https://parish.example/list/": true, "http://127.0.0.1:8080/": true, "https://parish.example/?key=x": true,
		"": false, "parish.example": false, "ftp://parish.example/": false, "file:///etc/passwd": false, "https://": false, "https:parish": false,
		"https://susan:secret@parish.example/": false, "https://parish.example/\x00": false, "javascript:alert(1)": false,
		"https://parish.example/" + strings.Repeat("x", 2000): false, "HTTPS://PARISH.EXAMPLE/": true,
	} {
		if err := Check(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("https://parish.example/list/")
	f.Add("https://a:b@c/")
	f.Fuzz(func(t *testing.T, address string) {
		if Check(address) != nil {
			return
		}
		if u, err := url.Parse(address); err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
			t.Errorf("%q is let through", address)
		}
	})
}
