package booksync

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"ringfence/sharing/booksync/booksynctest"
)

// answers has every request answered like this.
func answers(status int, body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return true
	}
}

// on has only some requests answered like this. It reads the request, without which a server does not see that whoever asked has gone.
func on(what string, f func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if strings.TrimSpace(r.Method+" "+r.Header.Get("Depth")) != what {
			return false
		}
		_, _ = io.Copy(io.Discard, r.Body)
		return f(w, r)
	}
}

func status(code int, header ...string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		return true
	}
}

func multi(responses ...string) string {
	return `<?xml version="1.0"?><multistatus xmlns="DAV:">` + strings.Join(responses, "") + "</multistatus>"
}

// book is an address book's answer about itself.
func book(properties string) string {
	return multi(`<response><href>/anna/books/family/</href><propstat><prop><resourcetype><collection/><addressbook xmlns="urn:ietf:params:xml:ns:carddav"/></resourcetype>` +
		properties + `</prop><status>HTTP/1.1 200 OK</status></propstat></response>`)
}

// Whatever a server does wrong, the error is a sentence that says what, nothing is stored of the answer, and cards and contacts stay as they were.
//
// Long: one table.
func TestServersThatMisbehave(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another server was asked, with %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	hangs := func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }
	endless := func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusMultiStatus)
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return true
			}
		}
		return true
	}
	trickles := func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusMultiStatus)
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte(" "))
			_ = http.NewResponseController(w).Flush()
			time.Sleep(50 * time.Millisecond)
		}
		return true
	}
	cut := func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", "9999")
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = w.Write([]byte(multi("<response>")))
		return true
	}
	for name, test := range map[string]struct {
		does func(http.ResponseWriter, *http.Request) bool
		says string
	}{
		"wrong password":          {status(401, "WWW-Authenticate", `Basic realm="x"`), "doesn't take this user name and password"},
		"may not read":            {status(403), "doesn't let this user read"},
		"removed":                 {status(404), "no address book at this address"},
		"a fault":                 {status(500), "fault of its own (500)"},
		"bad gateway":             {on("REPORT 1", status(502)), "fault of its own (502)"},
		"busy":                    {status(503, "Retry-After", "7200"), "busy (503)"},
		"no such method":          {status(405), "isn't a CardDAV server"},
		"a web page":              {answers(200, "<!DOCTYPE html><html><body>Sign in</body></html>"), "web page"},
		"a web page with 207":     {answers(207, "<html><body>Sign in</body></html>"), "web page"},
		"another document":        {answers(207, "<rss><channel/></rss>"), "isn't a CardDAV server"},
		"nothing":                 {answers(207, ""), "or it is damaged"},
		"JSON":                    {answers(207, `{"error": "no"}`), "or it is damaged"},
		"half of it":              {answers(207, multi()[:40]), "or it is damaged"},
		"cut off":                 {on("PROPFIND 1", cut), "or it is damaged"},
		"hangs":                   {on("PROPFIND 1", hangs), "doesn't answer in time"},
		"a byte at a time":        {on("PROPFIND 1", trickles), "doesn't answer in time"},
		"endless":                 {on("PROPFIND 1", endless), ""},
		"leads to another server": {status(301, "Location", elsewhere.URL+"/dav/"), "leads to another one"},
		"another server, later":   {on("REPORT 1", status(307, "Location", elsewhere.URL+"/dav/")), "leads to another one"},
		"leads round in circles": {func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) //nolint:gosec // it is the test's server that leads astray
			return true
		}, "without end"},
		"leads to a file":            {status(302, "Location", "file:///etc/passwd"), "isn't a CardDAV server"},
		"no address book any more":   {on("PROPFIND 0", answers(207, multi(`<response><href>/anna/books/family/</href><propstat><prop><resourcetype/></prop><status>HTTP/1.1 200 OK</status></propstat></response>`))), "something else than an address book"},
		"half of the cards":          {on("REPORT 1", answers(207, multi())), "or it is damaged"},
		"a fault with one card":      {on("PROPFIND 1", answers(207, multi(`<response><href>/anna/books/family/a.vcf</href><status>HTTP/1.1 507 Insufficient Storage</status></response>`))), "or it is damaged"},
		"cards with no address":      {on("PROPFIND 1", answers(207, multi(`<response><propstat><prop><getetag>"1"</getetag></prop><status>HTTP/1.1 200 OK</status></propstat></response>`))), "or it is damaged"},
		"a billion laughs":           {answers(207, `<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><multistatus xmlns="DAV:">&b;</multistatus>`), "or it is damaged"},
		"deep":                       {answers(207, strings.Repeat("<a>", 20_000)), "CardDAV"},
		"cards are web pages":        {on("REPORT 1", answers(200, "<html>")), "web page"},
		"the house's own networks":   {status(302, "Location", "http://192.168.178.1/"), "leads to another one"},
		"without encryption instead": {status(302, "Location", "ftp://example.org/"), "isn't a CardDAV server"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			db := database(t)
			u := newUpdater(t, db)
			begin(t, u, s)
			before, err := db.SyncedCards(t.Context(), "mum")
			if err != nil {
				t.Fatal(err)
			}
			s.Put("Family", "Ben Taylor", "020 7946 0109")
			s.Instead(test.does)
			usual := u.Within
			if strings.HasSuffix(test.says, "in time") { // elsewhere a busy machine is slow, too
				u.Within = 2 * time.Second
			}
			_, err = u.Check(t.Context(), "mum")
			u.Within = usual
			if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), booksynctest.Password) {
				t.Errorf("%v", err)
			}
			var failure *Failure
			if !errors.As(err, &failure) {
				t.Errorf("not for people: %v", err)
			}
			after, err := db.SyncedCards(t.Context(), "mum")
			if err != nil || !slices.Equal(before, after) {
				t.Errorf("%v, not %v (%v)", after, before, err)
			}
			sync, err := db.ContactSync(t.Context(), "mum")
			if err != nil || sync.Failures != 1 || !strings.Contains(sync.Error, test.says) || sync.Next.Before(time.Now().Add(5*time.Minute)) {
				t.Errorf("noted: %+v %v", sync, err)
			}
			s.Instead(nil)
			if _, err := u.Check(t.Context(), "mum"); err != nil {
				t.Error(err)
			}
			if sync, err := db.ContactSync(t.Context(), "mum"); err != nil || sync.Failures != 0 || sync.Error != "" {
				t.Errorf("it works again, and there is %+v %v", sync, err)
			}
		})
	}
}
