package account

import (
	"context"
	"errors"
	"net/http"

	"ringfence/accounts"
	"ringfence/store/people"
	"ringfence/web/qr"
)

// Login is a browser in which somebody has signed in, as their page shows it.
type Login struct {
	people.Login
	Device string
	Here   bool // it is this one
}

// Logins are the logins of whoever makes a request, and how many recovery codes they have left.
func (p *Pages[V]) Logins(ctx context.Context, v V) (shown []Login, codes int, err error) {
	who, here := p.Who(v)
	logins, err := p.Accounts.People.Logins(ctx, who.ID)
	if err != nil {
		return nil, 0, err
	}
	for _, l := range logins {
		shown = append(shown, Login{l, Device(l.Agent), l.ID == here})
	}
	codes, err = p.Accounts.People.RecoveryCodesLeft(ctx, who.ID)
	return shown, codes, err
}

// Confirm checks the password in a form, so that it is the person themselves who makes a request.
func (p *Pages[V]) Confirm(r *http.Request, v V) error {
	who, _ := p.Who(v)
	return p.Accounts.Confirm(r.Context(), who, r.PostFormValue("current"), p.Address(r), p.Now())
}

// confirmed does something with the account of a person whose password was right; a refusal is shown on the page of the account.
func (p *Pages[V]) confirmed(w http.ResponseWriter, r *http.Request, v V, do func(who people.Person, by accounts.By) error, answer func() error) error {
	err := p.Confirm(r, v)
	if err == nil {
		who, _ := p.Who(v)
		err = do(who, accounts.Themselves(who, p.Now()))
	}
	var refused people.Refusal
	switch {
	case errors.As(err, &refused):
		return p.ShowAccount(w, r, v, string(refused))
	case err != nil:
		return err
	}
	return answer()
}

// back leads to the page of the account, which says what was done.
func (p *Pages[V]) back(w http.ResponseWriter, r *http.Request, done string) func() error {
	return func() error { return p.Done(w, r, p.Page, done) }
}

func (p *Pages[V]) changePassword(w http.ResponseWriter, r *http.Request, v V) error {
	return p.confirmed(w, r, v, func(who people.Person, by accounts.By) error {
		_, here := p.Who(v)
		return p.Accounts.SetPassword(r.Context(), who, r.PostFormValue("new"), here, by)
	}, p.back(w, r, "You have a new password. Your other devices are signed out."))
}

func (p *Pages[V]) endLogin(w http.ResponseWriter, r *http.Request, v V) error {
	id, err := p.id(r, "login")
	if err != nil {
		return err
	}
	who, _ := p.Who(v)
	ended, err := p.Accounts.SignDeviceOut(r.Context(), who, id, accounts.Themselves(who, p.Now()))
	if err == nil && !ended {
		err = p.NotFound
	}
	if err != nil {
		return err
	}
	return p.Done(w, r, p.Page, "That device is signed out.")
}

func (p *Pages[V]) endOtherLogins(w http.ResponseWriter, r *http.Request, v V) error {
	who, here := p.Who(v)
	some, err := p.Accounts.SignOtherDevicesOut(r.Context(), who, here, accounts.Themselves(who, p.Now()))
	if err != nil {
		return err
	}
	done := "No other device was signed in."
	if some {
		done = "Your other devices are signed out."
	}
	return p.Done(w, r, p.Page, done)
}

// secret is the secret of an authenticator app that is being set up.
func (p *Pages[V]) secret(r *http.Request) string {
	return p.Sessions.GetString(r.Context(), sessionSecret)
}

func (p *Pages[V]) codeSetUpPage(w http.ResponseWriter, r *http.Request, v V) error {
	who, _ := p.Who(v)
	if who.HasTOTP {
		http.Redirect(w, r, p.Page, http.StatusSeeOther)
		return nil
	}
	if p.secret(r) == "" { // else it stays when the page is loaded again: it may be in the app already
		secret, err := accounts.NewTOTP()
		if err != nil {
			return err
		}
		p.Sessions.Put(r.Context(), sessionSecret, secret)
	}
	return p.Show(w, r, v, "my-code", "Authenticator app", p.setUp(r, who))
}

func (p *Pages[V]) setUp(r *http.Request, who people.Person) SetUp {
	return SetUp{At: p.code(), Key: accounts.Spaced(p.secret(r)), Password: who.HasPassword, Back: p.Page}
}

// codePicture is a QR code with the secret, for the app to read.
func (p *Pages[V]) codePicture(w http.ResponseWriter, r *http.Request, v V) error {
	secret := p.secret(r)
	if secret == "" {
		return p.NotFound
	}
	who, _ := p.Who(v)
	picture, err := qr.SVG(accounts.TOTPAddress(secret, p.Opens, who.Email))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = w.Write(picture) //nolint:gosec // an image, whatever the text in it; whoever asked may have gone
	return nil
}

func (p *Pages[V]) setUpCodes(w http.ResponseWriter, r *http.Request, v V) error {
	secret := p.secret(r)
	if secret == "" {
		return p.Done(w, r, p.code(), "Please begin again: that took too long.")
	}
	who, _ := p.Who(v)
	err := p.Confirm(r, v)
	var recovery []string
	if err == nil {
		recovery, err = p.Accounts.SetUpCodes(r.Context(), who, secret, r.PostFormValue("code"), accounts.Themselves(who, p.Now()))
	}
	if err != nil {
		return p.again(w, r, v, "my-code", "Authenticator app", p.setUp(r, who), err)
	}
	p.Sessions.Remove(r.Context(), sessionSecret)
	return p.showRecovery(w, r, v, recovery)
}

func (p *Pages[V]) showRecovery(w http.ResponseWriter, r *http.Request, v V, recovery []string) error {
	return p.Show(w, r, v, "my-recovery", "Your recovery codes", Recovery{Codes: recovery, Back: p.Page})
}

func (p *Pages[V]) removeCodes(w http.ResponseWriter, r *http.Request, v V) error {
	return p.confirmed(w, r, v, func(who people.Person, by accounts.By) error {
		return p.Accounts.RemoveCodes(r.Context(), who, by)
	}, p.back(w, r, "You are not asked for codes any more."))
}

func (p *Pages[V]) newRecoveryCodes(w http.ResponseWriter, r *http.Request, v V) error {
	var recovery []string
	return p.confirmed(w, r, v, func(who people.Person, by accounts.By) (err error) {
		recovery, err = p.Accounts.NewRecoveryCodes(r.Context(), who, by)
		return err
	}, func() error { return p.showRecovery(w, r, v, recovery) })
}
