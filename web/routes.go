package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ringfence/sharing/addressbook"
	"ringfence/web/backend"
)

// handler answers a request whose visitor may make it. An error becomes the page that says what is wrong.
type handler = func(http.ResponseWriter, *http.Request, *backend.Visitor) error

// route is an address and what it does. What it needs is said here, and checked before serve is called.
type route struct {
	pattern string // as for http.ServeMux
	needs   backend.Permission
	serve   handler
}

// allRoutes are all addresses but those of the fixed files, of programs and of devices.
func (s *Server) allRoutes() []route {
	return slices.Concat(
		signInHandlers{s}.routes(),
		accountHandlers{s}.routes(),
		peopleHandlers{s}.routes(),
		overviewHandlers{s}.routes(),
		areaHandlers{s}.routes(),
		manyHandlers{s}.routes(),
		callHandlers{s}.routes(),
		contactHandlers{s}.routes(), contactSyncHandlers{contactHandlers{s}}.routes(),
		blockHandlers{s}.routes(),
		listHandlers{s}.routes(),
		subscriptionHandlers{listHandlers{s}}.routes(),
		bookHandlers{s}.routes(),
		groupHandlers{s}.routes(),
		settingsHandlers{s}.routes(),
		startHandlers{s}.routes(),
		alertHandlers{s}.routes(),
		machineHandlers{s}.routes(),
		[]route{{"POST /h/{household}/undo/{line}", backend.See, s.undoLine}},
	)
}

// How large a form may be, in bytes: one that is about no household, one that names many, and any other, of which an address book is the largest.
const (
	maxForm   = 64 << 10
	maxMany   = 1 << 20
	maxUpload = addressbook.MaxFile + 2<<20
)

// most is how large what is sent to a route may be, in bytes. Go writes whatever part of a form with a file it does not keep in memory to the disk,
// before anything looks at it: without a limit a stranger at the sign-in could fill the disk, which calls need. Pages that take files have limits of
// their own below this one.
func (rt route) most() int64 {
	switch {
	case strings.HasSuffix(rt.pattern, "/settings/backup/restore"):
		return maxBackup
	case rt.needs == backend.Machine, strings.Contains(rt.pattern, " /many/"):
		return maxMany
	case rt.needs == backend.Anybody, rt.needs == backend.SignedIn:
		return maxForm
	}
	return maxUpload
}

// small reads a form, and returns an error if it is too large: half a form would be taken for one with fields missing. Anything else that is wrong is
// left to whoever reads its fields.
func small(r *http.Request) error {
	var tooLarge *http.MaxBytesError
	if err := errors.Join(r.ParseForm(), r.ParseMultipartForm(maxForm)); errors.As(err, &tooLarge) { //nolint:gosec // serve has bounded the body
		return err
	}
	return nil
}

// serve turns a route into a handler: it finds out who the visitor is, whether they may do this, and what to say if something fails.
func (s *Server) serve(rt route) http.Handler {
	most := rt.most()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		v, err := s.visitor(r)
		if err == nil {
			err = s.Allow(r.Context(), v, rt.needs)
		}
		if err == nil && most <= maxMany {
			err = small(r)
		}
		if err == nil {
			err = rt.serve(w, r, v)
		}
		switch {
		case errors.Is(err, backend.ErrSignIn):
			s.toSignIn(w, r)
		case err != nil:
			s.fail(w, r, v, err)
		}
	})
}

// toSignIn sends somebody who has not signed in to the sign-in page, and afterwards back to the page that they wanted.
func (s *Server) toSignIn(w http.ResponseWriter, r *http.Request) {
	to := "/sign-in"
	if r.Method == http.MethodGet && r.URL.Path != "/" {
		to += "?to=" + url.QueryEscape(r.URL.RequestURI())
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// visitor finds out who makes a request, and about which household.
func (s *Server) visitor(r *http.Request) (*backend.Visitor, error) {
	v := &backend.Visitor{Now: s.Now()}
	if err := s.recognise(r, v); err != nil {
		return v, err
	}
	switch name := r.PathValue("household"); {
	case name == "":
		return v, nil
	case v.Person.ID == 0:
		return v, backend.ErrSignIn
	default:
		return v, v.Enter(name)
	}
}

// recognise finds the person of a session, and the households that they belong to.
func (s *Server) recognise(r *http.Request, v *backend.Visitor) (err error) {
	if v.Person, v.Login, err = s.account.Recognise(r); err != nil || v.Person.ID == 0 {
		return err
	}
	return s.EnterHouseholds(r.Context(), v)
}
