package doctor_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/app"
	"ringfence/app/doctor"
	"ringfence/config"
	"ringfence/config/configtest"
	"ringfence/internal/servetest"
	"ringfence/store/datafolder"
)

// servePages runs the application, with nothing but its pages to look at, until the test ends.
func servePages(t *testing.T, web config.Web) {
	t.Helper()
	s := configtest.Read(t, "[asterisk]\nari = \""+servetest.FreePort(t)+"\"\n"+configtest.Usual)
	s.Web, s.File = web, "" // without a file, nobody looks whether it has changed
	if err := datafolder.Make(s.Data); err != nil {
		t.Fatal(err)
	}
	if _, err := s.MakeARIPassword(); err != nil {
		t.Fatal(err)
	}
	log := servetest.NewText()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- app.Serve(ctx, app.Options{Settings: s, Out: io.Discard, Log: slog.New(slog.NewTextHandler(log, nil))}, nil)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	log.Has(t, "pages are served")
}

func TestDoctorLooksAtThePages(t *testing.T) {
	web := config.Web{}
	says := func(state doctor.State, words string) {
		t.Helper()
		if f := doctor.OfPages(web).Pages(t.Context()); f.State != state || !strings.Contains(f.Text, words) {
			t.Errorf("%+v, not %s with %q", f, state, words)
		}
	}
	says(doctor.Skipped, "switched off")
	web.Listen = servetest.FreePort(t)
	says(doctor.Failed, "don't answer")
	servePages(t, web)
	says(doctor.OK, "at http://"+web.Listen)
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	answers := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) })
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answers(w, r) }), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(other) }() // until Close
	defer func() { _ = server.Close() }()   // the test is over
	web.Listen = other.Addr().String()
	says(doctor.Failed, "another program")
	// Many programs answer every address with their start page.
	answers = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<title>Pi-hole</title>") }
	says(doctor.Failed, "another program")
}

func TestDoctorWarnsOfACertificateThatEnds(t *testing.T) {
	dir := t.TempDir()
	web := config.Web{Listen: servetest.FreePort(t), Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	servetest.WriteCertificate(t, web, 1, time.Now().Add(24*time.Hour))
	servePages(t, web)
	d := doctor.OfPages(web)
	if f := d.Pages(t.Context()); f.State != doctor.OK {
		t.Errorf("%+v", f)
	}
	if f := d.Certificate(t.Context()); f.State != doctor.Failed || !strings.Contains(f.Text, "renew it") {
		t.Errorf("%+v", f)
	}
	servetest.WriteCertificate(t, web, 2, time.Now().Add(90*24*time.Hour))
	for public, want := range map[string]doctor.State{"": doctor.OK, "https://127.0.0.1:8443": doctor.OK, "https://ringfence.example.org": doctor.Failed} {
		web.Public, web.Proxies = public, 0
		if f := doctor.OfPages(web).Certificate(t.Context()); f.State != want || want == doctor.Failed && !strings.Contains(f.Text, "isn't for ringfence.example.org") {
			t.Errorf("%s: %+v", public, f)
		}
	}
	web.Proxies = 1 // browsers see the proxy's
	if f := doctor.OfPages(web).Certificate(t.Context()); f.State != doctor.OK {
		t.Errorf("%+v", f)
	}
}
