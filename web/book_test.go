package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/emersion/go-webdav"
	"github.com/emersion/go-webdav/carddav"

	"ringfence/accounts"
	devices "ringfence/sharing/carddav"
	"ringfence/store"
	"ringfence/store/lists"
	"ringfence/web/api"
)

// A carer makes a password for a device, which then reads the numbers that are turned away; and withdraws it.
func TestBookInABrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.fillBlocks()
	b := s.browse("carer", "/h/mum/lists")
	b.press("Numbers for a phone’s own block list")
	b.sees("Make a password")
	b.shot("list-book-none")
	b.axe()
	b.fits()
	b.fill("How many numbers", "100")
	b.press("Make the password")
	b.sees("Your password")
	b.shot("list-book-made")
	b.axe()
	b.fits()
	password := eval[string](b, `document.getElementById("book-password").value`)
	book, err := s.db.OpenBook(t.Context(), "mum", password, siteNow)
	if err != nil || book.Most != 100 || book.By != "Carer Taylor" {
		t.Errorf("%+v %v", book, err)
	}
	b.open("/h/mum/lists/book")
	b.sees("Made today at 11:00 by Carer Taylor, for 100 numbers. Last used today at 11:00.")
	if strings.Contains(b.text(), password) {
		t.Error("the password is shown again")
	}
	b.shot("list-book")
	b.press("Revoke it")
	b.sees("Devices can't read the address book any more.")
	if _, err := s.db.OpenBook(t.Context(), "mum", password, siteNow); err == nil {
		t.Error("it still opens the book")
	}
	if strings.Contains(s.log.String(), password) {
		t.Error("the password is in the log")
	}
}

// makeBook makes a household's password.
func (s *site) makeBook(household string, most int) string {
	s.t.Helper()
	password, err := s.db.MakeBook(s.t.Context(), store.Book{Household: household, Most: most, Made: siteNow})
	s.ok(err)
	return password
}

// A device reads the household's surest numbers, as many as it takes, and none of a contact's; what changes in the lists is there the
// next time.
func TestADeviceReadsTheBook(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	put := func(digits ...string) {
		t.Helper()
		_, err := s.db.Lists.Replace(t.Context(), "mum", "parish", "", func(yield func(lists.Entry, error) bool) {
			for n, d := range digits {
				if !yield(lists.Entry{Digits: d, Confidence: 0.9 - float64(n)/10}, nil) {
					return
				}
			}
		})
		s.ok(err)
	}
	put("442079460666", "442079460123", "441614960666", "441614960667") // the second is Anna's
	password := s.makeBook("mum", 2)
	client, err := carddav.NewClient(webdav.HTTPClientWithBasicAuth(http.DefaultClient, "mum", password), s.web.URL+"/.well-known/carddav")
	s.ok(err)
	has := func(want string) {
		t.Helper()
		principal, err := client.FindCurrentUserPrincipal(t.Context())
		s.ok(err)
		home, err := client.FindAddressBookHomeSet(t.Context(), principal)
		s.ok(err)
		books, err := client.FindAddressBooks(t.Context(), home)
		s.ok(err)
		all, err := client.QueryAddressBook(t.Context(), books[0].Path, &carddav.AddressBookQuery{DataRequest: carddav.AddressDataRequest{AllProp: true}})
		s.ok(err)
		var got []string
		for _, one := range all {
			got = append(got, one.Card.Value("TEL"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%v, not %s", got, want)
		}
	}
	has("+442079460666 +441614960666")
	s.ok(s.db.AddContact(t.Context(), "mum", "The plumber", "+442079460666"))
	has("+441614960666 +441614960667")
	put("442079460777", "442079460100") // the household's own
	has("+442079460777")
	s.ok(s.db.SetOption(t.Context(), "mum", "threshold", 0.95))
	has("")
}

// Each address for devices is answered to the household's own device alone.
func TestEveryDeviceRouteAsEverybody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, err := s.db.Lists.Replace(t.Context(), "gran", "gran's secret list", "", func(yield func(lists.Entry, error) bool) {
		yield(lists.Entry{Digits: "442079460999", Confidence: 1}, nil)
	})
	s.ok(err)
	old, mum, gran := s.makeBook("mum", 10), s.makeBook("mum", 10), s.makeBook("gran", 10)
	paths := []string{"/carddav/", "/carddav/gran/", "/carddav/gran/books/", "/carddav/gran/books/scams/", "/carddav/gran/books/scams/442079460999.vcf"}
	methods := []string{http.MethodPut, http.MethodDelete, "MKCOL", "PROPPATCH", http.MethodPost}
	methods = append(methods, devices.Methods()...)
	for _, method := range methods {
		for _, path := range paths {
			for who, as := range map[string]*url.Userinfo{"nobody": nil, "mum's old one": url.UserPassword("mum", old), "mum with gran's": url.UserPassword("mum", gran),
				"gran with mum's": url.UserPassword("gran", mum), "no password": url.UserPassword("mum", ""), "mum": url.UserPassword("mum", mum)} {
				r, err := http.NewRequestWithContext(t.Context(), method, s.web.URL+path, strings.NewReader(`<propfind xmlns="DAV:"><allprop/></propfind>`))
				s.ok(err)
				r.Header.Set("Content-Type", "application/xml")
				r.Header.Set("Depth", "infinity")
				c := s.as("")
				if as != nil {
					password, _ := as.Password()
					r.SetBasicAuth(as.Username(), password)
				} else {
					c = s.as("granowner") // whose cookie means nothing here
				}
				a := c.do(r)
				s.guesses = accounts.NewLimits(api.AskEach, api.AskAtOnce) // how often one may try is tested elsewhere
				writes := method == http.MethodPut || method == http.MethodDelete || method == "MKCOL" || method == "PROPPATCH" || method == http.MethodPost
				switch {
				case writes && a.status != http.StatusMethodNotAllowed:
					t.Errorf("%s %s as %s is answered %d", method, path, who, a.status)
				case !writes && who != "mum" && (a.status != http.StatusUnauthorized || !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Basic")):
					t.Errorf("%s %s as %s is answered %d", method, path, who, a.status)
				case strings.Contains(a.body, "442079460999"):
					t.Errorf("%s %s as %s shows a number of gran's", method, path, who)
				}
			}
		}
	}
}

// Who tries passwords is slowed down.
func TestTryingPasswordsOfBooks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for range 1000 {
		r, err := http.NewRequestWithContext(t.Context(), "PROPFIND", s.web.URL+"/carddav/", nil)
		s.ok(err)
		r.SetBasicAuth("mum", "guess")
		if s.as("").do(r).status == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("a thousand passwords were tried")
}
