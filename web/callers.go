package web

import (
	"net/http"
	"net/url"
	"strings"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
)

// caller serves a form with one button that does something about the caller of a call.
func (s callHandlers) caller(deed func(*http.Request, household.Admin, store.LoggedCall) (household.Done, error)) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		call, err := s.Call(r, v)
		if err != nil {
			return err
		}
		done, err := deed(r, s.Admin(v), call)
		return s.tell(w, r, v, backTo(r, v), done, err)
	}
}

// backTo is the household's page that a form was sent from; Today if that is not known.
func backTo(r *http.Request, v *backend.Visitor) string {
	from, err := url.Parse(r.Referer())
	if err != nil || !strings.HasPrefix(from.Path, v.Path()) || from.Host != r.Host {
		return v.Path()
	}
	return from.RequestURI()
}

// press is a carer's key for a call in progress.
func (s callHandlers) press(key calllog.CarerKey) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		call, err := s.Call(r, v)
		if err != nil {
			return err
		}
		done, err := s.Press(r.Context(), v, call, key)
		return s.tell(w, r, v, v.Path(), done, err)
	}
}

// written is a complete number from a list's entry, as people write it.
func written(v *backend.Visitor, digits string) string { return v.National(screening.NumberOf(digits)) }
