package hubpages

import (
	"errors"
	"net/http"
	"strconv"

	"ringfence/sharing/hub"
	"ringfence/web/account"
	"ringfence/web/identity"
)

// accountRoutes are a moderator's own account.
func (s *Server) accountRoutes() []route {
	return []route{
		{"GET /moderate/account", true, s.account},
		{"POST /moderate/account/password", true, s.newPassword},
		{"POST /moderate/account/logins/{login}/end", true, s.endLogin},
		{"POST /moderate/account/logins/end", true, s.endOtherLogins},
	}
}

// codeRoutes set up an authenticator app, whose codes are asked for besides the password.
func (s *Server) codeRoutes() []route {
	return []route{
		{"GET " + codeAt, true, s.codeSetUp},
		{"GET " + codeAt + "/picture", true, s.codePicture},
		{"POST " + codeAt, true, s.codeSwitchedOn},
		{"POST " + codeAt + "/off", true, s.codeSwitchedOff},
		{"POST " + codeAt + "/recovery", true, s.newRecoveryCodes},
	}
}

const (
	accountAt = "/moderate/account"
	codeAt    = accountAt + "/code"
)

type accountPage struct {
	Codes  int // recovery codes that are left
	Logins []myLogin
	Open   bool // whether the form for a new password is open, because something in it was wrong
}

type myLogin struct {
	hub.Login
	Device string
	Here   bool
}

func (s *Server) accountPage(r *http.Request, v *visit) (p accountPage, err error) {
	left, err := s.Hub.RecoveryCodesLeft(r.Context(), v.Moderator.ID)
	if err != nil {
		return p, err
	}
	logins, err := s.Hub.Logins(r.Context(), v.Moderator.ID)
	p.Codes = left
	for _, l := range logins {
		p.Logins = append(p.Logins, myLogin{l, account.Device(l.Agent), l.ID == v.login})
	}
	return p, err
}

func (s *Server) account(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.accountPage(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "account", "account", "My account", p)
}

// wrongOnAccount shows the page again with what was wrong.
func (s *Server) wrongOnAccount(w http.ResponseWriter, r *http.Request, v *visit, wrong string) error {
	p, err := s.accountPage(r, v)
	if err != nil {
		return err
	}
	p.Open = r.URL.Path == accountAt+"/password"
	return s.showAgain(w, r, v, "account", "account", "My account", p, wrong)
}

func (v *visit) by() hub.By { return hub.By{Who: v.Moderator.Name, At: v.Now} }

const notYours = "Your password is not right; nothing was changed. Please try again."

// confirmed makes sure that it is the moderator who changes how they sign in, and not somebody who has found their phone.
func (s *Server) confirmed(r *http.Request, v *visit) (bool, error) {
	_, right, err := s.tryPassword(r, v, v.Moderator.Email, r.PostFormValue("current"))
	return right, err
}

// changed does something to the account of whoever has given their password, and says so on the page.
func (s *Server) changed(w http.ResponseWriter, r *http.Request, v *visit, do func() error, done string) error {
	right, err := s.confirmed(r, v)
	if err != nil {
		return err
	}
	if !right {
		return s.wrongOnAccount(w, r, v, notYours)
	}
	if err := do(); err != nil {
		var f fault
		if errors.As(err, &f) {
			return s.wrongOnAccount(w, r, v, f.sentence)
		}
		return err
	}
	return s.done(w, r, accountAt, done)
}

func (s *Server) newPassword(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.changed(w, r, v, func() error {
		hash, wrong, err := s.chosenPassword(r, v.Moderator)
		if err != nil {
			return err
		}
		if wrong != "" {
			return fault{http.StatusUnprocessableEntity, wrong}
		}
		return s.Hub.SetPassword(r.Context(), v.Moderator.ID, hash, v.login, v.by())
	}, "You have a new password. Your other devices are signed out.")
}

