// Package setuppages has the first pages in a browser: the questions of package setup, what has to be typed into phones and adapter, and the way on to
// the first account. To open them, people type the six-word code from the machine's console.
//
// They are there only in a program that was started with nothing set up. For its first hour all of the pages can then be reached in the home network,
// by https and behind the same code (Server.Door); otherwise only as the settings say (Server.Before).
package setuppages

import (
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"sync"

	"golang.org/x/time/rate"

	"ringfence/accounts"
	"ringfence/setup"
	"ringfence/web/field"
	"ringfence/web/gate"
	"ringfence/web/render"
	"ringfence/web/static"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Options are what the pages are made of. All fields are needed.
type Options struct {
	Code string // six words
	// Look says what there is to propose from, at this moment.
	Look func(ctx context.Context) (setup.Machine, error)
	// FindRouter looks for a FRITZ!Box in the home network, for seconds; "": there is none.
	FindRouter func(ctx context.Context) string
	// Account is the path of the page that makes the first account; "" as long as the program is not there yet, "/" where somebody has one.
	Account func(ctx context.Context) (string, error)
	// Open says whether a household can still be set up here. Afterwards the pages are gone, and their code opens nothing.
	Open func(ctx context.Context) bool
	Log  *slog.Logger
}

// Server is the pages.
type Server struct {
	Options
	static static.Files
	pages  *render.Pages
	tries  *accounts.Limits // of codes, by where they come from

	mu      sync.Mutex
	inside  map[string]bool // cookies of those who typed the right one
	answers setup.Answers
	done    *setup.Done // what was written; nil: nothing yet
	task    task
}

// New makes them.
func New(o Options) (*Server, error) {
	s := &Server{Options: o, tries: accounts.NewLimits(rate.Every(tryEvery), triesAtOnce), inside: map[string]bool{}, answers: setup.Answers{}}
	var err error
	if s.static, err = static.Read(); err != nil {
		return nil, err
	}
	s.pages, err = render.Read(templateFiles, template.FuncMap{"asset": s.static.Address, "field": field.New})
	return s, err
}

// Door is all pages behind the code, for the home network, by https: those of the set-up, and next, the program's own, once they are there.
func (s *Server) Door(next func() http.Handler) http.Handler { return s.handler(next, true) }

// Before puts the set-up before the program's own pages, which need no code.
func (s *Server) Before(next func() http.Handler) http.Handler { return s.handler(next, false) }

// handler serves. door says that everything needs the code, and that people come by https.
func (s *Server) handler(next func() http.Handler, door bool) http.Handler {
	own := http.NewServeMux()
	for pattern, serve := range map[string]handlerFunc{
		"GET /setup/code": s.codePage, "POST /setup/code": s.codeTyped, "GET /setup/{$}": s.goOn,
		"GET /setup/{page}": s.questionPage, "POST /setup/{page}": s.questionsAnswered,
		"GET /setup/working": s.workingPage, "GET /setup/done": s.donePage, "POST /setup/adapter": s.serveAdapter, "GET /setup/account": s.account,
	} {
		own.Handle(pattern, s.serve(serve))
	}
	own.HandleFunc("GET /static/{name}", func(w http.ResponseWriter, r *http.Request) { s.static.Serve(w, r, http.NotFound) })
	forms := gate.Headers(door, gate.OwnForms(door, http.HandlerFunc(s.crossOrigin), own))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		after := next()
		ours := isOurs(r.URL.Path) && (door || after == nil || s.Open(r.Context()))
		switch {
		case (ours || door || after == nil) && needsCode(r.URL.Path) && !s.knows(r):
			http.Redirect(w, r, "/setup/code", http.StatusSeeOther)
		case ours || after == nil && isStatic(r.URL.Path):
			forms.ServeHTTP(w, r)
		case after == nil:
			http.Redirect(w, r, "/setup/", http.StatusSeeOther)
		default:
			after.ServeHTTP(w, r)
		}
	})
}

type handlerFunc func(w http.ResponseWriter, r *http.Request) error

// maxForm is how large a form may be, in bytes.
const maxForm = 32 << 10

func (s *Server) serve(do handlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			http.Error(w, "That is too much text. Please shorten it and try again.", http.StatusRequestEntityTooLarge)
			return
		}
		if err := do(w, r); err != nil {
			s.Log.Error("a page of the set-up could not be shown", "route", r.Pattern, "err", err)
			http.Error(w, "Something went wrong. Please try again. The log says what it was.", http.StatusInternalServerError)
		}
	})
}

func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request) {
	s.Log.Warn("a form from another site was refused", "route", r.URL.Path, "origin", gate.Bounded(r.Header.Get("Origin")))
	http.Error(w, "That came from another site, so nothing was changed.", http.StatusForbidden)
}

// page is what a template gets.
type page struct {
	Title  string
	Step   int // from 1 on; 0: none
	Errors []string
	Again  bool // it loads itself again: something is under way
	Data   any
}

// step is one of the steps at the head of a page.
type step struct {
	Name          setup.Page
	Done, Current bool
}

// Steps are all of them, for the template.
func (p page) Steps() (all []step) {
	for i, name := range setup.Pages() {
		all = append(all, step{name, i+1 < p.Step, i+1 == p.Step})
	}
	return all
}

func (s *Server) show(w http.ResponseWriter, name string, p page) error {
	status := http.StatusOK
	if len(p.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.pages.Write(w, status, name, p)
}
