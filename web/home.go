package web

import (
	"net/http"

	"ringfence/web/backend"
)

// home is the only household's Today, or the list of them.
func (s callHandlers) home(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if len(v.Households) == 1 {
		http.Redirect(w, r, v.Households[0].Path(), http.StatusSeeOther)
		return nil
	}
	type row struct {
		backend.Place
		State backend.LineState
	}
	var rows []row
	for _, p := range v.Households {
		rows = append(rows, row{p, s.Switchboard.Line(p.Name).State()})
	}
	return s.show(w, r, v, "home", "", "Your households", rows)
}
