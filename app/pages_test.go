package app

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/accounts"
	"ringfence/app/webserver"
	"ringfence/config"
	"ringfence/config/configtest"
	"ringfence/internal/servetest"
	"ringfence/store"
)

// shelf is pages on a real socket, with everything but telephones.
type shelf struct {
	*Service
	t   *testing.T
	log *servetest.Text
	out *servetest.Text
	end context.CancelFunc
}

func serveShelf(t *testing.T, web config.Web, limits webserver.Limits) *shelf {
	t.Helper()
	s := configtest.Read(t, configtest.Usual)
	s.Web = web
	db, err := OpenStore(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.MakeARIPassword(); err != nil {
		t.Fatal(err)
	}
	log, out := servetest.NewText(), servetest.NewText()
	made, err := New(t.Context(), Options{Settings: s, Out: out, Log: slog.New(slog.NewTextHandler(log, nil))}, db)
	if err != nil {
		t.Fatal(err)
	}
	made.limits = limits
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); made.servePages(ctx) }()
	t.Cleanup(func() {
		end()
		<-ended
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &shelf{made, t, log, out, end}
}

func (s *shelf) anna(client *http.Client) {
	s.t.Helper()
	ctx := s.t.Context()
	const password = "seven wet herons on a wall" //nolint:gosec // of nobody
	hash, err := accounts.NewPasswords().Hash(ctx, password)
	person, err3 := s.db.People.Add(ctx, "Anna", "anna@example.org")
	err4 := s.db.People.SetPassword(ctx, person.ID, hash, 0)
	err5 := s.db.SetMembership(ctx, "home", person.ID, store.RoleOwner, true)
	if err := errors.Join(err, err3, err4, err5); err != nil {
		s.t.Fatal(err)
	}
	answer, err := client.PostForm("http://"+s.Settings.Web.Listen+"/sign-in", url.Values{"email": {"anna@example.org"}, "password": {password}})
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
	limits := webserver.UsualLimits
	limits.Retry = time.Millisecond
	s := serveShelf(t, config.Web{Listen: taken.Addr().String()}, limits)
	s.log.Has(t, "calls go on, and it is tried again")
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	s.out.Has(t, "\n\n    http://"+s.Settings.Web.Listen+"/start/")
	answer, err := http.Get("http://" + s.Settings.Web.Listen + "/sign-in")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v %v", answer, err)
	}
	_ = answer.Body.Close()
}

// A page that is open stays so, beyond the limits for pages, and ends with the program, at once.
func TestOpenPageOutlivesTheLimits(t *testing.T) {
	limits := webserver.UsualLimits
	limits.Request, limits.Answer, limits.Stop = 3*time.Second, 3*time.Second, time.Hour // a busy machine takes over a second to sign somebody in
	s := serveShelf(t, config.Web{Listen: servetest.FreePort(t)}, limits)
	s.log.Has(t, "pages are served")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: servetest.Browser{}}
	s.anna(client)
	began := time.Now()
	answer, err := client.Get("http://" + s.Settings.Web.Listen + "/h/home/live")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }() // it is read to its end
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for past := false; !past; { // each change is followed by a sign of life
		s.Telephony.changes.notify()
		for lines.Scan() && lines.Text() != ": still there" {
		}
		if lines.Err() != nil || time.Since(began) > time.Minute {
			t.Fatalf("after %s: %v", time.Since(began), lines.Err())
		}
		past = time.Since(began) > 3*limits.Answer
	}
	s.end()
	for lines.Scan() { // to its end
	}
}

func TestPagesAreNotServed(t *testing.T) {
	for name, web := range map[string]config.Web{"web.listen is empty": {}, "certificate cannot be read": {Listen: "127.0.0.1:1", Cert: "/nowhere", Key: "/nowhere"}} {
		s := serveShelf(t, web, webserver.UsualLimits)
		s.log.Has(t, name)
	}
}

// Pages with a certificate of their own; a renewed one is taken up.
func TestPagesWithACertificate(t *testing.T) {
	dir := t.TempDir()
	web := config.Web{Listen: servetest.FreePort(t), Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	first := servetest.WriteCertificate(t, web, 1, time.Now().Add(24*time.Hour))
	s := serveShelf(t, web, webserver.UsualLimits)
	s.log.Has(t, "pages are served")
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
}

func TestEveryLanguageHasAName(t *testing.T) {
	for _, l := range languages() {
		if l.Name == "" {
			t.Errorf("%s has no name", l.Code)
		}
	}
}

// The first account's address opens on this machine alone, and mostly there is no screen at it.
func TestTheFirstAddressFromAnotherComputer(t *testing.T) {
	for _, c := range []struct{ listen, public, sip, want string }{
		{"127.0.0.1:8080", "", "192.168.1.10:5060", "ssh -L 8080:127.0.0.1:8080 you@192.168.1.10\n"},
		{"127.0.0.1:8080", "https://ringfence.example.org", "192.168.1.10:5060", ""},
		{"192.168.1.10:8443", "", "192.168.1.10:5060", ""},
		{"127.0.0.1:8080", "", "127.0.0.1:5060", ""},
	} {
		s := &Service{Options: Options{Settings: config.Settings{Web: config.Web{Listen: c.listen, Public: c.public}, Asterisk: config.Asterisk{SIP: c.sip}}}}
		if got := s.fromAnotherComputer(); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%+v: it says %q", c, got)
		}
	}
}
