package web

import (
	"net/http"
	"time"
)

// What a session has.
const (
	sessionLogin   = "login"   // by which somebody has signed in; it can be ended
	sessionHalf    = "half"    // who has given a password, and has a code of an app to give yet
	sessionPasskey = "passkey" // what a passkey has to answer
	sessionSecret  = "secret"  // of an app that is being set up
)

// sessionLife is how long somebody stays signed in on a device. A carer who has to sign in anew in a car park does not look.
const sessionLife = 30 * 24 * time.Hour

// signIn makes the browser that of a person. The session gets a new token, so that one that somebody else has seen before is
// worth nothing.
func (s *Server) signIn(r *http.Request, person int64) error {
	ctx := r.Context()
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	login, err := s.Store.AddLogin(ctx, person, r.UserAgent(), s.Address(r), s.Now())
	if err != nil {
		return err
	}
	for _, of := range []string{sessionHalf, sessionPasskey, sessionSecret} { // whoever was here before
		s.sessions.Remove(ctx, of)
	}
	s.sessions.Put(ctx, sessionLogin, login)
	return nil
}
