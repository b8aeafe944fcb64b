package account

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/alexedwards/scs/v2"

	"ringfence/accounts"
	"ringfence/store/people"
	"ringfence/web/gate"
)

// Pages are these pages on one site; V is the site's type for a visitor. All fields are needed unless they say otherwise.
type Pages[V any] struct {
	Accounts *accounts.Accounts
	Sessions *scs.SessionManager
	Now      func() time.Time
	Address  func(*http.Request) string // where a request comes from
	Opens    string                     // what an app shows beside the codes, such as "Ringfence"
	Page     string                     // the address of the page of somebody's own account
	Home     string                     // where somebody lands who has signed in
	Out      string                     // where somebody lands who has signed out
	LinkIn   bool                       // choosing a password by a link signs people in, after a code if they use them

	// Who says who makes a request, and by which login; the person's ID is 0 for nobody.
	Who func(v V) (people.Person, int64)
	// Show writes a page of the site's templates: sign-in, sign-in-code, password, my-code or my-recovery; with wrong it says what was wrong.
	Show func(w http.ResponseWriter, r *http.Request, v V, page, title string, data any, wrong ...string) error
	// ShowAccount writes the page of somebody's own account, with what was wrong.
	ShowAccount func(w http.ResponseWriter, r *http.Request, v V, wrong string) error
	// Done leads to another page, which says what was done.
	Done func(w http.ResponseWriter, r *http.Request, to, done string) error
	// NotFound is the error for a page that does not exist.
	NotFound error
}

func (p *Pages[V]) code() string { return p.Page + "/code" }

// The values in a session.
const (
	sessionLogin  = "login"  // by which somebody has signed in; it can be ended
	sessionHalf   = "half"   // whose password was right, and who still has to enter an authenticator code
	sessionSecret = "secret" // of an authenticator app that is being set up
	// SessionPasskey is what a passkey has to answer, where a site has passkeys.
	SessionPasskey = "passkey"
)

// Recognise finds out who has signed in with the browser that a request comes from; the person's ID is 0 if nobody has.
func (p *Pages[V]) Recognise(r *http.Request) (people.Person, int64, error) {
	ctx := r.Context()
	id := p.Sessions.GetInt64(ctx, sessionLogin)
	if id == 0 {
		return people.Person{}, 0, nil
	}
	login, person, err := p.Accounts.People.Login(ctx, id)
	if errors.Is(err, people.ErrNoLogin) { // ended, from another device for example
		return people.Person{}, 0, p.Sessions.Destroy(ctx)
	}
	if err != nil {
		return people.Person{}, 0, err
	}
	return person, id, p.Accounts.People.TouchLogin(ctx, login, p.Now())
}

// renew gives the session a new token, so that an earlier one is worth nothing, and forgets who was here before.
func (p *Pages[V]) renew(r *http.Request) error {
	for _, of := range []string{sessionLogin, sessionHalf, sessionSecret, SessionPasskey} {
		p.Sessions.Remove(r.Context(), of)
	}
	return p.Sessions.RenewToken(r.Context())
}

// LetIn signs a person in with this browser.
func (p *Pages[V]) LetIn(r *http.Request, person int64) error {
	if err := p.renew(r); err != nil {
		return err
	}
	login, err := p.Accounts.People.AddLogin(r.Context(), person, r.UserAgent(), p.Address(r), p.Now())
	p.Sessions.Put(r.Context(), sessionLogin, login)
	return err
}

