// Package servetest has what tests of a program that serves need: a log in which they wait for words, free ports, certificates, and requests
// like a browser's.
package servetest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ringfence/config"
)

// Text is written by the program and read by the test, which can wait for words in it.
type Text struct {
	// Wrote has a value when something was written since.
	Wrote chan struct{}

	mu   sync.Mutex
	text bytes.Buffer
}

// NewText returns an empty Text.
func NewText() *Text { return &Text{Wrote: make(chan struct{}, 1)} }

func (l *Text) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.Wrote <- struct{}{}:
	default:
	}
	return l.text.Write(p)
}

func (l *Text) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Has waits until the words are in it.
func (l *Text) Has(t *testing.T, words string) {
	t.Helper()
	late := time.After(5 * time.Minute) // on a busy machine
	for !strings.Contains(l.String(), words) {
		select {
		case <-l.Wrote:
		case <-late:
			t.Fatalf("there was never %q in %s", words, l)
		}
	}
}

// FreePort is an address at which nobody listens.
func FreePort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // the port has to be free
	return l.Addr().String()
}

// Browser says with each request, as browsers do with forms, that it comes from the page's own site.
type Browser struct {
	From net.IP // the address that it comes from; nil: any
}

// RoundTrip implements http.RoundTripper.
func (b Browser) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Origin", r.URL.Scheme+"://"+r.URL.Host)
	if b.From == nil {
		return http.DefaultTransport.RoundTrip(r)
	}
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: b.From}}
	return (&http.Transport{DialContext: from.DialContext, DisableKeepAlives: true}).RoundTrip(r)
}

// WriteCertificate writes a certificate for this machine, good until a time, and its key into the files of the settings.
func WriteCertificate(t *testing.T, web config.Web, serial int64, until time.Time) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "ringfence"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, of, of, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, web.Cert, "CERTIFICATE", der)
	writePEM(t, web.Key, "PRIVATE KEY", private)
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
