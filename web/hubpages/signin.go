package hubpages

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"ringfence/sharing/hub"
	"ringfence/web/account"
	"ringfence/web/gate"
	"ringfence/web/identity"
)

func (s *Server) signInRoutes() []route {
	return []route{
		{"GET /sign-in", false, s.signInPage},
		{"POST /sign-in", false, s.signIn},
		{"GET /sign-in/code", false, s.codePage},
		{"POST /sign-in/code", false, s.codeGiven},
		{"POST /sign-out", false, s.signOut},
		{"GET /password/{secret}", false, s.passwordPage},
		{"POST /password/{secret}", false, s.setPassword},
	}
}

// What a session has.
const (
	sessionLogin  = "login"  // by which a moderator has signed in; it can be ended
	sessionHalf   = "half"   // who has given a password, and has a code of an app to give yet
	sessionSecret = "secret" // of an app that is being set up
	sessionFlash  = "flash"  // what the next page says
)

type signInForm struct{ Email, To string }

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.Moderator.ID != 0 {
		http.Redirect(w, r, "/moderate", http.StatusSeeOther)
		return nil
	}
	return s.show(w, r, v, "sign-in", "sign-in", "Sign in", signInForm{To: r.FormValue("to")})
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	f := signInForm{strings.TrimSpace(r.PostFormValue("email")), r.PostFormValue("to")}
	m, right, err := s.tryPassword(r, v, f.Email, r.PostFormValue("password"))
	if err != nil {
		return err
	}
	if !right {
		return s.showAgain(w, r, v, "sign-in", "sign-in", "Sign in", f, "That e-mail address and password do not belong together. Please try again.")
	}
	return s.letIn(w, r, v, m, f.To)
}

// tryPassword does the same work whether there is such an account or not: neither the answer nor the time it takes tells.
func (s *Server) tryPassword(r *http.Request, v *visit, email, password string) (hub.Moderator, bool, error) {
	ctx := r.Context()
	m, secrets, err := s.Hub.ModeratorByEmail(ctx, email)
	if err != nil && !errors.Is(err, hub.ErrNoModerator) {
		return m, false, err
	}
	may, back := s.tries.Try(strings.ToLower(gate.Bounded(email)), gate.Address(r, s.Proxies), false, v.Now)
	if !may {
		s.Log.Warn("too many tries to sign in; they are refused for a while")
		return m, false, errTooMany
	}
	right, stale, err := s.passwords.Match(ctx, password, secrets.Password)
	if err != nil || !right {
		return m, false, err
	}
	back()
	if stale {
		again, err := s.passwords.Hash(ctx, password)
		if err == nil {
			err = s.Hub.UpgradePassword(ctx, m.ID, secrets.Password, again)
		}
		return m, err == nil, err
	}
	return m, true, nil
}

// letIn lets in who has shown who they are by a password, or by a link to choose one; where they have codes of an app, one is asked for.
func (s *Server) letIn(w http.ResponseWriter, r *http.Request, v *visit, m hub.Moderator, to string) error {
	if !m.HasTOTP {
		return s.enter(w, r, v, m.ID, to)
	}
	if err := s.renew(r); err != nil {
		return err
	}
	s.sessions.Put(r.Context(), sessionHalf, account.Half{Person: m.ID, At: v.Now, To: to}.Kept())
	http.Redirect(w, r, "/sign-in/code", http.StatusSeeOther)
	return nil
}

// renew gives the session a new token, so that one that somebody has seen before is worth nothing, and forgets who was here before.
func (s *Server) renew(r *http.Request) error {
	for _, of := range []string{sessionLogin, sessionHalf, sessionSecret} {
		s.sessions.Remove(r.Context(), of)
	}
	return s.sessions.RenewToken(r.Context())
}

// enter makes the browser a moderator's.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, v *visit, moderator int64, to string) error {
	if err := s.renew(r); err != nil {
		return err
	}
	login, err := s.Hub.AddLogin(r.Context(), moderator, r.UserAgent(), v.Now)
	if err != nil {
		return err
	}
	s.sessions.Put(r.Context(), sessionLogin, login)
	if to = gate.Inside(to); to == "/" {
		to = "/moderate"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// halfOf is who is half signed in; Person is 0 where nobody is, or where it took too long.
func (s *Server) halfOf(r *http.Request, v *visit) account.Half {
	return account.ReadHalf(s.sessions.GetString(r.Context(), sessionHalf), v.Now)
}

// codeAsked is what the page that asks for a code has.
func (s *Server) codeAsked() account.CodeAsked {
	return account.CodeAsked{At: "/sign-in/code", Of: s.Hub.Group().Name, In: "/sign-in"}
}

func (s *Server) codePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	if s.halfOf(r, v).Person == 0 {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return nil
	}
	return s.show(w, r, v, "sign-in-code", "sign-in", "Your code", s.codeAsked())
}

func (s *Server) codeGiven(w http.ResponseWriter, r *http.Request, v *visit) error {
	h := s.halfOf(r, v)
	if h.Person == 0 {
		return s.done(w, r, "/sign-in", "That took too long. Please sign in again.")
	}
	_, secrets, err := s.Hub.Moderator(r.Context(), h.Person)
	if errors.Is(err, hub.ErrNoModerator) { // taken away meanwhile
		return s.done(w, r, "/sign-in", "Please sign in again.")
	}
	if err != nil {
		return err
	}
	wrong, may, err := s.codes.Try(r.Context(), keeper{s.Hub, v.Now}, account.CodeTry{
		Person: h.Person, Secret: secrets.TOTP, Address: gate.Address(r, s.Proxies), Code: r.PostFormValue("code"), Recovery: r.PostFormValue("recovery"), At: v.Now,
	})
	switch {
	case err != nil:
		return err
	case !may:
		return errTooMany
	case wrong != "":
		return s.showAgain(w, r, v, "sign-in-code", "sign-in", "Your code", s.codeAsked(), wrong)
	}
	return s.enter(w, r, v, h.Person, h.To)
}

// keeper takes codes as used at a time.
type keeper struct {
	*hub.Hub
	now time.Time
}

// UseRecoveryCode takes a recovery code, once.
func (k keeper) UseRecoveryCode(ctx context.Context, moderator int64, code string) (bool, error) {
	return k.Hub.UseRecoveryCode(ctx, moderator, code, k.now)
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.Moderator.ID != 0 {
		if _, err := s.Hub.EndLogin(r.Context(), v.Moderator.ID, v.login); err != nil {
			return err
		}
	}
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
	hash, wrong, err := s.chosenPassword(r, f.Moderator)
	if err != nil {
		return err
	}
	if wrong != "" {
		return s.showAgain(w, r, v, "password", "", "Your password", f, wrong)
	}
	m, err := s.Hub.UsePasswordLink(r.Context(), f.Secret, hash, v.Now)
	if err != nil {
		return err
	}
	return s.letIn(w, r, v, m, "/moderate")
}

// chosenPassword is the hash of a new password in a form, or what is wrong with it.
func (s *Server) chosenPassword(r *http.Request, m hub.Moderator) (hash, wrong string, err error) {
	password := r.PostFormValue("new")
	if err := identity.CheckPassword(password, m.Name, m.Email); err != nil {
		return "", err.Error(), nil
	}
	hash, err = s.passwords.Hash(r.Context(), password)
	return hash, "", err
}
