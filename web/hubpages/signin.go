package hubpages

import (
	"errors"
	"net/http"
	"strings"

	"ringfence/sharing/hub"
	"ringfence/web/gate"
	"ringfence/web/identity"
)

func (s *Server) signInRoutes() []route {
	return []route{
		{"GET /sign-in", false, s.signInPage},
		{"POST /sign-in", false, s.signIn},
		{"POST /sign-out", false, s.signOut},
		{"GET /password/{secret}", false, s.passwordPage},
		{"POST /password/{secret}", false, s.setPassword},
	}
}

// What a session has.
const (
	sessionModerator = "moderator" // who has signed in
	sessionEpoch     = "epoch"     // of the moderator's sessions, then
	sessionFlash     = "flash"     // what the next page says
)

type signInForm struct{ Email, To string }

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.Moderator.ID != 0 {
		http.Redirect(w, r, "/moderate", http.StatusSeeOther)
		return nil
	}
	return s.show(w, r, v, "sign-in", "sign-in", "Sign in", signInForm{To: r.FormValue("to")})
}

// signIn does the same work whether there is such an account or not: neither the answer nor the time it takes tells.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx := r.Context()
	f := signInForm{strings.TrimSpace(r.PostFormValue("email")), r.PostFormValue("to")}
	m, hash, err := s.Hub.ModeratorByEmail(ctx, f.Email)
	if err != nil && !errors.Is(err, hub.ErrNoModerator) {
		return err
	}
	may, back := s.tries.Try(strings.ToLower(gate.Bounded(f.Email)), gate.Address(r, s.Proxies), false, v.Now)
	if !may {
		s.Log.Warn("too many tries to sign in; they are refused for a while")
		return errTooMany
	}
	password := r.PostFormValue("password")
	right, stale, err := s.passwords.Match(ctx, password, hash)
	if err != nil {
		return err
	}
	if !right {
		return s.showAgain(w, r, v, "sign-in", "sign-in", "Sign in", f, "That e-mail address and password do not belong together. Please try again.")
	}
	back()
	if stale {
		again, err := s.passwords.Hash(ctx, password)
		if err == nil {
			err = s.Hub.UpgradePassword(ctx, m.ID, hash, again)
		}
		if err != nil {
			return err
		}
	}
	return s.enter(w, r, m, f.To)
}

// enter makes the browser a moderator's. The session gets a new token, so that one that somebody has seen before is worth nothing.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, m hub.Moderator, to string) error {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	s.sessions.Put(r.Context(), sessionModerator, m.ID)
	s.sessions.Put(r.Context(), sessionEpoch, m.Epoch)
	if to = gate.Inside(to); to == "/" {
		to = "/moderate"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request, _ *visit) error {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

type passwordForm struct {
	Secret string
	hub.Moderator
}

func (s *Server) passwordLink(r *http.Request, v *visit) (passwordForm, error) {
	m, err := s.Hub.PasswordLink(r.Context(), r.PathValue("secret"), v.Now)
	if errors.Is(err, hub.ErrLink) {
		err = fault{http.StatusNotFound, upper(err.Error())}
	}
	return passwordForm{r.PathValue("secret"), m}, err
}

func (s *Server) passwordPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := s.passwordLink(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "password", "", "Your password", f)
}

func (s *Server) setPassword(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := s.passwordLink(r, v)
	if err != nil {
		return err
	}
	password := r.PostFormValue("new")
	if err := identity.CheckPassword(password, f.Name, f.Email); err != nil {
		return s.showAgain(w, r, v, "password", "", "Your password", f, err.Error())
	}
	hash, err := s.passwords.Hash(r.Context(), password)
	if err != nil {
		return err
	}
	m, err := s.Hub.UsePasswordLink(r.Context(), f.Secret, hash, v.Now)
	if err != nil {
		return err
	}
	return s.enter(w, r, m, "/moderate")
}
