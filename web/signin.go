package web

import (
	"errors"
	"net/http"
	"time"

	"ringfence/accounts"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/people"
	"ringfence/web/account"
	"ringfence/web/backend"
)

// signInHandlers let people in: by password and code, and by links that work once.
type signInHandlers struct{ *Server }

func (s signInHandlers) routes() []route {
	routes := []route{
		{"GET /invitation/{token}", backend.Anybody, s.invitationPage},
		{"POST /invitation/{token}", backend.Anybody, s.acceptInvitation},
		{"POST /invitation/{token}/join", backend.SignedIn, s.joinByInvitation},
	}
	for _, rt := range s.account.Routes() {
		needs := backend.Anybody
		if rt.SignedIn {
			needs = backend.SignedIn
		}
		routes = append(routes, route{rt.Pattern, needs, rt.Serve})
	}
	return routes
}

// accountPages are the pages for signing in and for somebody's own account that a hub has too.
func (s *Server) accountPages() *account.Pages[*backend.Visitor] {
	return &account.Pages[*backend.Visitor]{
		Accounts: accounts.New(s.Store.People, s.people(), s.Log), Sessions: s.sessions, NotFound: backend.ErrNotFound,
		Now:     func() time.Time { return s.Now() },
		Address: s.Address,
		Opens:   "Ringfence", Page: "/me", Home: "/", Out: "/sign-in",
		Who:         func(v *backend.Visitor) (people.Person, int64) { return v.Person, v.Login },
		ShowAccount: accountHandlers{s}.wrongOnMe,
		Done: func(w http.ResponseWriter, r *http.Request, to, done string) error {
			return s.done(w, r, to, done, "")
		},
		Show: func(w http.ResponseWriter, r *http.Request, v *backend.Visitor, page, title string, data any, wrong ...string) error {
			if len(wrong) > 0 {
				return s.showAgain(w, v, page, "", title, data, wrong...)
			}
			return s.show(w, r, v, page, "", title, data)
		},
	}
}

// people is for what is done with accounts besides signing in.
func (s *Server) people() household.People { return household.People{Store: s.Store} }

type invitationPage struct {
	store.Invitation
	Title, Token string
	Email        string // as it was typed
}

func (s signInHandlers) invitation(r *http.Request) (p invitationPage, err error) {
	p.Token = r.PathValue("token")
	if p.Invitation, err = s.Store.Invitation(r.Context(), p.Token, s.Now()); err != nil {
		return p, err
	}
	about, err := s.Store.About(r.Context(), p.Household)
	p.Title = about.Called()
	return p, err
}

func (s signInHandlers) invitationPage(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := s.invitation(r)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "invitation", "", "You are invited", p)
}

// newPerson reads a form for a new account, and says everything that is wrong in it.
func (s *Server) newPerson(r *http.Request) (made store.NewPerson, wrong []string, err error) {
	name, badName := people.CheckName(r.PostFormValue("name"))
	email, badEmail := people.CheckEmail(r.PostFormValue("email"))
	hash, badPassword := s.account.Accounts.Hash(r.Context(), r.PostFormValue("new"), name, email)
	for _, bad := range []error{badName, badEmail, badPassword} {
		var refusal people.Refusal
		switch {
		case errors.As(bad, &refusal):
			wrong = append(wrong, screening.Sentence(refusal))
		case bad != nil:
			return made, nil, bad
		}
	}
	return store.NewPerson{Name: name, Email: email, Password: hash}, wrong, nil
}

func (s signInHandlers) acceptInvitation(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := s.invitation(r)
	if err != nil {
		return err
	}
	p.Name, p.Email = r.PostFormValue("name"), r.PostFormValue("email")
	made, wrong, err := s.newPerson(r)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return s.showAgain(w, v, "invitation", "", "You are invited", p, wrong...)
	}
	person, i, err := s.people().Accept(r.Context(), p.Token, made, v.Now)
	if errors.Is(err, people.ErrEmailTaken) {
		return s.showAgain(w, v, "invitation", "", "You are invited", p, "You have an account with this e-mail address already: sign in with it, below.")
	}
	if err == nil {
		err = s.account.LetIn(r, person.ID)
	}
	return s.welcome(w, r, i, p.Title, err)
}

func (s signInHandlers) joinByInvitation(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := s.invitation(r)
	if err != nil {
		return err
	}
	i, err := s.people().Join(r.Context(), p.Token, v.Person, v.Now)
	return s.welcome(w, r, i, p.Title, err)
}

// welcome leads somebody who was invited into the household.
func (s signInHandlers) welcome(w http.ResponseWriter, r *http.Request, i store.Invitation, title string, err error) error {
	if err != nil {
		return err
	}
	return s.done(w, r, backend.Household{Name: i.Household}.Path(), "Welcome to "+title+".", "")
}
