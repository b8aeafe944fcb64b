package web

import (
	"errors"
	"net/http"

	"ringfence/store"
	"ringfence/web/backend"
)

// errLinkOver is told of every link that does not open, for whatever reason.
var errLinkOver = backend.RefuseAs(http.StatusGone, "This link has been used, withdrawn, or is too old. Ask for a new one.")

// linkFault makes the store's answer one for people.
func linkFault(err error) error {
	if errors.Is(err, store.ErrLinkOver) {
		return errLinkOver
	}
	return err
}

type invitationPage struct {
	store.Invitation
	Title, Token string
	Email        string // as it was typed
}

func (s signInHandlers) invitation(r *http.Request) (p invitationPage, err error) {
	p.Token = r.PathValue("token")
	if p.Invitation, err = s.Store.Invitation(r.Context(), p.Token, s.Now()); err != nil {
		return p, linkFault(err)
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

// account is the one that somebody has filled a form in for, name, e-mail address and password, and what is wrong with it.
func (s *Server) account(r *http.Request) (made store.NewPerson, wrong []string, err error) {
	name, badName := store.PersonName(r.FormValue("name"))
	email, badEmail := store.Email(r.FormValue("email"))
	for _, bad := range []error{badName, badEmail} {
		if bad != nil {
			wrong = append(wrong, backend.Sentence(bad))
		}
	}
	hash, badPassword, err := s.chosenPassword(r, name, email)
	if badPassword != "" {
		wrong = append(wrong, badPassword)
	}
	return store.NewPerson{Name: name, Email: email, Password: hash}, wrong, err
}

func (s signInHandlers) acceptInvitation(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := s.invitation(r)
	if err != nil {
		return err
	}
	p.Name, p.Email = r.FormValue("name"), r.FormValue("email")
	account, wrong, err := s.account(r)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return s.showAgain(w, v, "invitation", "", "You are invited", p, wrong...)
	}
	person, i, err := s.Store.AcceptInvitation(r.Context(), p.Token, account, v.Now)
	if errors.Is(err, store.ErrEmailTaken) {
		return s.showAgain(w, v, "invitation", "", "You are invited", p, "You have an account with this e-mail address already: sign in with it, below.")
	}
	if err != nil {
		return linkFault(err)
	}
	return s.joined(w, r, person, i, p.Title, true)
}

func (s signInHandlers) joinByInvitation(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := s.invitation(r)
	if err != nil {
		return err
	}
	i, err := s.Store.JoinByInvitation(r.Context(), p.Token, v.Person.ID, v.Now)
	if err != nil {
		return linkFault(err)
	}
	return s.joined(w, r, v.Person, i, p.Title, false)
}

// joined welcomes somebody who was invited.
func (s signInHandlers) joined(w http.ResponseWriter, r *http.Request, person store.Person, i store.Invitation, title string, signIn bool) error {
	err := s.Store.AddAuditLine(r.Context(), &store.AuditLine{
		Household: i.Household, Person: person.ID, By: person.Name, At: s.Now(), What: "joined", Text: person.Name + " has come in, invited by " + i.By + ".",
	})
	if err != nil {
		return err
	}
	if signIn {
		if err := s.signIn(r, person.ID); err != nil {
			return err
		}
	}
	return s.done(w, r, backend.Household{Name: i.Household}.Path(), "Welcome to "+title+".", nil)
}

type passwordPage struct {
	Token string
	Name  string
	Email string
}

func (s signInHandlers) passwordPage(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := s.passwordLink(r)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "password", "", "A new password", p)
}

func (s signInHandlers) passwordLink(r *http.Request) (passwordPage, error) {
	token := r.PathValue("token")
	person, err := s.Store.PasswordLink(r.Context(), token, s.Now())
	return passwordPage{token, person.Name, person.Email}, linkFault(err)
}

func (s signInHandlers) passwordChosen(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	p, err := s.passwordLink(r)
	if err != nil {
		return err
	}
	hash, wrong, err := s.chosenPassword(r, p.Name, p.Email)
	if err != nil {
		return err
	}
	if wrong != "" {
		return s.showAgain(w, v, "password", "", "A new password", p, wrong)
	}
	person, err := s.Store.UsePasswordLink(r.Context(), p.Token, hash, v.Now)
	if err != nil {
		return linkFault(err)
	}
	if err := s.changedOf(r.Context(), &backend.Visitor{Person: person, Now: v.Now}, person.ID, "password-set", person.Name+" has chosen a new password by a link."); err != nil {
		return err
	}
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	// Not signed in by it: a code of an app, where there is one, is asked for as ever.
	return s.done(w, r, "/sign-in", "You have a new password. Sign in with it now.", nil)
}