// goTo leads to the page that somebody wanted, if it is one of ours.
func (p *Pages[V]) goTo(w http.ResponseWriter, r *http.Request, to string) {
	if to = gate.Inside(to); to == "/" {
		to = p.Home
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// signInForm is what the page with the first step shows.
type signInForm struct{ Email, To string }

func (p *Pages[V]) signInPage(w http.ResponseWriter, r *http.Request, v V) error {
	to := r.FormValue("to")
	if who, _ := p.Who(v); who.ID != 0 {
		p.goTo(w, r, to)
		return nil
	}
	return p.Show(w, r, v, "sign-in", "Sign in", signInForm{To: to})
}

func (p *Pages[V]) signIn(w http.ResponseWriter, r *http.Request, v V) error {
	form := signInForm{r.PostFormValue("email"), r.PostFormValue("to")}
	who, err := p.Accounts.SignIn(r.Context(), accounts.Try{Email: form.Email, Password: r.PostFormValue("password"), Address: p.Address(r), At: p.Now()})
	if err != nil {
		return p.again(w, r, v, "sign-in", "Sign in", form, err)
	}
	return p.askCode(w, r, who, form.To)
}

// again writes a page again with a refusal, and returns every other error.
func (p *Pages[V]) again(w http.ResponseWriter, r *http.Request, v V, page, title string, data any, err error) error {
	var refused people.Refusal
	if !errors.As(err, &refused) {
		return err
	}
	return p.Show(w, r, v, page, title, data, string(refused))
}

// askCode lets in somebody who has used a password, or a link to choose one; if they have an authenticator app, it asks for a code first.
func (p *Pages[V]) askCode(w http.ResponseWriter, r *http.Request, who people.Person, to string) error {
	if !who.HasTOTP {
		if err := p.LetIn(r, who.ID); err != nil {
			return err
		}
		p.goTo(w, r, to)
		return nil
	}
	if err := p.renew(r); err != nil {
		return err
	}
	p.Sessions.Put(r.Context(), sessionHalf, half{Person: who.ID, At: p.Now(), To: to}.kept())
	http.Redirect(w, r, "/sign-in/code", http.StatusSeeOther)
	return nil
}

// halfOf is who is half signed in; Person is 0 if nobody is, or if they have taken too long.
func (p *Pages[V]) halfOf(r *http.Request) half {
	return readHalf(p.Sessions.GetString(r.Context(), sessionHalf), p.Now())
}

// codeAsked is what the page that asks for a code has.
func (p *Pages[V]) codeAsked() CodeAsked {
	return CodeAsked{At: "/sign-in/code", Of: p.Opens, In: "/sign-in"}
}

func (p *Pages[V]) codePage(w http.ResponseWriter, r *http.Request, v V) error {
	if p.halfOf(r).Person == 0 {
		http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
		return nil
	}
	return p.Show(w, r, v, "sign-in-code", "Your code", p.codeAsked())
}

func (p *Pages[V]) tryCode(w http.ResponseWriter, r *http.Request, v V) error {
	h := p.halfOf(r)
	if h.Person == 0 {
		return p.Done(w, r, "/sign-in", "That took too long. Please sign in again.")
	}
	err := p.Accounts.TryCode(r.Context(), accounts.CodeTry{
		Person: h.Person, Code: r.PostFormValue("code"), Recovery: r.PostFormValue("recovery"), Address: p.Address(r), At: p.Now(),
	})
	if errors.Is(err, people.ErrNobody) { // removed meanwhile
		return p.Done(w, r, "/sign-in", "Please sign in again.")
	}
	if err != nil {
		return p.again(w, r, v, "sign-in-code", "Your code", p.codeAsked(), err)
	}
	if err := p.LetIn(r, h.Person); err != nil {
		return err
	}
	p.goTo(w, r, h.To)
	return nil
}

func (p *Pages[V]) signOut(w http.ResponseWriter, r *http.Request, v V) error {
	if who, login := p.Who(v); who.ID != 0 {
		if err := p.Accounts.SignOut(r.Context(), who, login); err != nil {
			return err
		}
	}
	if err := p.Sessions.Destroy(r.Context()); err != nil {
		return err
	}
	http.Redirect(w, r, p.Out, http.StatusSeeOther)
	return nil
}

// passwordForm is what the page of a link to choose a password shows.
type passwordForm struct {
	Token string
	people.Person
}

func (p *Pages[V]) passwordForm(r *http.Request) (passwordForm, error) {
	token := r.PathValue("token")
	who, err := p.Accounts.People.PasswordLink(r.Context(), token, p.Now())
	return passwordForm{token, who}, err
}

func (p *Pages[V]) passwordPage(w http.ResponseWriter, r *http.Request, v V) error {
	form, err := p.passwordForm(r)
	if err != nil {
		return err
	}
	return p.Show(w, r, v, "password", "A new password", form)
}

func (p *Pages[V]) choosePassword(w http.ResponseWriter, r *http.Request, v V) error {
	form, err := p.passwordForm(r)
	if err != nil {
		return err
	}
	who, err := p.Accounts.UsePasswordLink(r.Context(), form.Token, r.PostFormValue("new"), p.Now())
	if errors.Is(err, people.ErrLinkOver) { // somebody else has used it
		return err
	}
	if err != nil {
		return p.again(w, r, v, "password", "A new password", form, err)
	}
	if p.LinkIn {
		return p.askCode(w, r, who, "")
	}
	if err := p.Sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	return p.Done(w, r, "/sign-in", "You have a new password. Sign in with it now.")
}

// id is a number in an address; anything else there is a page that does not exist.
func (p *Pages[V]) id(r *http.Request, place string) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue(place), 10, 64)
	if err != nil {
		return 0, p.NotFound
	}
	return id, nil
}
