package hubpages

import (
	"net/http"
	"time"

	"ringfence/accounts"
	"ringfence/store/people"
	"ringfence/web/account"
	"ringfence/web/gate"
)

const accountAt = "/moderate/account"

// accountPages are the pages of signing in, and of a moderator's own account.
func (s *Server) accountPages() *account.Pages[*visitor] {
	return &account.Pages[*visitor]{
		Accounts: accounts.New(s.Hub.People, s.Hub, s.Log), Sessions: s.sessions, NotFound: errNotFound,
		Now:     func() time.Time { return s.Now() },
		Address: func(r *http.Request) string { return gate.Address(r, s.Proxies) },
		Opens:   s.Hub.Group().Name, Page: accountAt, Home: "/moderate", Out: "/", LinkIn: true,
		Who:         func(v *visitor) (people.Person, int64) { return v.Moderator, v.login },
		ShowAccount: s.account,
		Done:        s.done,
		Show: func(w http.ResponseWriter, r *http.Request, v *visitor, page, title string, data any, wrong ...string) error {
			section := map[string]string{"sign-in": "sign-in", "sign-in-code": "sign-in", "my-code": "account", "my-recovery": "account"}[page]
			if len(wrong) > 0 {
				return s.showAgain(w, r, v, page, section, title, data, wrong[0])
			}
			return s.show(w, r, v, page, section, title, data)
		},
	}
}

type accountPage struct {
	Codes  int // recovery codes that are left
	Logins []account.Login
	Open   bool // whether the form for a new password is open, because something in it was wrong
}

// account shows a moderator's own account, with what was wrong in a form of it.
func (s *Server) account(w http.ResponseWriter, r *http.Request, v *visitor, wrong string) (err error) {
	p := accountPage{Open: r.URL.Path == accountAt+"/password"}
	if p.Logins, p.Codes, err = s.accounts.Logins(r.Context(), v); err != nil {
		return err
	}
	if wrong != "" {
		return s.showAgain(w, r, v, "account", "account", "My account", p, wrong)
	}
	return s.show(w, r, v, "account", "account", "My account", p)
}
