package fetch

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// atOnly lets one server be reached, and else what everybody may reach: the tests' servers are on 127.0.0.1.
func atOnly(s *httptest.Server) func(netip.AddrPort) error {
	its := netip.MustParseAddrPort(strings.TrimPrefix(strings.TrimPrefix(s.URL, "https://"), "http://"))
	return func(at netip.AddrPort) error {
		if at == its {
			return nil
		}
		return Public(at)
	}
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// hasty are limits for servers that do not answer as they should.
var hasty = Options{Speed: 100, Window: 500 * time.Millisecond, Begin: 3 * time.Second, Agent: "ringfence test"}

func get(t *testing.T, c *Client, address string) (string, error) {
	t.Helper()
	t.Cleanup(c.Close)
	var file bytes.Buffer
	_, err := c.Get(t.Context(), Request{URL: address, Most: 1000, Time: 10 * time.Second}, &file)
	return file.String(), err
}

func TestAFile(t *testing.T) {
	asked := make(chan *http.Request, 1)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Last-Modified", "Tue, 24 Nov 2026 10:00:00 GMT")
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "me"})
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(w, "the list")
	})
	c := newClient(hasty, atOnly(s))
	defer c.Close()
	var file bytes.Buffer
	r := Request{URL: s.URL + "/x", Most: 8, Time: time.Minute}
	a, err := c.Get(t.Context(), r, &file)
	if err != nil || file.String() != "the list" || a != (Answer{Size: 8, ETag: `"1"`, Modified: "Tue, 24 Nov 2026 10:00:00 GMT"}) {
		t.Errorf("%q %+v %v", file.String(), a, err)
	}
	if got := (<-asked).Header; got.Get("User-Agent") != "ringfence test" || got.Get("Accept-Encoding") != "identity" || len(got) != 2 {
		t.Errorf("it says more of us than it should: %v", got)
	}
	r.ETag, r.Modified = a.ETag, a.Modified
	file.Reset()
	a, err = c.Get(t.Context(), r, &file)
	if err != nil || file.Len() != 0 || a != (Answer{Unchanged: true, ETag: `"1"`, Modified: "Tue, 24 Nov 2026 10:00:00 GMT"}) {
		t.Errorf("%q %+v %v", file.String(), a, err)
	}
	if got := (<-asked).Header; got.Get("If-Modified-Since") != r.Modified || got.Get("Cookie") != "" {
		t.Errorf("%v", got)
	}
}

// What hostile and broken servers do, and what is said of it.
//
// Long: one table.
func TestServersThatDoNotAnswerAsTheyShould(t *testing.T) {
	for what, test := range map[string]struct {
		serve http.HandlerFunc
		want  error
	}{
		"no end": {func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 100)); err != nil {
					return
				}
			}
		}, ErrTooLarge},
		"a large file": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1001")
			_, _ = w.Write(make([]byte, 1001))
		}, ErrTooLarge},
		"a byte now and then": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte("x"))
				_ = http.NewResponseController(w).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(10 * time.Millisecond):
				}
			}
		}, ErrSlow},
		"nothing after the headers": {func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, ErrSlow},
		"no answer": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, ErrSlow},
		"less than it says": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "900")
			_, _ = w.Write(make([]byte, 10))
			panic(http.ErrAbortHandler)
		}, ErrCutOff},
		"cut off in the middle": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(make([]byte, 10))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, ErrCutOff},
		"cut off at once":         {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ErrCutOff},
		"packed":                  {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Encoding", "gzip") }, ErrAnswer},
		"nothing there":           {http.NotFound, ErrAnswer},
		"not changed since never": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, ErrAnswer},
		"a part":                  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPartialContent) }, ErrAnswer},
		"headers without end": {func(w http.ResponseWriter, _ *http.Request) {
			for i := range 2000 {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 100))
			}
		}, ErrUnreachable},
		"round and round":     {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) }, ErrRedirects},
		"to this machine":     {to("http://127.0.0.1:1/"), ErrPrivate},
		"to this machine, 6":  {to("http://[::1]:1/"), ErrPrivate},
		"to it by its name":   {to("http://localhost:1/"), ErrPrivate},
		"to it in disguise":   {to("http://[::ffff:127.0.0.1]:1/"), ErrPrivate},
		"to it in numbers":    {to("http://0.0.0.0:1/"), ErrPrivate},
		"to the home network": {to("http://192.168.1.1/reboot"), ErrPrivate},
		"to the cloud's own":  {to("http://169.254.169.254/latest/meta-data/"), ErrPrivate},
		"to a file":           {to("file:///etc/passwd"), ErrAddress},
		"to a password":       {to("http://root:x@example.org/"), ErrAddress},
		"to no server":        {to("http:///x"), ErrAddress},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.serve)
			_, err := get(t, newClient(hasty, atOnly(s)), s.URL)
			if !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "Get \"") {
				t.Errorf("this is for nobody to read: %v", err)
			}
		})
	}
}

