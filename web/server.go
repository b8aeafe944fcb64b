// Package web serves the carers' pages: who rang, what was said, and what the household lets through, from a browser.
//
// Pages are made on the server and work without script; a little of it keeps Today up to date and lets a week be painted.
// Each page is a file here and a template of the same name. What a page needs and who may see it stands in the route
// table (see route), never in a handler, so that one test can walk all of it.
//
// A page never makes a call wait: it reads beside calls, and writes as shortly as a telephone's key does.
package web

import (
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"golang.org/x/time/rate"

	"ringfence/store"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// Options is what the pages are made of. All fields are needed unless they say otherwise.
type Options struct {
	Store *store.Store
	// Households tells what ringfence.toml, and who set it up, say of each household. It is asked on every request, for a
	// region can be changed while the pages are served.
	Households  func() []Household
	Switchboard Switchboard
	Messenger   Messenger
	Houses      Houses
	Regions     Regions
	Phrases     Phrases
	Backups     Backups
	TestCalls   TestCalls
	Languages   []Language // in which callers can be spoken to
	Log         *slog.Logger
	Now         func() time.Time
	// Secure says that people reach the pages by https, so that cookies are sent by that alone.
	Secure bool
	// Public is the address by which people reach the pages, such as "https://ringfence.example"; "" is that by which they
	// came. It is what links in invitations begin with.
	Public string
	// Proxies is how many proxies that we trust stand before us and add the caller's address to X-Forwarded-For.
	Proxies int
}

// Server is the pages.
type Server struct {
	Options
	sessions *scs.SessionManager
	doors    *doors
	tests    *limits
	pages    map[string]*parsed
	assets   map[string]asset
	// converting is held by whoever converts a recording; see setPhrase.
	converting sync.Mutex
	uploads    uploads
	asked      *limits // how often programs have asked
}

// New makes the pages; Handler serves them.
func New(o Options) (*Server, error) {
	s := &Server{Options: o, asked: newLimits(askEach, askAtOnce), tests: newLimits(rate.Every(testEvery), someTests)}
	static, err := fs.Sub(staticFiles, "static")
	if err != nil {
		return nil, err
	}
	if s.assets, err = readAssets(static); err != nil {
		return nil, err
	}
	if s.pages, err = s.parsePages(); err != nil {
		return nil, err
	}
	s.sessions = newSessions(o)
	if s.doors, err = newDoors(); err != nil {
		return nil, err
	}
	return s, nil
}

// Handler is the pages as one handler.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.routes() {
		mux.Handle(rt.pattern, s.serve(rt))
	}
	mux.HandleFunc("GET /static/{name}", s.static)
	mux.HandleFunc("/", s.nothingThere)
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(s.crossOrigin))
	all := http.NewServeMux()
	all.Handle("/api/", s.api()) // without cookies, so that nothing of another site could use them
	all.HandleFunc("GET /health", s.health)
	all.Handle("/", cross.Handler(s.sessions.LoadAndSave(mux)))
	return s.headers(all)
}

// headers are those that every answer has. Nothing comes from elsewhere, and no page can be shown inside another's: a carer
// cannot be led to press something here that they do not see.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "+
			"media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		// Of an address with a token in it nothing is told to anybody else.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "microphone=(self), camera=(), geolocation=(), payment=()")
		// What is on a page is people's lives: it stays in no cache, and is not there any more after signing out.
		h.Set("Cache-Control", "private, no-store")
		if s.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}
