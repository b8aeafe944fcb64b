// Package web serves the carers' pages: who rang, what was said, and what the household lets through, from a browser.
//
// Pages are made on the server and work without script; a little of it keeps Today up to date and lets a week be painted.
// Each page is a file here and a template of the same name.
//
// Server finds out who the visitor is, renders, refuses, and keeps what the next page has to say. Handlers are grouped by what they are for, a type
// for each group (callHandlers, listHandlers, …) with its routes; each builds on Server, and on no other group unless it says so. They are types and
// not packages because a page is a template and a handler together, and all templates share one layout. Who may see a page is said in the route
// tables (see route), never in a handler, so that one test can walk all of them.
//
// A page never makes a call wait: it reads beside calls, and its writes are as short as those of a telephone's key.
package web

import (
	"embed"
	"net/http"
	"sync"

	"github.com/alexedwards/scs/v2"
	"golang.org/x/time/rate"

	"ringfence/accounts"
	"ringfence/sharing/group"
	"ringfence/web/account"
	"ringfence/web/api"
	"ringfence/web/backend"
	"ringfence/web/gate"
	"ringfence/web/render"
	"ringfence/web/static"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Options is what the pages are made of. All fields are needed unless they say otherwise.
type Options struct {
	backend.Backend
	Messenger Messenger
	Phrases   Phrases
	Backups   Backups
	TestCalls TestCalls
	// Secure says that people reach the pages by https, so that cookies are sent over https only.
	Secure bool
	// Public is the address by which people reach the pages, such as "https://ringfence.example"; "" is the one in their request. Links in
	// invitations begin with it.
	Public string
}

// Server is the pages.
type Server struct {
	Options
	api      *api.API
	sessions *scs.SessionManager
	account  *account.Pages[*backend.Visitor]
	pages    *render.Pages
	static   static.Files
	// converting is held by whoever converts a recording; see setPhrase.
	converting sync.Mutex
	uploads    shelf[upload]
	reading    shelf[*reading]
	met        shelf[metList]
	offers     shelf[group.Offer]
	bookOffers shelf[bookOffer]
	readers    chan struct{} // has room for the lists that are read at the same time
	books      books
	tests      *accounts.Limits // how often people may have test messages sent
	meetings   *accounts.Limits // how often people may have other machines asked
	guesses    *accounts.Limits // how often an address may give a wrong password for an address book
}

// New makes the pages; Handler serves them.
func New(o Options) (*Server, error) {
	s := &Server{
		Options: o, tests: accounts.NewLimits(rate.Every(testEvery), someTests), meetings: accounts.NewLimits(rate.Every(meetEvery), someMeetings),
		guesses: accounts.NewLimits(api.AskEach, api.AskAtOnce),
	}
	s.api, s.readers = api.New(&s.Backend), make(chan struct{}, readingNow)
	s.uploads.one = true
	s.reading.busy = func(one *reading) bool { return !one.isDone() }
	var err error
	if s.static, err = static.Read(); err != nil {
		return nil, err
	}
	if s.pages, err = render.Read(templateFiles, s.functions()); err != nil {
		return nil, err
	}
	s.sessions = gate.Sessions(o.Store.People, "ringfence", o.Secure, o.Log, "Something went wrong on this page. Calls are not affected. Please try again.")
	s.account = s.accountPages()
	return s, nil
}

// Handler is the pages as one handler.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.allRoutes() {
		mux.Handle(rt.pattern, s.serve(rt))
	}
	mux.HandleFunc("GET /static/{name}", func(w http.ResponseWriter, r *http.Request) { s.static.Serve(w, r, s.notFound) })
	// A service worker serves the pages below its own address; these two have to be at the top.
	mux.HandleFunc("GET /service-worker.js", s.static.ServeFile("service-worker.js"))
	mux.HandleFunc("GET /app.webmanifest", s.static.ServeFile("app.webmanifest"))
	mux.HandleFunc("/", s.notFound)
	all := http.NewServeMux()
	all.Handle(bookRoot, bookHandlers{s}.devices())
	all.HandleFunc("/.well-known/carddav", toBooks)
	all.Handle("/api/", s.api.Handler()) // without cookies, so that nothing of another site could use them
	all.HandleFunc("GET /health", s.api.Health)
	all.Handle("/", gate.OwnForms(s.Secure, http.HandlerFunc(s.crossOrigin), s.sessions.LoadAndSave(mux)))
	return gate.Headers(s.Secure, all)
}
