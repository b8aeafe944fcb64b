package webserver

import (
	"bytes"
	"crypto/tls"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/config"
	"ringfence/internal/servetest"
)

// A certificate that somebody renews is taken up.
func TestRenewedCertificate(t *testing.T) {
	dir := t.TempDir()
	web := config.Web{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	servetest.WriteCertificate(t, web, 1, time.Now().Add(24*time.Hour))
	files := &certFiles{cert: web.Cert, key: web.Key}
	serial := func() int64 {
		t.Helper()
		c, err := files.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return c.Leaf.SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("certificate %d", got)
	}
	later := time.Now().Add(time.Hour)
	servetest.WriteCertificate(t, web, 2, time.Now().Add(90*24*time.Hour))
	if err := os.Chtimes(web.Cert, later, later); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 1 {
		t.Errorf("the file was read again at once: certificate %d", got)
	}
	files.looked = time.Time{}
	if got := serial(); got != 2 {
		t.Errorf("the renewed certificate was not taken up: %d", got)
	}
	if err := os.WriteFile(web.Cert, []byte("half of"), 0o600); err != nil { // it is being written
		t.Fatal(err)
	}
	files.looked = time.Time{}
	if got := serial(); got != 2 {
		t.Errorf("certificate %d", got)
	}
}

// A certificate is asked for by the name in the settings and no other: else anybody could have one made in our name until the
// authority refuses more.
func TestACMEHasOneName(t *testing.T) {
	m := manager(config.Web{ACMEHost: "r.example", ACMEEmail: "anna@example.org", ACMEFrom: "https://127.0.0.1:1/directory"}, t.TempDir())
	if err := m.HostPolicy(t.Context(), "r.example"); err != nil {
		t.Error(err)
	}
	if err := m.HostPolicy(t.Context(), "other.example"); err == nil {
		t.Error("any name will do")
	}
	if m.Client.DirectoryURL != "https://127.0.0.1:1/directory" || m.Email != "anna@example.org" {
		t.Errorf("%+v", m)
	}
}

// Why there is no certificate is told once in a while, and of our own name alone.
func TestMissingCertificateIsTold(t *testing.T) {
	var log bytes.Buffer
	get := logged(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errors.New("no such name") }, "r.example",
		slog.New(slog.NewTextHandler(&log, nil)))
	for _, name := range []string{"other.example", "r.example", "r.example"} {
		if _, err := get(&tls.ClientHelloInfo{ServerName: name}); err == nil {
			t.Error("there is a certificate")
		}
	}
	if said := log.String(); strings.Count(said, "no such name") != 1 || strings.Contains(said, "other.example") {
		t.Errorf("%s", said)
	}
}
