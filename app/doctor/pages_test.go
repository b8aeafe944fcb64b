package doctor

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
	"ringfence/config"
	"ringfence/config/configtest"
	"ringfence/internal/servetest"
	"ringfence/store/datafolder"
)

// servePages runs the application, with nothing but its pages to look at, until the test ends.
func servePages(t *testing.T, web config.Web) {
	t.Helper()
	s := configtest.Read(t, "[asterisk]\nari = \""+servetest.FreePort(t)+"\"\n"+configtest.Usual)
	s.Web, s.File = web, "" // the file has other settings, which are not to be followed
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
	d := New(config.Settings{}, "")
	if f := d.pages(t.Context()); f.Err != nil || !strings.Contains(f.Fine, "switched off") {
		t.Errorf("%+v", f)
	}
	d.settings.Web.Listen = servetest.FreePort(t)
	if f := d.pages(t.Context()); f.Err == nil || !strings.Contains(f.Err.Error(), "do not answer") {
		t.Errorf("%+v", f)
	}
	servePages(t, d.settings.Web)
	if f := d.pages(t.Context()); f.Err != nil || f.Fine != "at http://"+d.settings.Web.Listen {
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
	if f := d.pages(t.Context()); f.Err == nil || !strings.Contains(f.Err.Error(), "another program") {
		t.Errorf("%+v", f)
	}
}

func TestDoctorWarnsOfACertificateThatEnds(t *testing.T) {
	dir := t.TempDir()
	d := New(config.Settings{}, "")
	d.settings.Web = config.Web{Listen: servetest.FreePort(t), Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	servetest.WriteCertificate(t, d.settings.Web, 1, time.Now().Add(24*time.Hour))
	servePages(t, d.settings.Web)
	if f := d.pages(t.Context()); f.Err == nil || !strings.Contains(f.Err.Error(), "renew it") {
		t.Errorf("the doctor says %+v", f)
	}
}
