package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"ringfence/household"
	"ringfence/web/backend"
)

// How pages call package household, which has everything that can be done to a household.

// deed does something to a household, as a request says.
type deed func(*http.Request, household.Admin) (household.Done, error)

// do serves a form: it runs a deed, and leads to a page that says what was done and offers to undo it.
func (s *Server) do(to address, what deed) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		done, err := what(r, s.Admin(v))
		return s.finish(w, r, v, to(r, v), done, err)
	}
}

// doOn is do for a form on a page, which is shown again if something in the form is wrong.
func (s *Server) doOn(of view, to address, what deed) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		done, err := what(r, s.Admin(v))
		if err != nil {
			return s.again(w, r, v, of, err)
		}
		return s.finish(w, r, v, to(r, v), done, nil)
	}
}

// address is where a form leads to.
type address func(*http.Request, *backend.Visitor) string

// at is a page of the household.
func at(parts ...string) address {
	return func(_ *http.Request, v *backend.Visitor) string { return v.Path(parts...) }
}

// backTo is the household's page that a form was sent from; Today if that is not known.
func backTo(r *http.Request, v *backend.Visitor) string {
	from, err := url.Parse(r.Referer())
	if err != nil || !strings.HasPrefix(from.Path, v.Path()) || from.Host != r.Host {
		return v.Path()
	}
	return from.RequestURI()
}

// withID is a deed about what the address names by its number.
func withID(place string, what func(household.Admin, context.Context, int64) (household.Done, error)) deed {
	return func(r *http.Request, a household.Admin) (household.Done, error) {
		id, err := backend.PathID(r, place)
		if err != nil {
			return household.Done{}, err
		}
		return what(a, r.Context(), id)
	}
}

// withField is a deed about what a field of the form names.
func withField(name string, what func(household.Admin, context.Context, string) (household.Done, error)) deed {
	return func(r *http.Request, a household.Admin) (household.Done, error) {
		return what(a, r.Context(), r.FormValue(name))
	}
}

// setOptions sets those of some options that a form has sent.
func setOptions(some ...household.Option) deed {
	return func(r *http.Request, a household.Admin) (household.Done, error) {
		return a.SetOptions(r.Context(), r.PostFormValue("was"), sentOptions(r, some...))
	}
}

// undoLine undoes what a line of the audit log says. If that deletes something it says what, and asks first.
func (s *Server) undoLine(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	a, to := s.Admin(v), backTo(r, v)
	if a.Sure = r.PostFormValue("sure") == "yes"; a.Sure {
		to = v.Path("changes") // it comes from the question, which is not a page to go back to
	}
	done, err := withID("line", household.Admin.Undo)(r, a)
	if why, notSure, _ := backend.RefusalOf(err); notSure {
		return s.show(w, r, v, "undo-sure", "people", "Undo this?", why)
	}
	if err == nil {
		err = s.Regions.Follow(r.Context()) // a country may have changed back
	}
	return s.finish(w, r, v, to, done, err)
}

// finish answers a form with its result: the next page says it, and offers to undo it.
func (s *Server) finish(w http.ResponseWriter, r *http.Request, v *backend.Visitor, to string, done household.Done, err error) error {
	if err != nil {
		return err
	}
	back := ""
	if done.CanUndo {
		back = v.Path("undo", strconv.FormatInt(done.Line, 10))
	}
	return s.done(w, r, to, done.Sentence, back)
}
