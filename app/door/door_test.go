package door

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"testing"
	"time"

	"ringfence/internal/homenet"
	"ringfence/internal/servetest"
)

var log = slog.New(slog.DiscardHandler)

// The hour begins with the first start, and another start does not begin it again.
func TestTheHourBeginsOnce(t *testing.T) {
	data, began := t.TempDir(), time.Now().Truncate(time.Second)
	for _, later := range []time.Duration{0, 30 * time.Minute, 3 * time.Hour} {
		until, err := Until(data, began.Add(later))
		if err != nil || !until.Equal(began.Add(time.Hour)) {
			t.Errorf("%s later: %s %v", later, until, err)
		}
	}
	if until, err := Until(data, began.Add(-24*time.Hour)); err != nil || !until.IsZero() {
		t.Errorf("with a clock that went back: %s %v", until, err)
	}
}

func TestTheDoorIsShutAfterwards(t *testing.T) {
	pages := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "inside") })
	at := servetest.FreePort(t)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}} //nolint:gosec // the certificate is self-made
	if opened, err := Open(t.Context(), at, time.Now().Add(-time.Second), pages, log); opened || err != nil {
		t.Fatalf("after the hour: %v %v", opened, err)
	}
	ctx, end := context.WithCancel(t.Context())
	if opened, err := Open(ctx, at, time.Now().Add(time.Hour), pages, log); !opened || err != nil {
		t.Fatalf("in the hour: %v %v", opened, err)
	}
	answer, err := client.Get("https://" + at)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil || string(text) != "inside" || answer.TLS.Version < tls.VersionTLS12 {
		t.Errorf("%q %v", text, err)
	}
	_ = answer.Body.Close()
	end()
	for { // it is shut within moments
		answer, err := client.Get("https://" + at)
		if err != nil {
			break
		}
		_ = answer.Body.Close()
	}
	at = servetest.FreePort(t)
	if opened, err := Open(t.Context(), at, time.Now().Add(time.Second), pages, log); !opened || err != nil {
		t.Fatalf("for a second: %v %v", opened, err)
	}
	for {
		answer, err := client.Get("https://" + at)
		if err != nil {
			break
		}
		_ = answer.Body.Close()
	}
}

// Who does not come from a home network stays outside, though the machine may have an address on the internet.
func TestTheInternetStaysOutside(t *testing.T) {
	for from, want := range map[string]bool{
		"192.168.1.7": true, "10.0.0.7": true, "127.0.0.1": true, "fe80::1%eth0": true, "fd00::7": true, "::ffff:192.168.1.7": true,
		"203.0.113.9": false, "100.64.0.1": false, "2001:db8::1": false, "::ffff:203.0.113.9": false,
	} {
		if got := homenet.Has(netip.MustParseAddr(from).Unmap()); got != want {
			t.Errorf("%s: %v", from, got)
		}
	}
	inside := &guest{from: netip.MustParseAddrPort("192.168.1.7:2000")}
	stranger := &guest{from: netip.MustParseAddrPort("203.0.113.9:2000")}
	door := &home{Listener: &queue{stranger, inside}, from: map[netip.Addr]int{}}
	if c, err := door.Accept(); err != nil || c.RemoteAddr().String() != "192.168.1.7:2000" || !stranger.closed || inside.closed {
		t.Errorf("it takes %v (%v)", c, err)
	}
}

// queue is a listener at which these connections arrive.
type queue []net.Conn

func (q *queue) Accept() (net.Conn, error) {
	if len(*q) == 0 {
		return nil, net.ErrClosed
	}
	next := (*q)[0]
	*q = (*q)[1:]
	return next, nil
}

func (q *queue) Close() error   { return nil }
func (q *queue) Addr() net.Addr { return &net.TCPAddr{} }

// guest is a connection from an address.
type guest struct {
	net.Conn
	from   netip.AddrPort
	closed bool
}

func (g *guest) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(g.from) }

func (g *guest) Close() error {
	g.closed = true
	return nil
}

// One device that opens connections and says nothing takes neither the door from others nor much memory, and gets in again once it has closed them.
func TestOneDeviceDoesNotHoldTheDoor(t *testing.T) {
	at := servetest.FreePort(t)
	pages := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "inside") })
	if opened, err := Open(t.Context(), at, time.Now().Add(time.Hour), pages, log); !opened || err != nil {
		t.Fatalf("%v %v", opened, err)
	}
	greedy := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	refused := 0
	var held []net.Conn
	for range mostFromOne + 8 {
		c, err := greedy.DialContext(t.Context(), "tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		held = append(held, c)
	}
	for _, c := range held[mostFromOne:] {
		_ = c.SetReadDeadline(time.Now().Add(headerTime / 2)) // for those that are held, no end comes before headerTime
		if _, err := c.Read(make([]byte, 1)); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			refused++
		}
	}
	if refused != 8 {
		t.Errorf("%d connections too many were refused, not 8", refused)
	}
	visit := func(from net.IP) error {
		dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}
		client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // the certificate is self-made
		answer, err := client.Get("https://" + at)
		if err != nil {
			return err
		}
		return answer.Body.Close()
	}
	if err := visit(net.IPv4(127, 0, 0, 1)); err != nil {
		t.Errorf("somebody else does not get in: %v", err)
	}
	for _, c := range held {
		_ = c.Close()
	}
	for visit(net.IPv4(127, 0, 0, 2)) != nil { // as soon as they are closed on the other side, too
	}
}
