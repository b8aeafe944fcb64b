package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"ringfence/store"
	"ringfence/web/account"
	"ringfence/web/backend"
	"ringfence/web/identity"
)

// accountHandlers are for somebody's own account.
type accountHandlers struct{ *Server }

func (s accountHandlers) routes() []route {
	return []route{
		{"GET /me", backend.SignedIn, s.page(s.view())},
		{"POST /me/name", backend.SignedIn, s.rename},
		{"POST /me/password", backend.SignedIn, s.newPassword},
		{"POST /me/logins/{login}/end", backend.SignedIn, s.endLogin},
		{"POST /me/logins/end", backend.SignedIn, s.endOtherLogins},
		{"POST /me/tokens", backend.SignedIn, s.newToken},
		{"POST /me/tokens/{token}/revoke", backend.SignedIn, s.revokeToken},
		{"GET /me/code", backend.SignedIn, s.codeSetUp},
		{"GET /me/code/picture", backend.SignedIn, s.codePicture},
		{"POST /me/code", backend.SignedIn, s.codeSwitchedOn},
		{"POST /me/code/off", backend.SignedIn, s.codeSwitchedOff},
		{"POST /me/code/recovery", backend.SignedIn, s.newRecoveryCodes},
		{"POST /sign-in/passkey/begin", backend.Anybody, asJSON(s.passkeyAsked)},
		{"POST /sign-in/passkey", backend.Anybody, asJSON(s.passkeyAnswered)},
		{"POST /me/passkeys/begin", backend.SignedIn, asJSON(s.newPasskeyAsked)},
		{"POST /me/passkeys", backend.SignedIn, asJSON(s.newPasskeyMade)},
		{"POST /me/passkeys/{passkey}/remove", backend.SignedIn, s.removePasskey},
	}
}

// mePage is what the page of somebody's account has.
type mePage struct {
	Passkeys []store.Passkey
	Codes    int // recovery codes that are left
	Logins   []myLogin
	Tokens   []myToken
	// Token is one that was made just now; it is shown once.
	Token string
	Open  string // which part of the page is being filled in: "password" or "token"
	Tried string // the name of a token that was not made
}

type myToken struct {
	store.Token
	Title string // of the only household that it is for
}

type myLogin struct {
	store.Login
	Device string
	Here   bool
}

func (s accountHandlers) view() view { return viewOf("me", "", "Your account", s.mePage) }

// wrongOnMe shows the page again with what was wrong.
func (s accountHandlers) wrongOnMe(w http.ResponseWriter, r *http.Request, v *backend.Visitor, wrong string) error {
	return s.again(w, r, v, s.view(), backend.Refuse("%s", wrong))
}

func (s accountHandlers) mePage(r *http.Request, v *backend.Visitor) (p mePage, err error) {
	ctx := r.Context()
	if len(v.Households) > 0 {
		v.Household.Zone = v.Households[0].Zone // by whose clocks times are shown
	}
	passkeys, err := s.Store.Passkeys(ctx, v.Person.ID)
	left, err2 := s.Store.RecoveryCodesLeft(ctx, v.Person.ID)
	logins, err3 := s.Store.Logins(ctx, v.Person.ID)
	tokens, err4 := s.Store.Tokens(ctx, v.Person.ID)
	p = mePage{Passkeys: passkeys, Codes: left}
	if r.Method == http.MethodPost { // a form that is shown again
		p.Tried, p.Open = r.FormValue("token"), strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/me/"), "s")
	}
	for _, t := range tokens {
		mine := myToken{Token: t, Title: t.Household}
		for _, h := range v.Households {
			if h.Name == t.Household {
				mine.Title = h.Title
			}
		}
		p.Tokens = append(p.Tokens, mine)
	}
	for _, l := range logins {
		p.Logins = append(p.Logins, myLogin{l, account.Device(l.Agent), l.ID == v.Login})
	}
	return p, errors.Join(err, err2, err3, err4)
}

// changedMine writes into the log of changes of all the person's households what they have done with their account, for it opens
// all of them.
func (s accountHandlers) changedMine(ctx context.Context, v *backend.Visitor, what, text string) error {
	return s.changedOf(ctx, v, v.Person.ID, what, text)
}

// changedOf writes into the log of changes of all households of somebody.
func (s *Server) changedOf(ctx context.Context, v *backend.Visitor, person int64, what, text string) error {
	members, err := s.Store.Memberships(ctx, person)
	if err != nil {
		return err
	}
	if len(members) == 0 {
		members = []store.Membership{{}} // the machine's log
	}
	var errs []error
	for _, m := range members {
		errs = append(errs, s.Store.AddAuditLine(ctx, &store.AuditLine{Household: m.Household, Person: v.Person.ID, By: v.Person.Name, At: v.Now, What: what, Text: text}))
	}
	return errors.Join(errs...)
}

