package web

import (
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"ringfence/household"
	"ringfence/household/cell"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
	"ringfence/web/field"
	"ringfence/web/gate"
	"ringfence/web/render"
)

// page is what a template gets.
type page struct {
	Visitor *backend.Visitor
	Name    string // of the template, such as "today"
	Section string // which link of the navigation is this one: today, calls, contacts, blocks, settings, people
	Title   string
	Flash   *flash
	Errors  []string // what was wrong in a form, at the top of the page
	Data    any
}

// OnTheLine is who is on the line, on a page about a call in progress: the tab says so. "" for nobody.
func (p page) OnTheLine() string {
	if d, is := p.Data.(interface{ onTheLine() string }); is {
		return d.onTheLine()
	}
	return ""
}

func (s *Server) functions() template.FuncMap {
	return template.FuncMap{
		"asset":   s.static.Address,
		"field":   field.New,
		"options": newOptions,
		"part":    func(v *backend.Visitor, data any) partData { return partData{v, data} },
		"role":    household.RoleName,
		"line":    func(id string, t cell.Trunk) lineFields { return lineFields{id, t} },
		"roles":   func(id string, role store.Role, hears bool) roles { return roles{id, role, hears} },
		"counted": screening.Counted[int],
		"id":      func(id int64) string { return strconv.FormatInt(id, 10) },
		// The arguments of the shared parts of these names.
		"farewells": newFarewells,
		"entries":   func(label string, rows []entryLine) entryTable { return entryTable{label, rows} },
	}
}

// partData is what a shared part gets: who looks at the page, and what it shows.
type partData struct {
	Visitor *backend.Visitor
	Data    any
}

// view is a page: its template, the part of the navigation that it belongs to ("" is none), its title, and what it shows.
type view struct {
	name, section, title string
	data                 func(*http.Request, *backend.Visitor) (any, error)
}

func viewOf[T any](name, section, title string, data func(*http.Request, *backend.Visitor) (T, error)) view {
	return view{name, section, title, func(r *http.Request, v *backend.Visitor) (any, error) { return data(r, v) }}
}

// page serves a view.
func (s *Server) page(of view) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		data, err := of.data(r, v)
		if err != nil {
			return err
		}
		return s.show(w, r, v, of.name, of.section, of.title, data)
	}
}

// again shows the view of a form once more, with what was wrong in it, if people can do something about that.
func (s *Server) again(w http.ResponseWriter, r *http.Request, v *backend.Visitor, of view, wrong error) error {
	var f backend.Fault
	if wrong = backend.AsFault(wrong); !errors.As(wrong, &f) {
		return wrong
	}
	data, err := of.data(r, v)
	if err != nil {
		return err
	}
	return s.showAgain(w, v, of.name, of.section, of.title, data, f.Sentence)
}

// show writes a page. section is the part of the navigation that it belongs to; "" is none.
func (s *Server) show(w http.ResponseWriter, r *http.Request, v *backend.Visitor, name, section, title string, data any) error {
	return s.write(w, http.StatusOK, page{Visitor: v, Name: name, Section: section, Title: title, Flash: s.takeFlash(r), Data: data})
}

// showAgain writes a page with a form once more, with what was wrong in it and what was typed.
func (s *Server) showAgain(w http.ResponseWriter, v *backend.Visitor, name, section, title string, data any, wrong ...string) error {
	return s.write(w, http.StatusUnprocessableEntity, page{Visitor: v, Name: name, Section: section, Title: title, Errors: wrong, Data: data})
}

func (s *Server) write(w http.ResponseWriter, status int, p page) error {
	return s.pages.Write(w, status, p.Name, p)
}

// fail tells somebody what went wrong. If they can do nothing about it, it goes into the log, and they get a plain sentence.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, v *backend.Visitor, err error) {
	var f backend.Fault
	var tooLarge *http.MaxBytesError
	switch err = backend.AsFault(err); {
	case errors.As(err, &f):
	case errors.As(err, &tooLarge):
		f = backend.Fault{Status: http.StatusRequestEntityTooLarge, Sentence: "That file or form is too large."}
	default:
		if r.Context().Err() == nil {
			s.Log.Error("a page could not be shown", "route", r.Pattern, "person", v.Person.ID, "household", v.Household.Name, "err", err)
		}
		f = backend.Fault{Status: http.StatusInternalServerError, Sentence: "Something went wrong on this page. Calls are not affected. Please try again. " +
			"If it keeps happening, tell the person who set Ringfence up: the log has the details."}
	}
	if err := s.write(w, f.Status, page{Visitor: v, Name: "fault", Title: render.FaultTitle(f.Status), Data: f.Sentence}); err != nil {
		s.Log.Error("a page could not be shown", "route", r.Pattern, "err", err)
		http.Error(w, f.Sentence, f.Status)
	}
}

// notFound answers for every address without a route.
func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	v := &backend.Visitor{Now: s.Now()}
	if err := s.recognise(r, v); err != nil {
		s.fail(w, r, v, err)
		return
	}
	s.fail(w, r, v, backend.ErrNotFound)
}

// crossOrigin answers a form that another site's page has sent.
func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request) {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/") // no more than that: the rest may have a secret in it, as links to choose a password do
	s.Log.Warn("a form from another site was refused", "page", slog.StringValue(gate.Bounded(first)), "origin", slog.StringValue(gate.Bounded(r.Header.Get("Origin"))))
	s.fail(w, r, &backend.Visitor{Now: s.Now()}, backend.RefuseAs(http.StatusForbidden, "That came from another site, so nothing was changed. Open Ringfence by its own address and try again."))
}
