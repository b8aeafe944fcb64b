package hubpages

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"ringfence/store/people"
	"ringfence/web/gate"
)

// visitor is who makes a request, and what the page for it needs.
type visitor struct {
	Moderator people.Person // ID 0: nobody has signed in
	login     int64         // by which they have signed in
	Now       time.Time
}

// route is an address and what it does. Who may use it is said here, and checked before serve is called.
type route struct {
	pattern    string // as for http.ServeMux
	moderators bool   // only for moderators
	serve      func(w http.ResponseWriter, r *http.Request, v *visitor) error
}

func (s *Server) allRoutes() []route {
	return slices.Concat(publicHandlers{s}.routes(), s.accountRoutes(), moderatorHandlers{s}.routes())
}

// maxForm is how large a form may be, in bytes.
const maxForm = 32 << 10

var (
	errNotFound = fault{http.StatusNotFound, "There is no such page. It may have been removed, or the address has a mistake in it."}
	errTooMany  = fault{http.StatusTooManyRequests, "There have been too many tries from where you are. Please wait a while and try again."}
)

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
