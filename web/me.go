package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"ringfence/accounts"
	"ringfence/household"
	"ringfence/store"
	"ringfence/store/people"
	"ringfence/web/account"
	"ringfence/web/backend"
)

// accountHandlers are for somebody's own account.
type accountHandlers struct{ *Server }

func (s accountHandlers) routes() []route {
	return []route{
		{"GET /me", backend.SignedIn, s.page(s.view())},
		{"POST /me/name", backend.SignedIn, s.rename},
		{"POST /me/tokens", backend.SignedIn, s.newToken},
		{"POST /me/tokens/{token}/revoke", backend.SignedIn, s.takeAway("token", "", household.People.RevokeToken)},
		{"POST /sign-in/passkey/begin", backend.Anybody, asJSON(s.passkeyAsked)},
		{"POST /sign-in/passkey", backend.Anybody, asJSON(s.passkeyAnswered)},
		{"POST /me/passkeys/begin", backend.SignedIn, asJSON(s.newPasskeyAsked)},
		{"POST /me/passkeys", backend.SignedIn, asJSON(s.newPasskeyMade)},
		{"POST /me/passkeys/{passkey}/remove", backend.SignedIn, s.takeAway("passkey", " Delete it on the device as well.", household.People.RemovePasskey)},
	}
}

// mePage is what the page of somebody's account has.
type mePage struct {
	Passkeys []store.Passkey
	Codes    int // recovery codes that are left
	Logins   []account.Login
	Tokens   []myToken
	// Token is one that has just been made; it is shown once.
	Token string
	Open  string // which part of the page is being filled in: "password" or "token"
	Tried string // the name of a token that was not made
}

type myToken struct {
	store.Token
	Title string // of the only household that it is for
}

func (s accountHandlers) view() view { return viewOf("me", "", "Your account", s.mePage) }

// onMe shows a refusal on the page itself; other faults have a page of their own.
func (s accountHandlers) onMe(w http.ResponseWriter, r *http.Request, v *backend.Visitor, err error) error {
	var refusal people.Refusal
	if errors.As(err, &refusal) {
		return s.again(w, r, v, s.view(), err)
	}
	return err
}

// wrongOnMe shows the page again with what was wrong.
func (s accountHandlers) wrongOnMe(w http.ResponseWriter, r *http.Request, v *backend.Visitor, wrong string) error {
	return s.again(w, r, v, s.view(), backend.Refuse("%s", wrong))
}

func (s accountHandlers) mePage(r *http.Request, v *backend.Visitor) (p mePage, err error) {
	ctx := r.Context()
	if len(v.Households) > 0 {
		v.Household.Zone = v.Households[0].Zone // times are shown by its clocks
	}
	passkeys, err := s.Store.Passkeys(ctx, v.Person.ID)
	logins, left, err2 := s.account.Logins(ctx, v)
	tokens, err3 := s.Store.Tokens(ctx, v.Person.ID)
	p = mePage{Passkeys: passkeys, Codes: left, Logins: logins}
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
	return p, errors.Join(err, err2, err3)
}

func (s accountHandlers) rename(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	name, err := s.people().Rename(r.Context(), v.Person, r.FormValue("name"), accounts.Themselves(v.Person, v.Now))
	if err != nil {
		return s.onMe(w, r, v, err)
	}
	return s.done(w, r, "/me", "You are called "+name+" now.", "")
}

// tokenDays are how long a token can be valid, as the form says it.
var tokenDays = map[string]int{"30": 30, "365": 365, "0": 0}

func (s accountHandlers) newToken(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if err := s.account.Confirm(r, v); err != nil {
		return s.onMe(w, r, v, err)
	}
	t := store.Token{Name: r.FormValue("token"), Scope: r.FormValue("scope"), Household: r.FormValue("household")}
	days, ok := tokenDays[r.FormValue("days")]
	if !ok {
		return backend.Refuse("Choose for how long the token opens.")
	}
	if days > 0 {
		t.Expires = v.Now.AddDate(0, 0, days)
	}
	token, err := s.people().AddToken(r.Context(), v.Person, t, accounts.Themselves(v.Person, v.Now))
	if err != nil {
		return s.onMe(w, r, v, err)
	}
	p, err := s.mePage(r, v)
	if err != nil {
		return err
	}
	p.Token, p.Tried, p.Open = token, "", ""
	return s.show(w, r, v, "me", "", "Your account", p)
}

// takeAway removes what lets somebody in, which the address names, and says so.
func (s accountHandlers) takeAway(what, done string, remove func(household.People, context.Context, people.Person, int64, accounts.By) (bool, error)) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		id, err := backend.PathID(r, what)
		if err != nil {
			return err
		}
		gone, err := remove(s.people(), r.Context(), v.Person, id, accounts.Themselves(v.Person, v.Now))
		if err == nil && !gone {
			err = backend.ErrNotFound
		}
		if err != nil {
			return err
		}
		return s.done(w, r, "/me", "That "+what+" does not open anything any more."+done, "")
	}
}
