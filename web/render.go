package web

import (
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"ringfence/store"
	"ringfence/web/field"
	"ringfence/web/gate"
	"ringfence/web/render"
)

// fault is an error for people: what is wrong in a sentence, and what to do next.
type fault struct {
	status   int
	sentence string
}

func (f fault) Error() string { return f.sentence }

// refused is a fault in what somebody has typed or sent.
func refused(format string, args ...any) error {
	return fault{http.StatusUnprocessableEntity, fmt.Sprintf(format, args...)}
}

// page is what a template gets.
type page struct {
	Visit   *visit
	Name    string // of the template, such as "today"
	Section string // which link of the navigation is this one: today, calls, contacts, blocks, settings, people
	Title   string
	Flash   *flash
	Errors  []string // what was wrong in a form, at the top of the page
	Data    any
}

func (s *Server) functions() template.FuncMap {
	return template.FuncMap{
		"asset":   s.static.Address,
		"field":   field.New,
		"options": newOptions,
		"given":   func(v *visit, data any) given { return given{v, data} },
		"roles":   func(id string, role store.Role, hears bool) roles { return roles{id, role, hears} },
		"id":      func(id int64) string { return strconv.FormatInt(id, 10) },
		// What the shared parts of these names get.
		"farewells": func(id string, notWanted bool) farewells { return farewells{id, notWanted} },
		"entries":   func(label string, rows []entryLine) entryTable { return entryTable{label, rows} },
	}
}

// given is what a shared part gets: the visit, and what it shows.
type given struct {
	Visit *visit
	Data  any
}

// show writes a page. section is the part of the navigation that it belongs to; "" is none.
func (s *Server) show(w http.ResponseWriter, r *http.Request, v *visit, name, section, title string, data any) error {
	return s.write(w, http.StatusOK, page{Visit: v, Name: name, Section: section, Title: title, Flash: s.takeFlash(r), Data: data})
}

// showAgain writes a page with a form once more, with what was wrong in it and what was typed.
func (s *Server) showAgain(w http.ResponseWriter, v *visit, name, section, title string, data any, wrong ...string) error {
	return s.write(w, http.StatusUnprocessableEntity, page{Visit: v, Name: name, Section: section, Title: title, Errors: wrong, Data: data})
}

func (s *Server) write(w http.ResponseWriter, status int, p page) error {
	return s.pages.Write(w, status, p.Name, p)
}

// fail tells somebody what went wrong. What is not theirs to mend goes into the log, and they get a plain sentence.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	var f fault
	var tooLarge *http.MaxBytesError
	switch err = asFault(err); {
	case errors.As(err, &f):
	case errors.As(err, &tooLarge):
		f = fault{http.StatusRequestEntityTooLarge, "That is too large to be taken."}
	default:
		if r.Context().Err() == nil {
			s.Log.Error("a page could not be shown", "route", r.Pattern, "person", v.Person.ID, "household", v.Household.Name, "err", err)
		}
		f = fault{http.StatusInternalServerError, "Something went wrong here; it has been written down for whoever looks after this Ringfence. " +
			"The telephone is not affected. Please try again."}
	}
	if err := s.write(w, f.status, page{Visit: v, Name: "fault", Title: render.FaultTitle(f.status), Data: f.sentence}); err != nil {
		s.Log.Error("a page could not be shown", "route", r.Pattern, "err", err)
		http.Error(w, f.sentence, f.status)
	}
}

// nothingThere answers for every address that is no route.
func (s *Server) nothingThere(w http.ResponseWriter, r *http.Request) {
	v := &visit{Now: s.Now()}
	if err := s.recognise(r, v); err != nil {
		s.fail(w, r, v, err)
		return
	}
	s.fail(w, r, v, errNotThere)
}

// crossOrigin answers a form that another site's page has sent.
func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request) {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/") // no more of it: it may have a secret in it, as links to choose a password do
	s.Log.Warn("a form from another site was refused", "page", slog.StringValue(gate.Bounded(first)), "origin", slog.StringValue(gate.Bounded(r.Header.Get("Origin"))))
	s.fail(w, r, &visit{Now: s.Now()}, fault{http.StatusForbidden, "That came from another site, so nothing was changed. Open Ringfence by its own address and try again."})
}
