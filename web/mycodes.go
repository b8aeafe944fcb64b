package web

import (
	"errors"
	"net/http"

	"ringfence/web/account"
	"ringfence/web/backend"
	"ringfence/web/identity"
)

// mySecret is the secret of an app that is being set up.
func (s accountHandlers) mySecret(r *http.Request) string {
	return s.sessions.GetString(r.Context(), sessionSecret)
}

func (s accountHandlers) codeSetUp(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if s.mySecret(r) == "" { // the same one when the page is loaded again: it may be in the app already
		secret, err := identity.NewTOTP()
		if err != nil {
			return err
		}
		s.sessions.Put(r.Context(), sessionSecret, secret)
	}
	return s.show(w, r, v, "my-code", "", "Codes of an app", s.codeSetUpPage(r, v))
}

func (s accountHandlers) codeSetUpPage(r *http.Request, v *backend.Visitor) account.SetUp {
	return account.SetUp{At: "/me/code", Key: identity.Spaced(s.mySecret(r)), Password: v.Person.HasPassword, Back: "/me"}
}

func (s accountHandlers) codePicture(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	secret := s.mySecret(r)
	if secret == "" {
		return backend.ErrNotThere
	}
	return account.Picture(w, secret, "Ringfence", v.Person.Email)
}

func (s accountHandlers) codeSwitchedOn(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	secret := s.mySecret(r)
	if secret == "" {
		return s.done(w, r, "/me/code", "Please begin again: that took too long.", nil)
	}
	wrong := ""
	if err := s.confirm(r, v); err != nil {
		var f backend.Fault
		if !errors.As(err, &f) || f.Status != http.StatusUnprocessableEntity {
			return err
		}
		wrong = f.Sentence
	}
	step, right := identity.CheckTOTP(r.FormValue("code"), secret, v.Now)
	if wrong == "" && !right {
		wrong = account.WrongFirstCode
	}
	if wrong != "" {
		return s.showAgain(w, v, "my-code", "", "Codes of an app", s.codeSetUpPage(r, v), wrong)
	}
	codes, err := s.Store.SetTOTP(r.Context(), v.Person.ID, secret, step)
	if err != nil {
		return err
	}
	s.sessions.Remove(r.Context(), sessionSecret)
	if err := s.changedMine(r.Context(), v, "totp-on", v.Person.Name+" signs in with codes of an app now."); err != nil {
		return err
	}
	return s.show(w, r, v, "my-recovery", "", "Your recovery codes", account.Recovery{Codes: codes, Back: "/me"})
}

func (s accountHandlers) codeSwitchedOff(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if err := s.confirm(r, v); err != nil {
		return s.refusedOnMe(w, r, v, err)
	}
	if err := s.Store.RemoveTOTP(r.Context(), v.Person.ID); err != nil {
		return err
	}
	if err := s.changedMine(r.Context(), v, "totp-off", v.Person.Name+" signs in without codes of an app now."); err != nil {
		return err
	}
	return s.done(w, r, "/me", "You are not asked for codes of an app any more.", nil)
}

func (s accountHandlers) newRecoveryCodes(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if err := s.confirm(r, v); err != nil {
		return s.refusedOnMe(w, r, v, err)
	}
	if !v.Person.HasTOTP {
		return backend.Refuse("Switch codes of an app on first: recovery codes take their place where the app is lost.")
	}
	codes, err := s.Store.NewRecoveryCodes(r.Context(), v.Person.ID)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "my-recovery", "", "Your recovery codes", account.Recovery{Codes: codes, Back: "/me"})
}
