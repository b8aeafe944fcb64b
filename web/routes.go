package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
)

// right is what somebody must be allowed for a route.
type right int

const (
	anybody    right = iota // also those who have not signed in
	signedIn                // everybody with an account
	see                     // whoever belongs to the household, a viewer for example
	hear                    // those of them who may hear recordings
	change                  // carers and owners
	tend                    // those of them who may hear recordings: messages are theirs to look after
	own                     // owners
	bookReader              // whoever has the password of the household's address book; nobody else, whatever their role
)

// route is an address and what it does. What it needs stands here and is checked before serve is called.
type route struct {
	pattern string // as for http.ServeMux
	needs   right
	serve   func(w http.ResponseWriter, r *http.Request, v *visit) error
}

// routes is every address there is but those of the fixed files.
func (s *Server) routes() []route {
	return slices.Concat(
		s.homeRoutes(),
		s.signInRoutes(),
		s.passkeyRoutes(),
		s.meRoutes(),
		s.myCodeRoutes(),
		s.peopleRoutes(),
		s.linkRoutes(),
		s.changesRoutes(),
		s.todayRoutes(),
		s.settingsRoutes(),
		s.callerRoutes(),
		s.contactsRoutes(),
		s.callsRoutes(),
		s.recordingRoutes(),
		s.monthRoutes(),
		s.blocksRoutes(),
		s.listsRoutes(),
		s.bookRoutes(),
		s.subscriptionsRoutes(),
		s.phoneBlockRoutes(),
		s.groupsRoutes(),
		s.whyRoutes(),
		s.beingToldRoutes(),
	)
}

// serve makes a handler of a route: who comes, whether they may, and what they are told if something fails.
func (s *Server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := s.visit(r)
		if err == nil {
			err = v.may(rt.needs)
		}
		if err == nil {
			err = rt.serve(w, r, v)
		}
		switch {
		case errors.Is(err, errSignIn):
			s.toSignIn(w, r)
		case err != nil:
			s.fail(w, r, v, err)
		}
	})
}

// toSignIn brings somebody who has not signed in there, and afterwards back to the page that they wanted.
func (s *Server) toSignIn(w http.ResponseWriter, r *http.Request) {
	to := "/sign-in"
	if r.Method == http.MethodGet && r.URL.Path != "/" {
		to += "?to=" + url.QueryEscape(r.URL.RequestURI())
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
