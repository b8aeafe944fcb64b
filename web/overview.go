package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ringfence/store"
	"ringfence/web/backend"
)

// overviewHandlers are for somebody who looks after several households: to find one, and to see what needs attention first.
type overviewHandlers struct{ *Server }

func (s overviewHandlers) routes() []route {
	return []route{{"GET /{$}", backend.SignedIn, s.home}}
}

// searchFrom is from how many households on the page has a search: fewer are seen at once.
const searchFrom = 6

// choice is which of the visitor's households somebody looks at, as the page's address says it.
type placeChoice struct {
	Find  string
	Area  string   // "": in any area, or in none
	Areas []string // the areas to choose from
}

// Query is the choice as the query of an address, with its question mark; "" for all households.
func (c placeChoice) Query() string {
	values := url.Values{}
	for name, value := range map[string]string{"find": c.Find, "area": c.Area} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// overviewPage is what needs attention in the households that somebody looks after.
type overviewPage struct {
	placeChoice
	backend.Overview
	All      int // of the visitor's households
	MayMany  bool
	MayAreas bool
}

// Search says whether the page has a search.
func (p overviewPage) Search() bool { return p.All >= searchFrom || p.Query() != "" }

// Shown is how many households are shown.
func (p overviewPage) Shown() int { return len(p.Attention) + len(p.Well) }

// choose picks the households that the request's query asks for.
func (s *Server) choose(ctx context.Context, r *http.Request, v *backend.Visitor) (c placeChoice, chosen []backend.Place, err error) {
	c = placeChoice{Find: strings.TrimSpace(r.FormValue("find")), Area: r.FormValue("area")}
	if chosen, err = s.Find(ctx, v, c.Find); err != nil {
		return c, nil, err
	}
	of, err := s.Store.AreasOf(ctx)
	if err != nil {
		return c, nil, err
	}
	for _, p := range v.Households {
		c.Areas = append(c.Areas, of[p.Name]...)
	}
	slices.Sort(c.Areas)
	c.Areas = slices.Compact(c.Areas)
	if c.Area != "" {
		chosen = slices.DeleteFunc(slices.Clone(chosen), func(p backend.Place) bool { return !slices.Contains(of[p.Name], c.Area) })
	}
	return c, chosen, nil
}

// home leads to Today if there is one household, or if one was looked for and found. Otherwise it says what needs attention.
func (s overviewHandlers) home(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if len(v.Households) == 1 {
		http.Redirect(w, r, v.Households[0].Path(), http.StatusSeeOther)
		return nil
	}
	choice, chosen, err := s.choose(r.Context(), r, v)
	if err != nil {
		return err
	}
	if choice.Find != "" && len(chosen) == 1 {
		http.Redirect(w, r, chosen[0].Path(), http.StatusSeeOther)
		return nil
	}
	if len(v.Households) > 0 {
		v.Household.Zone = v.Households[0].Zone // today is by its clocks
	}
	p := overviewPage{placeChoice: choice, All: len(v.Households)}
	if p.Overview, err = s.Overview(r.Context(), v, chosen); err != nil {
		return err
	}
	if p.MayAreas, err = s.Store.OwnsMachine(r.Context(), v.Person.ID); err != nil {
		return err
	}
	p.MayMany = slices.ContainsFunc(v.Households, mayChange)
	return s.show(w, r, v, "home", "", "Your households", p)
}

func mayChange(p backend.Place) bool { return p.Role.Covers(store.RoleCarer) }
