package booksync

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"

	"ringfence/sharing/booksync/booksynctest"
	"ringfence/store"
)

func newUpdater(t *testing.T, db *store.Store) *Updater {
	t.Helper()
	return New(Options{Store: db, Agent: "ringfence/test", Apply: func(context.Context, string) (Applied, error) { return Applied{}, nil }})
}

func from(address string) From {
	return From{Address: address, User: booksynctest.User, Password: booksynctest.Password, AtHome: true}
}

// open is a server with two people.
func open(t *testing.T) *booksynctest.Server {
	t.Helper()
	s := booksynctest.Open(t)
	s.Put("Family", "Anna Taylor", "020 7946 0101")
	s.Put("Family", "Ben Taylor", "020 7946 0102", "07700 900102")
	return s
}

// An address book is found by the server's address, by that of who signs in, by that of the book itself, and by what stands in a browser.
func TestLook(t *testing.T) {
	t.Parallel()
	s := open(t)
	u := newUpdater(t, nil)
	for _, path := range []string{"", "/", "/anna/", "/anna/books/family/", "/apps/contacts"} {
		found, err := u.Look(t.Context(), from(s.URL+path))
		if err != nil || len(found) != 1 || found[0].Title != "Family" || found[0].URL != s.URL+"/anna/books/family/" {
			t.Errorf("%s: %v %v", path, found, err)
		}
	}
}

// Where there are several address books, one of them has to be chosen by its name.
func TestChoosingABook(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.Put("Work", "Carol", "020 7946 0103")
	u := newUpdater(t, nil)
	_, _, err := u.Prepare(t.Context(), "mum", from(s.URL))
	var q *Question
	if !errors.As(err, &q) || !slices.Equal(q.Titles(), []string{"Family", "Work"}) {
		t.Fatal(err)
	}
	for _, name := range []string{"work", " Work ", q.Books[1].URL} {
		f := from(s.URL)
		f.Book = name
		if sync, cards, err := u.Prepare(t.Context(), "mum", f); err != nil || sync.Title != "Work" || len(cards) != 1 {
			t.Errorf("%s: %+v %v", name, sync, err)
		}
	}
	f := from(s.URL)
	f.Book = "Clients"
	if _, _, err := u.Prepare(t.Context(), "mum", f); !errors.As(err, &q) || len(q.Books) != 2 {
		t.Error(err)
	}
}

