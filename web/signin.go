package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/alexedwards/argon2id"

	"ringfence/store"
)

func (s *Server) signInRoutes() []route {
	return []route{
		{"GET /sign-in", anybody, s.signInPage},
		{"POST /sign-in", anybody, s.signInWith},
		{"POST /sign-out", anybody, s.signOut},
	}
}

type signInForm struct{ Email, To string }

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.show(w, r, v, "sign-in", "", "Sign in", signInForm{To: r.FormValue("to")})
}

func (s *Server) signInWith(w http.ResponseWriter, r *http.Request, v *visit) error {
	form := signInForm{r.FormValue("email"), r.FormValue("to")}
	person, secrets, err := s.Store.PersonByEmail(r.Context(), form.Email)
	if err != nil && !errors.Is(err, store.ErrNoPerson) {
		return err
	}
	if match, err := argon2id.ComparePasswordAndHash(r.FormValue("password"), secrets.Password); err != nil || !match {
		return s.showAgain(w, v, "sign-in", "", "Sign in", form, "That e-mail address and password do not belong together. Please try again.")
	}
	if err := s.signIn(r, person.ID); err != nil {
		return err
	}
	http.Redirect(w, r, inside(form.To), http.StatusSeeOther)
	return nil
}

// inside is a page of ours that somebody wanted to see; the start for anything else.
func inside(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		return "/"
	}
	return to
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.Person.ID != 0 {
		if _, err := s.Store.EndLogin(r.Context(), v.Person.ID, v.login); err != nil {
			return err
		}
	}
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}
