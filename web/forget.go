package web

import (
	"net/http"
	"strings"

	"ringfence/household"
	"ringfence/web/backend"
)

// forgetPage asks for a number, and then whether what is kept of it is to be erased.
type forgetPage struct {
	Typed                  string
	*household.Forgettable // nil: no number has been typed yet, or it is none
	Wrong                  string
}

func (s callHandlers) forgetView() view {
	return viewOf("forget", "calls", "Forget a caller", func(r *http.Request, v *backend.Visitor) (forgetPage, error) {
		p := forgetPage{Typed: strings.TrimSpace(r.FormValue("number"))}
		if p.Typed == "" {
			return p, nil
		}
		found, err := s.Admin(v).Forgettable(r.Context(), p.Typed)
		if p.Wrong, _, err = backend.RefusalOf(err); err == nil && p.Wrong == "" {
			p.Forgettable = &found
		}
		return p, err
	})
}

// forgetCaller erases what is kept of a caller. The page has said what that is.
func forgetCaller(r *http.Request, a household.Admin) (household.Done, error) {
	a.Sure = r.PostFormValue("sure") == "yes"
	return a.ForgetCaller(r.Context(), r.PostFormValue("number"))
}