func (s *Server) endLogin(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := strconv.ParseInt(r.PathValue("login"), 10, 64)
	if err != nil {
		return errNotThere
	}
	ended, err := s.Hub.EndLogin(r.Context(), v.Moderator.ID, id)
	if err != nil {
		return err
	}
	if !ended {
		return errNotThere
	}
	return s.done(w, r, accountAt, "That device is signed out.")
}

func (s *Server) endOtherLogins(w http.ResponseWriter, r *http.Request, v *visit) error {
	some, err := s.Hub.EndOtherLogins(r.Context(), v.Moderator.ID, v.login)
	if err != nil {
		return err
	}
	if !some {
		return s.done(w, r, accountAt, "No other device was signed in.")
	}
	return s.done(w, r, accountAt, "Your other devices are signed out.")
}

// mySecret is the secret of an app that is being set up.
func (s *Server) mySecret(r *http.Request) string {
	return s.sessions.GetString(r.Context(), sessionSecret)
}

func (s *Server) codeSetUp(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.Moderator.HasTOTP {
		http.Redirect(w, r, accountAt, http.StatusSeeOther)
		return nil
	}
	if s.mySecret(r) == "" { // else keep it when the page is loaded again: it may be in the app already
		secret, err := identity.NewTOTP()
		if err != nil {
			return err
		}
		s.sessions.Put(r.Context(), sessionSecret, secret)
	}
	return s.show(w, r, v, "my-code", "account", "Codes of an app", s.codeSetUpPage(r))
}

func (s *Server) codeSetUpPage(r *http.Request) account.SetUp {
	return account.SetUp{At: codeAt, Key: identity.Spaced(s.mySecret(r)), Password: true, Back: accountAt}
}

func (s *Server) codePicture(w http.ResponseWriter, r *http.Request, v *visit) error {
	secret := s.mySecret(r)
	if secret == "" {
		return errNotThere
	}
	return account.Picture(w, secret, s.Hub.Group().Name, v.Moderator.Email)
}

func (s *Server) codeSwitchedOn(w http.ResponseWriter, r *http.Request, v *visit) error {
	secret := s.mySecret(r)
	if secret == "" {
		return s.done(w, r, codeAt, "Please begin again: that took too long.")
	}
	confirmed, err := s.confirmed(r, v)
	if err != nil {
		return err
	}
	step, right := identity.CheckTOTP(r.PostFormValue("code"), secret, v.Now)
	wrong := ""
	switch {
	case !confirmed:
		wrong = notYours
	case !right:
		wrong = account.WrongFirstCode
	}
	if wrong != "" {
		return s.showAgain(w, r, v, "my-code", "account", "Codes of an app", s.codeSetUpPage(r), wrong)
	}
	recovery, err := s.Hub.SetTOTP(r.Context(), v.Moderator.ID, secret, step, v.by())
	if err != nil {
		return err
	}
	s.sessions.Remove(r.Context(), sessionSecret)
	return s.showRecovery(w, r, v, recovery)
}

func (s *Server) showRecovery(w http.ResponseWriter, r *http.Request, v *visit, recovery []string) error {
	return s.show(w, r, v, "my-recovery", "account", "Your recovery codes", account.Recovery{Codes: recovery, Back: accountAt})
}

func (s *Server) codeSwitchedOff(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.changed(w, r, v, func() error {
		return s.Hub.RemoveTOTP(r.Context(), v.Moderator.ID, v.by())
	}, "You are not asked for codes of an app any more.")
}

func (s *Server) newRecoveryCodes(w http.ResponseWriter, r *http.Request, v *visit) error {
	confirmed, err := s.confirmed(r, v)
	switch {
	case err != nil:
		return err
	case !confirmed:
		return s.wrongOnAccount(w, r, v, notYours)
	case !v.Moderator.HasTOTP:
		return s.wrongOnAccount(w, r, v, "Switch codes of an app on first: recovery codes take their place where the app is lost.")
	}
	recovery, err := s.Hub.NewRecoveryCodes(r.Context(), v.Moderator.ID, v.by())
	if err != nil {
		return err
	}
	return s.showRecovery(w, r, v, recovery)
}
