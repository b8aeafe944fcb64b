package setuppages

import (
	"net/http"

	"ringfence/web/gate"
)

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
