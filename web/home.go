package web

import "net/http"

// home is the only household's Today, or the list of them.
func (s callHandlers) home(w http.ResponseWriter, r *http.Request, v *visit) error {
	if len(v.Households) == 1 {
		http.Redirect(w, r, v.Households[0].Path(), http.StatusSeeOther)
		return nil
	}
	type row struct {
		place
		State lineState
	}
	var rows []row
	for _, p := range v.Households {
		rows = append(rows, row{p, stateOf(s.Switchboard.Line(p.Name))})
	}
	return s.show(w, r, v, "home", "", "Your households", rows)
}