func to(address string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", address)
		w.WriteHeader(http.StatusFound)
	}
}

// A file that comes slowly for as long as it takes is taken, if it is not too slow; and its time is limited all the same.
func TestTime(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for range 500 {
			_, _ = w.Write([]byte("xx"))
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(time.Millisecond):
			}
		}
	})
	patient := Options{Speed: 1, Window: 10 * time.Second}
	if file, err := get(t, newClient(patient, atOnly(s)), s.URL); err != nil || len(file) != 1000 {
		t.Errorf("%d bytes, %v", len(file), err)
	}
	c := newClient(patient, atOnly(s))
	defer c.Close()
	_, err := c.Get(t.Context(), Request{URL: s.URL, Most: 1000, Time: 100 * time.Millisecond}, io.Discard)
	if !errors.Is(err, ErrTime) {
		t.Error(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	_, err = c.Get(ctx, Request{URL: s.URL, Most: 1000, Time: time.Minute}, io.Discard)
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrTime) {
		t.Errorf("whoever asks gives up: %v", err)
	}
	broken := errors.New("the disk is full")
	_, err = c.Get(t.Context(), Request{URL: s.URL, Most: 1000, Time: time.Minute}, writer(func([]byte) (int, error) { return 0, broken }))
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}

// What was written a moment ago may be written once more in the same second: its date, and an ETag made of it, say nothing yet.
func TestAFileThatWasJustWritten(t *testing.T) {
	for ago, want := range map[time.Duration]string{0: "", time.Second: "", 3 * time.Second: `"5f"`, -time.Hour: ""} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"5f"`)
			w.Header().Set("Last-Modified", time.Now().Add(-ago).UTC().Format(http.TimeFormat))
			w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
		})
		c := newClient(hasty, atOnly(s))
		a, err := c.Get(t.Context(), Request{URL: s.URL, Most: 1, Time: time.Minute}, io.Discard)
		c.Close()
		if err != nil || a.ETag != want || (a.Modified == "") != (want == "") {
			t.Errorf("%v: %+v %v", ago, a, err)
		}
	}
}

// What a server could tell one household by is not sent back to it: an ETag that is no hash of a file, a date with more in it than a date.
func TestNoServerMarksAHousehold(t *testing.T) {
	const date = "Tue, 24 Nov 2026 10:00:00 GMT"
	for said, want := range map[[2]string][2]string{
		{`"5f3a91bc"`, date}: {`"5f3a91bc"`, date}, {`W/"5f3a-1b2"`, ""}: {`W/"5f3a-1b2"`, ""}, {`"65a1-3e8-gzip"`, ""}: {`"65a1-3e8-gzip"`, ""},
		{`"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="`, ""}: {`"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="`, ""},
		{`"household-17"`, date}:                               {"", date}, {`mum`, "24 Nov 2026; id=17"}: {"", ""},
		{`"5f3a"; id=mum`, "Tuesday, 24-Nov-26 10:00:00 GMT"}: {"", date}, {`"` + strings.Repeat("a", 65) + `"`, ""}: {"", ""},
	} {
		var asked http.Header
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked = r.Header.Clone()
			w.Header().Set("ETag", said[0])
			w.Header().Set("Last-Modified", said[1])
		})
		c := newClient(hasty, atOnly(s))
		a, err := c.Get(t.Context(), Request{URL: s.URL, Most: 1, Time: time.Minute}, io.Discard)
		if err != nil || a.ETag != want[0] || a.Modified != want[1] {
			t.Errorf("%v: %+v %v", said, a, err)
		}
		// One that an earlier version has kept is not sent either.
		_, err = c.Get(t.Context(), Request{URL: s.URL, Most: 1, Time: time.Minute, ETag: said[0]}, io.Discard)
		if got := asked.Get("If-None-Match"); err != nil || got != want[0] {
			t.Errorf("%v: asked with %q, %v", said, got, err)
		}
		c.Close()
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

// A busy server says when it wants to be asked again.
func TestABusyServer(t *testing.T) {
	for said, want := range map[string]time.Duration{"": 0, "120": 2 * time.Minute, "-5": 0, "99999999999": maxAfter, "x": 0, "1h": 0,
		time.Now().Add(time.Hour).UTC().Format(http.TimeFormat): time.Hour, "Tue, 24 Nov 2020 10:00:00 GMT": 0} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", said)
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		_, err := get(t, newClient(hasty, atOnly(s)), s.URL)
		var status *StatusError
		if !errors.As(err, &status) || status.Status != 503 || (status.After-want).Abs() > time.Minute/2 {
			t.Errorf("%q: %v %+v", said, err, status)
		}
	}
}

func TestEncryptedServers(t *testing.T) {
	plain := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") })
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			http.Redirect(w, r, plain.URL, http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "x"+r.Referer()) //nolint:gosec // no browser sees it
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of those who do not trust it
	s.StartTLS()
	defer s.Close()
	anywhere := func(netip.AddrPort) error { return nil }
	if _, err := get(t, newClient(hasty, anywhere), s.URL); !errors.Is(err, ErrCertificate) {
		t.Errorf("nobody vouches for it: %v", err)
	}
	known := newClient(hasty, anywhere)
	trust := x509.NewCertPool()
	trust.AddCert(s.Certificate())
	known.http.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12} //nolint:forcetypeassert // ours
	if file, err := get(t, known, s.URL); err != nil || file != "x" {
		t.Errorf("%q %v", file, err)
	}
	if _, err := get(t, known, s.URL+"/down"); !errors.Is(err, ErrDowngrade) {
		t.Error(err)
	}
	up := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, s.URL+"/up", http.StatusFound) })
	if file, err := get(t, known, up.URL+"/secret"); err != nil || file != "x" {
		t.Errorf("from plain to encrypted, without saying from where: %q %v", file, err)
	}
}

// A key goes to the server that it is for, on whatever of its pages, and to no other one; and it is in no error.
func TestAKeyGoesToOneServer(t *testing.T) {
	got := make(chan string, 10)
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) { got <- r.Header.Get("Authorization") })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header.Get("Authorization")
		switch r.URL.Path {
		case "/here":
			http.Redirect(w, r, "/there", http.StatusFound)
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/refused":
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	c := New(Options{AllowPrivate: true})
	defer c.Close()
	for path, want := range map[string]error{"/here": nil, "/away": ErrElsewhere, "/refused": ErrAnswer} {
		_, err := c.Get(t.Context(), Request{URL: s.URL + path, Most: 10, Time: time.Minute, Bearer: "secret"}, io.Discard)
		if !errors.Is(err, want) || strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%s: %v", path, err)
		}
	}
	for range 4 {
		if key := <-got; key != "Bearer secret" {
			t.Errorf("the key is %q", key)
		}
	}
	if len(got) != 0 {
		t.Error("another server was asked")
	}
}
