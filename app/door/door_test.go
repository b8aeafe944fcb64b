package door

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

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
	pages := homeOnly(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for from, want := range map[string]int{
		"192.168.1.7:40000": 200, "10.0.0.7:1": 200, "127.0.0.1:1": 200, "[fe80::1%eth0]:1": 200, "[fd00::7]:1": 200, "[::ffff:192.168.1.7]:1": 200,
		"203.0.113.9:1": 403, "[2001:db8::1]:1": 403, "rubbish": 403,
	} {
		r, w := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), httptest.NewRecorder()
		r.RemoteAddr = from
		pages.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d", from, w.Code)
		}
	}
}
