package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ringfence/store"
	"ringfence/web/identity"
)

func TestWebSettings(t *testing.T) {
	for text, want := range map[string]string{
		``:                                 "http://127.0.0.1:8080 false",
		`listen = ""`:                      " false",
		`listen = "[::1]:8080"`:            "http://[::1]:8080 false",
		`listen = "localhost:8080"`:        "http://localhost:8080 false",
		`public = "https://r.example/"`:    "https://r.example true",
		`public = "http://localhost:8080"`: "http://localhost:8080 false",
		"proxies = 1\npublic = \"https://r.example\"":                          "https://r.example true",
		"listen = \":443\"\ncert = \"c\"\nkey = \"k\"":                         "https://localhost:443 true",
		"listen = \"0.0.0.0:443\"\nacme_host = \"r.example\"":                  "https://r.example true",
		"listen = \"10.8.0.1:80\"\nplain = true\npublic = \"http://10.8.0.1\"": "http://10.8.0.1 false",
		`listen = "8080"`:              "! others could listen in",
		`listen = "0.0.0.0:8080"`:      "! others could listen in",
		`listen = "gran.example:8080"`: "! others could listen in",
		"listen = \"0.0.0.0:8080\"\nproxies = 1\npublic = \"https://r.example\"": "! others could listen in",
		`public = "http://r.example"`:                                            "! begins with https",
		`public = "r.example"`:                                                   "! the address at which the pages begin",
		`public = "https://r.example/ringfence"`:                                 "! the address at which the pages begin",
		`public = "https://user@r.example"`:                                      "! the address at which the pages begin",
		`proxies = 1`:                                                            "! web.public is not",
		"proxies = -1":                                                           "! usually 1",
		`cert = "c"`:                                                             "! give both, or none",
		"cert = \"c\"\nkey = \"k\"\nacme_host = \"r.example\"":                   "! two ways",
		`acme_host = "https://r.example"`:                                        "! a name alone",
	} {
		s, err := parseSettings([]byte("[web]\n" + text + usualSettings))
		got := ""
		if err == nil {
			if s.Web.Listen != "" {
				got = s.Web.address()
			}
			got += map[bool]string{true: " true", false: " false"}[s.Web.secure()]
		}
		if refused, no := strings.CutPrefix(want, "! "); no && (err == nil || !strings.Contains(err.Error(), refused)) || !no && got != want {
			t.Errorf("%s: %q %v, not %q", text, got, err, want)
		}
	}
}

// shelf is pages on a real socket, with everything but telephones.
type shelf struct {
	*pages
	t   *testing.T
	log *lockedText
	out *lockedText
	end context.CancelFunc
}

// lockedText is written by the program and read by the test, which can wait for words in it.
type lockedText struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{}
}

func newText() *lockedText { return &lockedText{wrote: make(chan struct{}, 1)} }

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.wrote <- struct{}{}:
	default:
	}
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lockedText) has(t *testing.T, words string) {
	t.Helper()
	late := time.After(time.Minute)
	for !strings.Contains(l.String(), words) {
		select {
		case <-l.wrote:
		case <-late:
			t.Fatalf("there was never %q in %s", words, l)
		}
	}
}

func serveShelf(t *testing.T, web webSettings, limits pageLimits) *shelf {
	t.Helper()
	h := newHome(t, usualSettings)
	s, err := parseSettings([]byte(usualSettings))
	if err != nil {
		t.Fatal(err)
	}
	s.Data, s.Web = h.data, web
	db, err := s.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ariPassword(true); err != nil {
		t.Fatal(err)
	}
	log, out := newText(), newText()
	made, err := newService(t.Context(), s, db, out, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	made.pages.limits = limits
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); made.pages.serve(ctx) }()
	t.Cleanup(func() {
		end()
		<-ended
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &shelf{made.pages, t, log, out, end}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // it is to be free
	return l.Addr().String()
}

// anna has an account, and is signed in.
// asBrowser says with each request, as browsers do with forms, that it comes from the page's own site.
type asBrowser struct{}

func (asBrowser) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Origin", r.URL.Scheme+"://"+r.URL.Host)
	return http.DefaultTransport.RoundTrip(r)
}

func (s *shelf) anna(client *http.Client) {
	s.t.Helper()
	ctx := s.t.Context()
	const password = "seven wet herons on a wall" //nolint:gosec // of nobody
	passwords, err := identity.NewPasswords()
	hash, err2 := passwords.Hash(ctx, password)
	person, err3 := s.db.AddPerson(ctx, "Anna", "anna@example.org")
	err4 := s.db.SetPassword(ctx, person.ID, hash, 0)
	err5 := s.db.SetMembership(ctx, "home", person.ID, store.RoleOwner, true)
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		s.t.Fatal(err)
	}
	answer, err := client.PostForm("http://"+s.settings.Web.Listen+"/sign-in", url.Values{"email": {"anna@example.org"}, "password": {password}})
	if err != nil || answer.Request.URL.Path == "/sign-in" {
		s.t.Fatalf("Anna cannot sign in: %v", err)
	}
	_ = answer.Body.Close() // what it says is web's
}

