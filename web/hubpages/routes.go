package hubpages

import (
	"net/http"
	"net/url"
	"slices"

	"ringfence/web/gate"
)

// route is an address and what it does. Who may use it is said here, and checked before serve is called.
type route struct {
	pattern    string // as for http.ServeMux
	moderators bool   // only for moderators
	serve      func(w http.ResponseWriter, r *http.Request, v *visitor) error
}

// Handler is the pages and the interface as one handler.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.allRoutes() {
		mux.Handle(rt.pattern, s.serve(rt))
	}
	mux.HandleFunc("/", s.notFound)
	all := http.NewServeMux()
	all.Handle("/v1/", apiHandlers{s}.api()) // without cookies, so that no other site can use them
	all.HandleFunc("GET /list/{file}", publicHandlers{s}.listFile)
	all.HandleFunc("GET /health", s.health)
	all.HandleFunc("GET /static/{name}", func(w http.ResponseWriter, r *http.Request) { s.static.Serve(w, r, s.notFound) })
	all.Handle("/", gate.OwnForms(s.Secure, http.HandlerFunc(s.crossOrigin), s.sessions.LoadAndSave(mux)))
	return gate.Headers(s.Secure, all)
}

func (s *Server) allRoutes() []route {
	return slices.Concat(publicHandlers{s}.routes(), s.accountRoutes(), moderatorHandlers{s}.routes())
}

func (s publicHandlers) routes() []route {
	return []route{
		{"GET /{$}", false, s.front},
		{"GET /join", false, s.joinPage},
		{"GET /list/{$}", false, s.listPage},
		{"GET /appeal", false, s.appealPage},
		{"POST /appeal", false, s.appeal},
		{"GET /appeal/{secret}", false, s.appealState},
	}
}

func (s moderatorHandlers) routes() []route {
	return []route{
		{"GET /moderate", true, s.numbers},
		{"POST /moderate/publish", true, s.publish},
		{"GET /moderate/log", true, s.serves(viewOf("log", "log", "What was decided", s.log))},
		{"GET /moderate/protected", true, s.serves(s.protectedView())},
		{"POST /moderate/protected", true, s.protect},
		{"GET /moderate/numbers/{number}", true, s.number},
		{"POST /moderate/numbers/{number}", true, s.decide},
		{"GET /moderate/appeals", true, s.appeals},
		{"GET /moderate/appeals/{id}", true, s.answerPage},
		{"POST /moderate/appeals/{id}", true, s.answer},
		{"GET /moderate/keys", true, s.serves(s.keysView())},
		{"POST /moderate/keys", true, s.expel},
		{"GET /moderate/invitations", true, s.serves(s.invitationsView())},
		{"POST /moderate/invitations", true, s.invite},
		{"POST /moderate/invitations/{id}/withdraw", true, s.withdraw},
		{"POST /moderate/invitations/{id}/expel", true, s.expelInvited},
	}
}

func (s *Server) accountRoutes() []route {
	routes := []route{{"GET " + accountAt, true, func(w http.ResponseWriter, r *http.Request, v *visitor) error { return s.account(w, r, v, "") }}}
	for _, rt := range s.accounts.Routes() {
		routes = append(routes, route{rt.Pattern, rt.SignedIn, rt.Serve})
	}
	return routes
}

// maxForm is how large a form may be, in bytes.
const maxForm = 32 << 10

func (s *Server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		v, err := s.visitor(r)
		if err == nil && rt.moderators && v.Moderator.ID == 0 {
			to := "/sign-in"
			if r.Method == http.MethodGet && r.URL.Path != "/moderate" {
				to += "?to=" + url.QueryEscape(r.URL.RequestURI())
			}
			http.Redirect(w, r, to, http.StatusSeeOther)
			return
		}
		if err == nil && r.Method == http.MethodPost {
			err = r.ParseForm()
		}
		if err == nil {
			err = rt.serve(w, r, v)
		}
		if err != nil {
			s.fail(w, r, v, err)
		}
	})
}

// visitor finds out who makes a request.
func (s *Server) visitor(r *http.Request) (v *visitor, err error) {
	v = &visitor{Now: s.Now()}
	v.Moderator, v.login, err = s.accounts.Recognise(r)
	return v, err
}

// notFound answers for every address without a route.
func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, &visitor{Now: s.Now()}, errNotFound)
}

// crossOrigin answers a form that another site's page has sent.
func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request) {
	s.Log.Warn("a form from another site was refused", "route", r.URL.Path, "origin", gate.Bounded(r.Header.Get("Origin")))
	s.fail(w, r, &visitor{Now: s.Now()}, fault{http.StatusForbidden, "That came from another site, so nothing was changed. Open this page by its own address and try again."})
}
