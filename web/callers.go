package web

import (
	"net/http"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/store"
	"ringfence/web/backend"
)

// caller serves a form with one button that runs a deed about the caller of a call.
func (s callHandlers) caller(deed func(*http.Request, household.Admin, store.LoggedCall) (household.Done, error)) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		call, err := s.Call(r, v)
		if err != nil {
			return err
		}
		done, err := deed(r, s.Admin(v), call)
		return s.finish(w, r, v, backTo(r, v), done, err)
	}
}

// press is a carer's key for a call in progress.
func (s callHandlers) press(key calllog.CarerKey) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		call, err := s.Call(r, v)
		if err != nil {
			return err
		}
		done, err := s.Press(r.Context(), v, call, key)
		return s.finish(w, r, v, backTo(r, v), done, err)
	}
}
