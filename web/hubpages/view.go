package hubpages

import (
	"errors"
	"net/http"
	"strconv"

	"ringfence/sharing/hub"
)

// view is a page: its template, the part of the navigation that it belongs to, its title, and what it shows. A form on it shows what was typed.
type view struct {
	name, section, title string
	data                 func(*http.Request, *visitor) (any, error)
}

func viewOf[T any](name, section, title string, data func(*http.Request, *visitor) (T, error)) view {
	return view{name, section, title, func(r *http.Request, v *visitor) (any, error) { return data(r, v) }}
}

// serves is the handler of a view.
func (s *Server) serves(of view) func(http.ResponseWriter, *http.Request, *visitor) error {
	return func(w http.ResponseWriter, r *http.Request, v *visitor) error {
		data, err := of.data(r, v)
		if err != nil {
			return err
		}
		return s.show(w, r, v, of.name, of.section, of.title, data)
	}
}

// again shows the view of a form once more, with why the hub has refused it.
func (s *Server) again(w http.ResponseWriter, r *http.Request, v *visitor, of view, err error) error {
	var refused *hub.Refused
	if !errors.As(err, &refused) {
		return err
	}
	data, err := of.data(r, v)
	if err != nil {
		return err
	}
	return s.showAgain(w, r, v, of.name, of.section, of.title, data, refused.Sentence)
}

// number is a number in an address; anything else there is a page that does not exist.
func number(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, errNotFound
	}
	return id, nil
}
