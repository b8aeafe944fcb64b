package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"ringfence/store"
	"ringfence/web/account"
	"ringfence/web/backend"
	"ringfence/web/gate"
	"ringfence/web/identity"
)

// signInHandlers let people in: by password and code, and by links that open once.
type signInHandlers struct{ *Server }

func (s signInHandlers) routes() []route {
	return []route{
		{"GET /sign-in", backend.Anybody, s.signInPage},
		{"POST /sign-in", backend.Anybody, s.signInWith},
		{"GET /sign-in/code", backend.Anybody, s.codePage},
		{"POST /sign-in/code", backend.Anybody, s.codeGiven},
		{"POST /sign-out", backend.Anybody, s.signOut},
		{"GET /invitation/{token}", backend.Anybody, s.invitationPage},
		{"POST /invitation/{token}", backend.Anybody, s.acceptInvitation},
		{"POST /invitation/{token}/join", backend.SignedIn, s.joinByInvitation},
		{"GET /password/{token}", backend.Anybody, s.passwordPage},
		{"POST /password/{token}", backend.Anybody, s.passwordChosen},
	}
}

// doors is what guards the sign-in.
type doors struct {
	passwords     *identity.Passwords
	passwordTries *identity.Tries
	codes         *account.Codes
}

func newDoors(log *slog.Logger) (*doors, error) {
	passwords, err := identity.NewPasswords()
	return &doors{passwords, identity.NewTries(identity.PasswordRate), account.NewCodes(log)}, err
}

// errTooMany says nothing of whether there is such an account.
var errTooMany = backend.RefuseAs(http.StatusTooManyRequests, "There have been too many tries. Please wait some minutes and try again, or use a device on which you have signed in before.")

const notTogether = "That e-mail address and password do not belong together. Please try again."

type signInForm struct{ Email, To string }

func (s signInHandlers) signInPage(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if v.Person.ID != 0 {
		http.Redirect(w, r, gate.Inside(r.FormValue("to")), http.StatusSeeOther)
		return nil
	}
	return s.show(w, r, v, "sign-in", "", "Sign in", signInForm{To: r.FormValue("to")})
}

func (s signInHandlers) signInWith(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	form := signInForm{strings.TrimSpace(r.FormValue("email")), r.FormValue("to")}
	person, secrets, err := s.Store.PersonByEmail(r.Context(), form.Email)
	if err != nil && !errors.Is(err, store.ErrNoPerson) {
		return err
	}
	right, err := s.tryPassword(r, form.Email, r.FormValue("password"), person, secrets)
	if err != nil {
		return err
	}
	if !right {
		return s.showAgain(w, v, "sign-in", "", "Sign in", form, notTogether)
	}
	if person.HasTOTP {
		return s.halfWay(w, r, person, form.To)
	}
	return s.enterAs(w, r, person.ID, form.To)
}

// tryPassword does the same work whether there is such an account or not, for neither the answer nor the time it takes must
// tell. person has the ID 0 where there is none.
func (s *Server) tryPassword(r *http.Request, email, password string, person store.Person, secrets store.Secrets) (bool, error) {
	ctx := r.Context()
	familiar, err := s.familiar(r, person.ID)
	if err != nil {
		return false, err
	}
	may, back := s.doors.passwordTries.Try(strings.ToLower(gate.Bounded(email)), s.Address(r), familiar, s.Now())
	if !may {
		s.Log.Warn("too many tries to sign in; they are refused for a while")
		return false, errTooMany
	}
	right, stale, err := s.doors.passwords.Match(ctx, password, secrets.Password)
	if err != nil || !right {
		return false, err
	}
	back()
	if stale {
		hash, err := s.doors.passwords.Hash(ctx, password)
		if err != nil {
			return false, err
		}
		return true, s.Store.UpgradePassword(ctx, person.ID, secrets.Password, hash)
	}
	return true, nil
}

// familiar says whether somebody has signed in from the same address before.
func (s *Server) familiar(r *http.Request, person int64) (bool, error) {
	logins, err := s.Store.Logins(r.Context(), person)
	here := s.Address(r)
	return slices.ContainsFunc(logins, func(l store.Login) bool { return l.Address == here }), err
}

// enterAs signs somebody in, and brings them to the page that they wanted.
func (s signInHandlers) enterAs(w http.ResponseWriter, r *http.Request, person int64, to string) error {
	if err := s.signIn(r, person); err != nil {
		return err
	}
	http.Redirect(w, r, gate.Inside(to), http.StatusSeeOther)
	return nil
}

// halfWay asks for a code of an app, where there is one.
func (s signInHandlers) halfWay(w http.ResponseWriter, r *http.Request, person store.Person, to string) error {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	s.sessions.Put(r.Context(), sessionHalf, account.Half{Person: person.ID, At: s.Now(), To: to}.Kept())
	http.Redirect(w, r, "/sign-in/code", http.StatusSeeOther)
	return nil
}

// halfOf is who is half signed in; Person is 0 where nobody is, or where it took too long.
func (s signInHandlers) halfOf(ctx context.Context) account.Half {
	return account.ReadHalf(s.sessions.GetString(ctx, sessionHalf), s.Now())
}

// codeAsked is what the page that asks for a code has.
var codeAsked = account.CodeAsked{At: "/sign-in/code", Of: "Ringfence", In: "/sign-in"}

func (s signInHandlers) codePage(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if s.halfOf(r.Context()).Person == 0 {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return nil
	}
	return s.show(w, r, v, "sign-in-code", "", "Your code", codeAsked)
}

func (s signInHandlers) codeGiven(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	h := s.halfOf(r.Context())
	if h.Person == 0 {
		return s.done(w, r, "/sign-in", "That took too long. Please sign in again.", nil)
	}
	wrong, err := s.tryCode(r, h.Person, r.FormValue("code"), r.FormValue("recovery"))
	if err != nil {
		return err
	}
	if wrong != "" {
		return s.showAgain(w, v, "sign-in-code", "", "Your code", codeAsked, wrong)
	}
	return s.enterAs(w, r, h.Person, h.To)
}

// tryCode tries a code of an app, or a recovery code where one is given. wrong is what to tell.
func (s signInHandlers) tryCode(r *http.Request, person int64, code, recovery string) (wrong string, err error) {
	ctx := r.Context()
	familiar, err := s.familiar(r, person)
	if err != nil {
		return "", err
	}
	secrets, err := s.Store.SecretsOf(ctx, person)
	if err != nil {
		return "", err
	}
	wrong, may, err := s.doors.codes.Try(ctx, s.Store, account.CodeTry{
		Person: person, Secret: secrets.TOTP, Address: s.Address(r), Familiar: familiar, Code: code, Recovery: recovery, At: s.Now(),
	})
	if err == nil && !may {
		err = errTooMany
	}
	return wrong, err
}

func (s signInHandlers) signOut(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if v.Person.ID != 0 {
		if _, err := s.Store.EndLogin(r.Context(), v.Person.ID, v.Login); err != nil {
			return err
		}
	}
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}