// A taken address stops nothing: the pages are served as soon as it is free. Nobody has an account, so the address of the
// first run is written.
func TestPagesWaitForTheirAddress(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limits := usualLimits
	limits.again = time.Millisecond
	s := serveShelf(t, webSettings{Listen: taken.Addr().String()}, limits)
	s.log.has(t, "calls go on, and it is tried again")
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	s.out.has(t, "\n\n    http://"+s.settings.Web.Listen+"/start/")
	answer, err := http.Get("http://" + s.settings.Web.Listen + "/sign-in")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v %v", answer, err)
	}
	_ = answer.Body.Close()
}

// A page that is open stays so, beyond the limits for pages, and ends with the program, at once.
func TestOpenPageOutlivesTheLimits(t *testing.T) {
	limits := usualLimits
	limits.request, limits.answer, limits.stop = time.Second, time.Second, time.Hour
	s := serveShelf(t, webSettings{Listen: freePort(t)}, limits)
	s.log.has(t, "pages are served")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: asBrowser{}}
	s.anna(client)
	began := time.Now()
	answer, err := client.Get("http://" + s.settings.Web.Listen + "/h/home/live")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }() // it is read to its end
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for past := false; !past; { // each change is followed by a sign of life
		s.live.changes.tell()
		for lines.Scan() && lines.Text() != ": still there" {
		}
		if lines.Err() != nil || time.Since(began) > time.Minute {
			t.Fatalf("after %s: %v", time.Since(began), lines.Err())
		}
		past = time.Since(began) > 3*limits.answer
	}
	s.end()
	for lines.Scan() { // to its end
	}
}

func TestPagesAreNotServed(t *testing.T) {
	for name, web := range map[string]webSettings{"web.listen is empty": {}, "certificate cannot be read": {Listen: "127.0.0.1:1", Cert: "/nowhere", Key: "/nowhere"}} {
		s := serveShelf(t, web, usualLimits)
		s.log.has(t, name)
	}
}

// Pages with a certificate of their own; a renewed one is taken up.
func TestPagesWithACertificate(t *testing.T) {
	dir := t.TempDir()
	web := webSettings{Listen: freePort(t), Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	first := writeCertificate(t, web, 1, time.Now().Add(24*time.Hour))
	s := serveShelf(t, web, usualLimits)
	s.log.has(t, "pages are served")
	pool := x509.NewCertPool()
	pool.AddCert(first)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	answer, err := client.Get("https://" + web.Listen + "/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	if answer.ProtoMajor != 2 || answer.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%s %v", answer.Proto, answer.Header)
	}
	_ = answer.Body.Close() // its head was looked at
	d := &doctor{settings: s.settings, http: &http.Client{Timeout: time.Minute}}
	if f := d.pages(t.Context()); f.err == nil || !strings.Contains(f.err.Error(), "renew it") {
		t.Errorf("the doctor says %+v", f)
	}

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
	writeCertificate(t, web, 2, time.Now().Add(90*24*time.Hour))
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

func writeCertificate(t *testing.T, web webSettings, serial int64, until time.Time) *x509.Certificate {
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
	for path, block := range map[string]*pem.Block{web.Cert: {Type: "CERTIFICATE", Bytes: der}, web.Key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// A certificate is asked for by the name in the settings and no other: else anybody could have one made in our name until the
// authority refuses more.
func TestACMEHasOneName(t *testing.T) {
	m := webSettings{ACMEHost: "r.example", ACMEEmail: "anna@example.org", ACMEFrom: "https://127.0.0.1:1/directory"}.acme(t.TempDir())
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
	log := newText()
	get := webSettings{ACMEHost: "r.example"}.told(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, errors.New("no such name") },
		slog.New(slog.NewTextHandler(log, nil)))
	for _, name := range []string{"other.example", "r.example", "r.example"} {
		if _, err := get(&tls.ClientHelloInfo{ServerName: name}); err == nil {
			t.Error("there is a certificate")
		}
	}
	if said := log.String(); strings.Count(said, "no such name") != 1 || strings.Contains(said, "other.example") {
		t.Errorf("%s", said)
	}
}

func TestEveryLanguageHasAName(t *testing.T) {
	for _, l := range languages() {
		if l.Name == "" {
			t.Errorf("%s has no name", l.Code)
		}
	}
}

func TestDoctorLooksAtThePages(t *testing.T) {
	d := &doctor{http: &http.Client{Timeout: time.Minute}}
	if f := d.pages(t.Context()); f.err != nil || !strings.Contains(f.fine, "switched off") {
		t.Errorf("%+v", f)
	}
	d.settings.Web.Listen = freePort(t)
	if f := d.pages(t.Context()); f.err == nil || !strings.Contains(f.err.Error(), "do not answer") {
		t.Errorf("%+v", f)
	}
	s := serveShelf(t, d.settings.Web, usualLimits)
	s.log.has(t, "pages are served")
	if f := d.pages(t.Context()); f.err != nil || f.fine != "at http://"+d.settings.Web.Listen {
		t.Errorf("%+v", f)
	}
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(other) }() // until Close
	defer func() { _ = server.Close() }()   // the test is over
	d.settings.Web.Listen = other.Addr().String()
	if f := d.pages(t.Context()); f.err == nil || !strings.Contains(f.err.Error(), "another program") {
		t.Errorf("%+v", f)
	}
	for listen, want := range map[string]string{":8080": "localhost:8080", "0.0.0.0:80": "localhost:80", "[::]:80": "localhost:80", "10.0.0.1:80": "10.0.0.1:80", "gran:80": "gran:80"} {
		if got := reachable(listen); got != want {
			t.Errorf("%s: %s, not %s", listen, got, want)
		}
	}
}