// confirm makes sure that it is the person themselves who changes how they sign in, and not somebody who has found a telephone
// lying about: by their password, where they have one.
func (s *Server) confirm(r *http.Request, v *backend.Visitor) error {
	if !v.Person.HasPassword {
		return nil
	}
	secrets, err := s.Store.SecretsOf(r.Context(), v.Person.ID)
	if err != nil {
		return err
	}
	right, err := s.tryPassword(r, v.Person.Email, r.FormValue("current"), v.Person, secrets)
	if err == nil && !right {
		err = backend.Refuse("Your password is not right; nothing was changed. Please try again.")
	}
	return err
}

// refusedOnMe shows what was wrong on the page itself; other faults have a page of their own.
func (s accountHandlers) refusedOnMe(w http.ResponseWriter, r *http.Request, v *backend.Visitor, err error) error {
	var f backend.Fault
	if errors.As(err, &f) && f.Status == http.StatusUnprocessableEntity {
		return s.wrongOnMe(w, r, v, f.Sentence)
	}
	return err
}

func (s accountHandlers) rename(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	name, err := store.PersonName(r.FormValue("name"))
	if err != nil {
		return s.wrongOnMe(w, r, v, backend.Sentence(err))
	}
	if err := s.Store.RenamePerson(r.Context(), v.Person.ID, name); err != nil {
		return err
	}
	if err := s.changedMine(r.Context(), v, "person-renamed", v.Person.Name+" is called "+name+" now."); err != nil {
		return err
	}
	return s.done(w, r, "/me", "You are called "+name+" now.", nil)
}

func (s accountHandlers) newPassword(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if err := s.confirm(r, v); err != nil {
		return s.refusedOnMe(w, r, v, err)
	}
	hash, wrong, err := s.chosenPassword(r, v.Person.Name, v.Person.Email)
	if err != nil {
		return err
	}
	if wrong != "" {
		return s.wrongOnMe(w, r, v, wrong)
	}
	if err := s.Store.SetPassword(r.Context(), v.Person.ID, hash, v.Login); err != nil {
		return err
	}
	if err := s.changedMine(r.Context(), v, "password-set", v.Person.Name+" has chosen a new password."); err != nil {
		return err
	}
	return s.done(w, r, "/me", "You have a new password. Your other devices are signed out.", nil)
}

// chosenPassword is the hash of a new password in a form, or what is wrong with it.
func (s *Server) chosenPassword(r *http.Request, name, email string) (hash, wrong string, err error) {
	password := r.FormValue("new")
	if err := identity.CheckPassword(password, name, email); err != nil {
		return "", err.Error(), nil
	}
	hash, err = s.doors.passwords.Hash(r.Context(), password)
	return hash, "", err
}

func (s accountHandlers) endLogin(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	id, err := backend.PathID(r, "login")
	if err != nil {
		return err
	}
	ended, err := s.Store.EndLogin(r.Context(), v.Person.ID, id)
	if err != nil {
		return err
	}
	if !ended {
		return backend.ErrNotThere
	}
	return s.done(w, r, "/me", "That device is signed out.", nil)
}

func (s accountHandlers) endOtherLogins(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	n, err := s.Store.EndOtherLogins(r.Context(), v.Person.ID, v.Login)
	if err != nil {
		return err
	}
	told := "No other device was signed in."
	if n > 0 {
		told = "Your other devices are signed out."
	}
	return s.done(w, r, "/me", told, nil)
}

// tokenDays are for how long a token can be made, as the form says it.
var tokenDays = map[string]int{"30": 30, "365": 365, "0": 0}

func (s accountHandlers) newToken(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if err := s.confirm(r, v); err != nil {
		return s.refusedOnMe(w, r, v, err)
	}
	t := store.Token{Name: r.FormValue("token"), Scope: r.FormValue("scope"), Household: r.FormValue("household")}
	days, ok := tokenDays[r.FormValue("days")]
	if !ok {
		return backend.Refuse("Choose for how long the token opens.")
	}
	if days > 0 {
		t.Expires = v.Now.AddDate(0, 0, days)
	}
	token, err := s.Store.AddToken(r.Context(), v.Person.ID, t, v.Now)
	if err != nil {
		return s.wrongOnMe(w, r, v, backend.Sentence(err))
	}
	if err := s.changedMine(r.Context(), v, "token-made", v.Person.Name+" has made a token for programs: "+t.Name+"."); err != nil {
		return err
	}
	p, err := s.mePage(r, v)
	if err != nil {
		return err
	}
	p.Token, p.Tried, p.Open = token, "", ""
	return s.show(w, r, v, "me", "", "Your account", p)
}

func (s accountHandlers) revokeToken(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	id, err := backend.PathID(r, "token")
	if err != nil {
		return err
	}
	gone, err := s.Store.RevokeToken(r.Context(), v.Person.ID, id)
	if err != nil {
		return err
	}
	if !gone {
		return backend.ErrNotThere
	}
	if err := s.changedMine(r.Context(), v, "token-revoked", v.Person.Name+" has revoked a token for programs."); err != nil {
		return err
	}
	return s.done(w, r, "/me", "That token does not open anything any more.", nil)
}
