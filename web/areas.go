package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ringfence/store"
	"ringfence/store/people"
	"ringfence/web/backend"
)

// areaHandlers are for the areas of a machine: groups of households that somebody looks after together. They are for whoever owns all households.
type areaHandlers struct{ *Server }

func (s areaHandlers) routes() []route {
	return []route{
		{"GET /areas", backend.Machine, s.page(s.areasView())},
		{"POST /areas", backend.Machine, s.add},
		{"GET /areas/{area}", backend.Machine, s.page(s.areaView())},
		{"POST /areas/{area}/name", backend.Machine, s.onArea(s.rename)},
		{"POST /areas/{area}/households", backend.Machine, s.onArea(s.setHouseholds)},
		{"POST /areas/{area}/people", backend.Machine, s.onArea(s.addPerson)},
		{"POST /areas/{area}/people/{person}", backend.Machine, s.onArea(s.setPerson)},
		{"POST /areas/{area}/people/{person}/remove", backend.Machine, s.onArea(s.removePerson)},
		{"POST /areas/{area}/remove", backend.Machine, s.remove},
	}
}

type areasPage struct {
	Areas []store.Area
	Name  string // of one that was not made
}

func (s areaHandlers) areasView() view {
	return viewOf("areas", "", "Areas", func(r *http.Request, _ *backend.Visitor) (p areasPage, err error) {
		p.Name = r.PostFormValue("name")
		p.Areas, err = s.Store.Areas(r.Context())
		return p, err
	})
}

// areaPage is an area with all households of the machine, of which some are in it.
type areaPage struct {
	store.Area
	Rows   []areaRow
	People []store.Member
	Email  string // of somebody who was not added
}

type areaRow struct {
	backend.Place
	In bool
}

func (s areaHandlers) areaView() view {
	return viewOf("area", "", "Area", func(r *http.Request, v *backend.Visitor) (p areaPage, err error) {
		if p.Area, err = s.Area(r); err != nil {
			return p, err
		}
		in, err := s.Store.AreaHouseholds(r.Context(), p.ID)
		for _, place := range v.Households {
			p.Rows = append(p.Rows, areaRow{place, slices.Contains(in, place.Name)})
		}
		slices.SortStableFunc(p.Rows, func(a, b areaRow) int { return strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title)) })
		var err2 error
		p.People, err2 = s.Store.AreaPeople(r.Context(), p.ID)
		p.Email = r.PostFormValue("email")
		return p, errors.Join(err, err2)
	})
}

func (s areaHandlers) add(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	made, sentence, err := s.Areas(v).Add(r.Context(), r.PostFormValue("name"))
	if err != nil {
		return s.again(w, r, v, s.areasView(), err)
	}
	return s.done(w, r, areaPath(made), sentence+" Choose its households, and who looks after them.", "")
}

func areaPath(a store.Area) string { return "/areas/" + strconv.FormatInt(a.ID, 10) }

// onArea serves a form on an area's page, which says afterwards what was done, or is shown again with what was wrong.
func (s areaHandlers) onArea(do func(*http.Request, *backend.Visitor, store.Area) (string, error)) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		area, err := s.Area(r)
		if err != nil {
			return err
		}
		sentence, err := do(r, v, area)
		if errors.Is(err, backend.ErrNotFound) {
			return err
		}
		if err != nil {
			return s.again(w, r, v, s.areaView(), err)
		}
		return s.done(w, r, areaPath(area), sentence, "")
	}
}

func (s areaHandlers) rename(r *http.Request, v *backend.Visitor, area store.Area) (string, error) {
	return s.Areas(v).Rename(r.Context(), area, r.PostFormValue("name"))
}

func (s areaHandlers) remove(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	area, err := s.Area(r)
	if err != nil {
		return err
	}
	sentence, err := s.Areas(v).Remove(r.Context(), area)
	if err != nil {
		return s.again(w, r, v, s.areaView(), err)
	}
	return s.done(w, r, "/areas", sentence, "")
}

// setHouseholds puts those into the area that were ticked and were not in it when the page was made, and takes out those that were in it and are not
// ticked any more. So nobody undoes what somebody else does meanwhile.
func (s areaHandlers) setHouseholds(r *http.Request, v *backend.Visitor, area store.Area) (string, error) {
	ticked, was := r.PostForm["household"], strings.Fields(r.PostFormValue("was"))
	var in, out []string
	for _, p := range v.Households {
		switch is, before := slices.Contains(ticked, p.Name), slices.Contains(was, p.Name); {
		case is && !before:
			in = append(in, p.Name)
		case !is && before:
			out = append(out, p.Name)
		}
	}
	var said []string
	err := s.Store.Together(r.Context(), func(ctx context.Context) error {
		for _, some := range []struct {
			in    bool
			names []string
		}{{true, in}, {false, out}} {
			if len(some.names) == 0 {
				continue
			}
			sentence, err := s.Areas(v).SetHouseholds(ctx, area, some.in, some.names...)
			if err != nil {
				return err
			}
			said = append(said, sentence)
		}
		return nil
	})
	if err == nil && len(said) == 0 {
		said = []string{"Nothing has changed."}
	}
	return strings.Join(said, " "), err
}

func (s areaHandlers) addPerson(r *http.Request, v *backend.Visitor, area store.Area) (string, error) {
	who, _, err := s.Store.People.ByEmail(r.Context(), r.PostFormValue("email"))
	if errors.Is(err, people.ErrNobody) {
		return "", backend.Refuse("Nobody signs in with this e-mail address. Invite them to one of the households first.")
	}
	if err != nil {
		return "", err
	}
	return s.Areas(v).SetRole(r.Context(), area, who, sentStanding(r))
}

func sentStanding(r *http.Request) store.Standing {
	return store.Standing{Role: store.Role(r.PostFormValue("role")), Hears: r.PostFormValue("hears") != ""}
}

func (s areaHandlers) setPerson(r *http.Request, v *backend.Visitor, area store.Area) (string, error) {
	return s.ofArea(r, v, area, sentStanding(r))
}

func (s areaHandlers) removePerson(r *http.Request, v *backend.Visitor, area store.Area) (string, error) {
	return s.ofArea(r, v, area, store.Standing{})
}

// ofArea gives somebody who looks after the area another role there.
func (s areaHandlers) ofArea(r *http.Request, v *backend.Visitor, area store.Area, to store.Standing) (string, error) {
	id, err := backend.PathID(r, "person")
	if err != nil {
		return "", err
	}
	all, err := s.Store.AreaPeople(r.Context(), area.ID)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(all, func(m store.Member) bool { return m.ID == id })
	if at < 0 {
		return "", backend.ErrNotFound
	}
	return s.Areas(v).SetRole(r.Context(), area, all[at].Person, to)
}