// An hourly check is one request where nothing has changed and the server says so, and otherwise asks only for the cards that have.
func TestOnlyWhatHasChangedIsDownloaded(t *testing.T) {
	t.Parallel()
	s := open(t)
	u := newUpdater(t, nil)
	sync, cards, err := u.Prepare(t.Context(), "mum", from(s.URL))
	if err != nil || len(cards) != 2 {
		t.Fatal(cards, err)
	}
	check := func(version string) changed {
		t.Helper()
		s.Asked()
		now := sync
		now.Version = version
		session, err := u.session(from(sync.URL))
		if err != nil {
			t.Fatal(err)
		}
		got, err := session.changes(t.Context(), now, cards)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := check(""); len(got.cards)+len(got.gone) != 0 {
		t.Error(got)
	}
	if asked := s.Asked(); !slices.Equal(asked, []string{"PROPFIND 0", "PROPFIND 1"}) {
		t.Error(asked)
	}
	s.Put("Family", "Ben Taylor", "020 7946 0103")
	s.Put("Family", "Carol", "020 7946 0104")
	s.Delete("Family", "Anna Taylor")
	got := check("")
	if len(got.cards) != 2 || !slices.Equal(got.gone, []string{"/anna/books/family/anna-taylor.vcf"}) {
		t.Error(got)
	}
	if asked := s.Asked(); !slices.Equal(asked, []string{"PROPFIND 0", "PROPFIND 1", "REPORT 1"}) {
		t.Error(asked)
	}
	s.Instead(answers(207, book("<S:getctag xmlns:S='http://calendarserver.org/ns/'>v7</S:getctag>")))
	if got := check("v7"); got.version != "v7" || len(got.cards)+len(got.gone) != 0 {
		t.Error(got)
	}
	if asked := s.Asked(); !slices.Equal(asked, []string{"PROPFIND 0"}) {
		t.Error(asked)
	}
}

// database is one with a household.
func database(t *testing.T) *store.Store {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "ringfence.db"))
	if err == nil {
		t.Cleanup(func() { _ = db.Close() })
		err = db.EnsureHousehold(t.Context(), "mum")
	}
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// begin begins a household's sync.
func begin(t *testing.T, u *Updater, s *booksynctest.Server) {
	t.Helper()
	sync, cards, err := u.Prepare(t.Context(), "mum", from(s.URL))
	if err == nil {
		err = u.Store.BeginContactSync(t.Context(), sync, booksynctest.Password, cards)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// How long a server is left alone.
func TestBackOff(t *testing.T) {
	t.Parallel()
	u := New(Options{Random: func() float64 { return 0.5 }})
	for want, test := range map[time.Duration]struct {
		failures int
		err      error
	}{
		10 * time.Minute: {0, errHalf}, 40 * time.Minute: {2, errHalf}, 12 * time.Hour: {30, errHalf}, time.Hour: {0, &Failure{Password: true}},
		4 * time.Hour: {2, &Failure{Password: true}}, 2 * time.Hour: {0, &Failure{After: 2 * time.Hour}},
	} {
		if got := u.backOff(store.ContactSync{Failures: test.failures}, test.err); got != want {
			t.Errorf("%v, not %v", got, want)
		}
	}
}

// Baikal asks for the password in the way of RFC 7616.
func TestDigest(t *testing.T) {
	t.Parallel()
	s := open(t)
	inner := s.Handler()
	digesting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		challenge := &digest.Challenge{Realm: "BaikalDAV", Nonce: "abc", QOP: []string{"auth"}, Algorithm: "MD5"}
		proof, err := digest.ParseCredentials(r.Header.Get("Authorization"))
		if err == nil {
			var want *digest.Credentials
			want, err = digest.Digest(challenge, digest.Options{Method: r.Method, URI: proof.URI, Count: proof.Nc, Cnonce: proof.Cnonce, Username: booksynctest.User, Password: booksynctest.Password})
			if err == nil && want.Response != proof.Response {
				err = errors.New("wrong")
			}
		}
		if err != nil {
			w.Header().Set("WWW-Authenticate", challenge.String())
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		r.SetBasicAuth(booksynctest.User, booksynctest.Password)
		inner.ServeHTTP(w, r)
	}))
	defer digesting.Close()
	u := newUpdater(t, nil)
	if _, cards, err := u.Prepare(t.Context(), "mum", from(digesting.URL)); err != nil || len(cards) != 2 {
		t.Error(cards, err)
	}
	wrong := from(digesting.URL)
	wrong.Password = "wrong"
	if _, err := u.Look(t.Context(), wrong); err == nil || !strings.Contains(err.Error(), "doesn't take") {
		t.Error(err)
	}
}

