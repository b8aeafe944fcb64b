// Package hubpages is what a group's hub shows the world: the interface by which households report, a public page with the list, a page for people
// whose number is on it wrongly, and the pages on which moderators decide.
//
// Pages are made on the server and work without script. What a page needs is in the route table, never in a handler. Nothing here can show who has reported a number,
// because package sharing/hub tells nobody.
package hubpages

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"aead.dev/minisign"
	"github.com/alexedwards/scs/v2"
	"golang.org/x/time/rate"

	"ringfence/accounts"
	"ringfence/sharing/hub"
	"ringfence/sharing/list"
	"ringfence/store/people"
	"ringfence/web/account"
	"ringfence/web/gate"
	"ringfence/web/render"
	"ringfence/web/static"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Publishing publishes the list when a moderator asks for it, and knows the group's own protected numbers.
type Publishing interface {
	// Publish publishes the list as it is now; the error is a sentence for operators.
	Publish(ctx context.Context) (list.Published, error)
	// Protected reads the group's own protected numbers; the error is a sentence for people.
	Protected() (*list.Protected, error)
}

// Options is what the pages are made of. All fields are needed unless they say otherwise.
type Options struct {
	Hub        *hub.Hub
	Publishing Publishing
	Folder     string             // with the published list
	Key        minisign.PublicKey // that it is signed with
	ListLink   string             // for subscribing: it carries the list's address and its key
	Public     string             // the address by which people reach the hub, such as "https://hub.example", without a slash at its end
	Secure     bool               // people reach the hub by https
	Proxies    int                // how many trusted proxies are in front of us and add to X-Forwarded-For
	PerHour    int                // how many reports of a household are taken in an hour
	Zone       *time.Location
	Log        *slog.Logger
	Now        func() time.Time
}

// Server is the pages and the interface.
type Server struct {
	Options
	sessions *scs.SessionManager
	accounts *account.Pages[*visitor]
	static   static.Files
	proxied  sync.Once // it has been logged that there is a web server in front of us that the settings do not mention
	pages    *render.Pages

	joining   *accounts.Limits // by address
	strangers *accounts.Limits // by address: requests without a valid key
	reporting *accounts.Limits // by key
	appealing *accounts.Limits // by neighbourhood
	asking    *accounts.Limits // by address: is this number on the list?
}

// How often, by address, somebody without a key may ask. A whole village may be behind one address.
const (
	joinEach, joinAtOnce         = 2 * time.Minute, 10
	strangerEach, strangerAtOnce = time.Minute, 30
	appealEach, appealAtOnce     = time.Hour, 3
	askEach, askAtOnce           = 5 * time.Second, 30
)

// visitor is who makes a request, and what the page for it needs.
type visitor struct {
	Moderator people.Person // ID 0: nobody has signed in
	login     int64         // by which they have signed in
	Now       time.Time
}

// New makes the pages; Handler serves them.
func New(o Options) (s *Server, err error) {
	s = &Server{
		Options: o,
		joining: accounts.NewLimits(rate.Every(joinEach), joinAtOnce), strangers: accounts.NewLimits(rate.Every(strangerEach), strangerAtOnce),
		reporting: accounts.NewLimits(rate.Every(time.Hour/time.Duration(o.PerHour)), o.PerHour),
		appealing: accounts.NewLimits(rate.Every(appealEach), appealAtOnce), asking: accounts.NewLimits(rate.Every(askEach), askAtOnce),
	}
	if s.static, err = static.Read(); err != nil {
		return nil, err
	}
	if s.pages, err = render.Read(templateFiles, s.functions()); err != nil {
		return nil, err
	}
	s.sessions = gate.Sessions(o.Hub.People, "ringfence-hub", o.Secure, o.Log, "Something went wrong here. Please try again.")
	s.accounts = s.accountPages()
	return s, nil
}

// health says whether the hub can do its work, for monitors.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := s.Hub.Households(r.Context()); err != nil {
		s.Log.Error("the database of the hub does not answer", "err", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("the database does not answer\n"))
		return
	}
	_, _ = w.Write([]byte("ok\n")) // whoever asked may have gone
}

// address is the network that a request comes from, as far as one household has it to itself.
func (s *Server) address(r *http.Request) string { return accounts.Network(gate.Address(r, s.Proxies)) }

// neighbourhood is the network that a request comes from, as far as one person may have all of its addresses.
func (s *Server) neighbourhood(r *http.Request) string {
	if s.Proxies == 0 && r.Header.Get("X-Forwarded-For") != "" {
		s.proxied.Do(func() {
			s.Log.Warn("a web server before this hub says where households are, but proxies in hub.toml is 0, so all of them seem to be in its own network. " +
				"If the web server is yours, set proxies to 1")
		})
	}
	return accounts.Neighbourhood(gate.Address(r, s.Proxies))
}
