package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strconv"
	"strings"

	"ringfence/store"
	"ringfence/web/field"
	"ringfence/web/gate"
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

type parsed = template.Template

// parsePages reads all templates: each page has the layout and the shared parts.
func (s *Server) parsePages() (map[string]*parsed, error) {
	base, err := template.New("").Funcs(s.functions()).ParseFS(templateFiles, "templates/layout.html", "templates/part-*.html")
	if err == nil {
		base, err = base.Parse(field.Part)
	}
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	pages := map[string]*parsed{}
	for _, name := range names {
		bare := strings.TrimSuffix(path.Base(name), ".html")
		if bare == "layout" || strings.HasPrefix(bare, "part-") {
			continue
		}
		own, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if pages[bare], err = own.ParseFS(templateFiles, name); err != nil {
			return nil, err
		}
	}
	return pages, nil
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

// write makes the whole page before the first byte of it goes out, so that a fault in a template is no half a page.
func (s *Server) write(w http.ResponseWriter, status int, p page) error {
	text, err := s.render(p, "layout")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the browser may have left: that is no fault of ours
	return nil
}

// render makes one part of a page: "layout" is all of it.
func (s *Server) render(p page, part string) ([]byte, error) {
	parsed, ok := s.pages[p.Name]
	if !ok {
		return nil, fmt.Errorf("there is no template %q", p.Name)
	}
	var text bytes.Buffer
	if err := parsed.ExecuteTemplate(&text, part, p); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// fail tells somebody what went wrong. What is not theirs to mend goes into the log, and they get a plain sentence.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	var f fault
	var tooLarge *http.MaxBytesError
	switch {
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
	if err := s.write(w, f.status, page{Visit: v, Name: "fault", Title: faultTitle(f.status), Data: f.sentence}); err != nil {
		s.Log.Error("a page could not be shown", "route", r.Pattern, "err", err)
		http.Error(w, f.sentence, f.status)
	}
}

func faultTitle(status int) string {
	switch status {
	case http.StatusNotFound:
		return "Not found"
	case http.StatusForbidden:
		return "Not allowed"
	case http.StatusInternalServerError:
		return "Something went wrong"
	case http.StatusTooManyRequests:
		return "Please wait a little"
	default:
		return "That could not be done"
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
	s.Log.Warn("a form from another site was refused", "route", r.URL.Path, "origin", slog.StringValue(gate.Bounded(r.Header.Get("Origin"))))
	s.fail(w, r, &visit{Now: s.Now()}, fault{http.StatusForbidden, "That came from another site, so nothing was changed. Open Ringfence by its own address and try again."})
}