// Addresses that are none, or where the password would be seen.
func TestAddresses(t *testing.T) {
	t.Parallel()
	u := newUpdater(t, nil)
	for address, says := range map[string]string{
		"":                                  "isn't the address",
		"hello":                             "isn't the address",
		"https://":                          "isn't the address",
		"ftp://example.org":                 "isn't the address",
		"https://a:b@example.org":           "isn't the address",
		"http://dav.example.org":            "Without https",
		"https://127.0.0.1:1/":              "in a home network",
		"https://[::1]:1/":                  "in a home network",
		"https://169.254.169.254/":          "in a home network",
		"https://100.64.0.1/":               "in a home network",
		"https://localhost.example.invalid": "can't be reached",
	} {
		f := from(address)
		f.AtHome = false
		if _, err := u.Look(t.Context(), f); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := u.Look(t.Context(), From{Address: "https://example.org"}); !errors.Is(err, errNoUser) {
		t.Error(err)
	}
	// Without encryption only to an address at home, even if the owner says that the server is there.
	if _, err := u.Look(t.Context(), from("http://93.184.215.14/")); err == nil || !strings.Contains(err.Error(), "Without https") {
		t.Error(err)
	}
	const spaced = " https://example.org/#a "
	for address, want := range map[string][2]string{
		"anna@example.org":         {"https://example.org", "anna@example.org"},
		"example.org":              {"https://example.org", ""},
		"carddavs://example.org/x": {"https://example.org/x", ""},
		spaced:                     {"https://example.org/", ""},
	} {
		f := From{Address: address, Password: "x"}
		if want[1] == "" {
			f.User = "u"
		}
		s, err := u.session(f)
		if err != nil || s.start.String() != want[0] || want[1] != "" && s.user != want[1] {
			t.Errorf("%s: %+v %v", address, s, err)
		}
	}
}

// Which servers may get the password of another: those of the same owner, as iCloud's address books are on such a one.
func TestSameOwner(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"https://contacts.icloud.com/", "https://p42-contacts.icloud.com:443/123/", true},
		{"https://mailbox.org/", "https://dav.mailbox.org/", true},
		{"https://cloud.example.org/", "https://cloud.example.org:443/x", true},
		{"http://192.168.1.5:5232/", "http://192.168.1.5:5232/anna/", true},
		{"http://192.168.1.5:5232/", "http://192.168.1.5:80/", false},
		{"https://192.168.1.5/", "https://192.168.1.6/", false},
		{"https://a.example.org/", "http://a.example.org/", false},
		{"https://anna.github.io/", "https://eve.github.io/", false},
		{"https://a.co.uk/", "https://b.co.uk/", false},
		{"https://example.org/", "https://example.org.evil.example/", false},
		{"https://example.org/", "https://example.net/", false},
	} {
		a, _ := url.Parse(test.a)
		b, _ := url.Parse(test.b)
		if got := sameOwner(a, b); got != test.same {
			t.Errorf("%s, %s: %v", test.a, test.b, got)
		}
	}
}

// Nobody can follow an address in an answer to a server of somebody else.
func TestAnswersThatLeadElsewhere(t *testing.T) {
	t.Parallel()
	s := open(t)
	u := newUpdater(t, nil)
	for _, href := range []string{"https://evil.example/anna/", "//evil.example/anna/"} {
		s.Instead(answers(207, multi(fmt.Sprintf(`<response><href>/</href><propstat><prop><current-user-principal><href>%s</href></current-user-principal></prop><status>HTTP/1.1 200 OK</status></propstat></response>`, href))))
		if _, err := u.Look(t.Context(), from(s.URL)); err == nil || !strings.Contains(err.Error(), "evil.example, which must not get the password") {
			t.Error(err)
		}
	}
}

// An expired certificate is named for what it is.
func TestCertificates(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	u := newUpdater(t, nil)
	if _, err := u.Look(t.Context(), from(s.URL)); err == nil || !strings.Contains(err.Error(), "can't prove that it is the server of this name") {
		t.Error(err)
	}
	cert := &x509.Certificate{NotBefore: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)}
	err := ofNetwork(t.Context(), "dav.example.org", &url.Error{Err: x509.CertificateInvalidError{Cert: cert, Reason: x509.Expired}})
	if !strings.Contains(err.Error(), "is valid from 1 January 2025 to 3 March 2026") {
		t.Error(err)
	}
}

// No server is asked for a household that was removed from the machine, whose contacts stay.
func TestARemovedHouseholdsBookIsLeftAlone(t *testing.T) {
	t.Parallel()
	s, db := open(t), database(t)
	u := newUpdater(t, db)
	begin(t, u, s)
	u.Now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	for _, here := range []bool{false, true} {
		s.Asked()
		u.Here = func(household string) bool { return here && household == "mum" }
		u.due(t.Context())
		if asked := s.Asked(); (len(asked) > 0) != here {
			t.Errorf("where it is here (%v) the server is asked %q", here, asked)
		}
	}
}
