package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

// caller makes a handler of a deed with the caller of a call.
func (s callHandlers) caller(deed func(*http.Request, household.Admin, store.LoggedCall) (household.Done, error)) func(http.ResponseWriter, *http.Request, *visit) error {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		call, err := s.callOf(r, v)
		if err != nil {
			return err
		}
		if call.Number == "" {
			return fault{http.StatusConflict, "This caller showed no number, so nobody could know them again."}
		}
		done, err := deed(r, s.admin(v), call)
		return s.tell(w, r, v, backTo(r, v), done, err)
	}
}

// backTo is the page of the household that a form was sent from; Today where that is not known.
func backTo(r *http.Request, v *visit) string {
	from, err := url.Parse(r.Referer())
	if err != nil || !strings.HasPrefix(from.Path, v.Path()) || from.Host != r.Host {
		return v.Path()
	}
	return from.RequestURI()
}

// press is a carer's key for a call in progress.
func (s callHandlers) press(key calllog.CarerKey) func(http.ResponseWriter, *http.Request, *visit) error {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		call, err := s.callOf(r, v)
		if err != nil {
			return err
		}
		done, err := s.pressKey(r.Context(), v, call, key)
		return s.tell(w, r, v, v.Path(), done, err)
	}
}

// pressKey lets a call take a carer's key, and then does to the household what belongs to it, even where the browser has left.
func (s *Server) pressKey(ctx context.Context, v *visit, call store.LoggedCall, key calllog.CarerKey) (done household.Done, err error) {
	if err := s.Switchboard.Press(ctx, v.Household.Name, call.ID, key, v.Person.Name); err != nil {
		return done, fault{http.StatusConflict, err.Error()}
	}
	ctx, a := context.WithoutCancel(ctx), s.admin(v)
	switch key {
	case calllog.CarerLetThrough:
		return a.OnLetThrough(ctx, call)
	case calllog.CarerNotNow:
		return a.OnNotNow(ctx, call)
	default:
		done, _, err = a.SendAway(ctx, call.Number, "scam, sent away by "+v.Person.Name+", on the page")
		return done, err
	}
}

// written is a whole number that an entry of a list has, as people write it.
func (v *visit) written(digits string) string { return v.National(screening.NumberOf(digits)) }
