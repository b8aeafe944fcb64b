package hubpages

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"ringfence/accounts"
	"ringfence/screening"
	"ringfence/sharing/evidence"
	"ringfence/sharing/hub"
	"ringfence/sharing/list"
	"ringfence/store/people"
	"ringfence/web/field"
	"ringfence/web/gate"
	"ringfence/web/qr"
	"ringfence/web/render"
)

// sessionFlash is the session's key for what the next page has to say.
const sessionFlash = "flash"

// fault is an error for people: a sentence that says what is wrong, and what to do next.
type fault struct {
	status   int
	sentence string
}

func (f fault) Error() string { return f.sentence }

var (
	errNotFound = fault{http.StatusNotFound, "There is no such page. It may have been removed, or the address has a mistake in it."}
	errTooMany  = fault{http.StatusTooManyRequests, "There have been too many tries from where you are. Please wait a while and try again."}
)

// page is what a template gets.
type page struct {
	Visitor *visitor
	Group   hub.Group
	Name    string // of the template
	Section string // which link of the navigation is this one
	Title   string
	Flash   string
	Errors  []string // what was wrong in a form
	Waiting int      // appeals, for moderators
	Data    any
}

func (s *Server) functions() template.FuncMap {
	region := s.Hub.Group().Region
	return template.FuncMap{
		"asset":      s.static.Address,
		"field":      field.New,
		"category":   categoryName,
		"day":        func(d list.Day) string { return d.Time().Format("2 January 2006") },
		"time":       func(t time.Time) string { return t.In(s.Zone).Format("2 January 2006, 15:04") },
		"date":       func(t time.Time) string { return t.In(s.Zone).Format("2 January 2006") },
		"machine":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"national":   func(n screening.Number) string { return n.National(region) },
		"subject":    func(x hub.Subject) string { return shown(x, region) },
		"number":     func(x hub.Subject) string { return "/moderate/numbers/" + address(x) },
		"percent":    func(f float64) string { return fmt.Sprintf("%.0f%%", 100*list.Rounded(f)) },
		"counted":    screening.Counted[int],
		"households": func(n int) string { return screening.Counted(n, "household", "households") },
		"numbers":    func(n int64) string { return screening.Counted(n, "number", "numbers") },
		"capital":    screening.Capital,
		"decision":   func(d hub.Decision) string { return inWords(d, region) },
		"noted":      noted,
		"lack":       func(l evidence.Lack) string { return lackWords[l] },
		// An address that can be a link. Anything else that a group writes as its contact is text.
		"linked": func(contact string) bool {
			return strings.HasPrefix(contact, "https://") || strings.HasPrefix(contact, "mailto:")
		},
		"bare": func(contact string) string { return strings.TrimPrefix(contact, "mailto:") },
		"qr": func(text string) (template.HTML, error) {
			picture, err := qr.SVG(text)
			return template.HTML(picture), err //nolint:gosec // made of squares, not of text
		},
	}
}

// address is a subject in an address: its digits, with a - after a prefix.
func address(x hub.Subject) string {
	if x.Prefix {
		return x.Digits + "-"
	}
	return x.Digits
}

func (s *Server) page(r *http.Request, v *visitor, name, section, title string, data any) (page, error) {
	p := page{Visitor: v, Group: s.Hub.Group(), Name: name, Section: section, Title: title, Data: data}
	if v.Moderator.ID == 0 {
		return p, nil
	}
	var err error
	p.Waiting, err = s.Hub.WaitingAppeals(r.Context())
	return p, err
}

// show writes a page.
func (s *Server) show(w http.ResponseWriter, r *http.Request, v *visitor, name, section, title string, data any) error {
	p, err := s.page(r, v, name, section, title, data)
	if err != nil {
		return err
	}
	p.Flash = s.sessions.PopString(r.Context(), sessionFlash)
	return s.write(w, http.StatusOK, p)
}

// showAgain writes a page with a form again, with what was typed and what was wrong.
func (s *Server) showAgain(w http.ResponseWriter, r *http.Request, v *visitor, name, section, title string, data any, wrong string) error {
	p, err := s.page(r, v, name, section, title, data)
	if err != nil {
		return err
	}
	p.Errors = []string{wrong}
	return s.write(w, http.StatusUnprocessableEntity, p)
}

// done answers a form; the next page says what was done.
func (s *Server) done(w http.ResponseWriter, r *http.Request, to, text string) error {
	s.sessions.Put(r.Context(), sessionFlash, text)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (s *Server) write(w http.ResponseWriter, status int, p page) error {
	return s.pages.Write(w, status, p.Name, p)
}

// faultOf is what somebody sees of an error. Errors that they can do nothing about go into the log.
func (s *Server) faultOf(r *http.Request, err error) fault {
	var f fault
	var refused *hub.Refused
	var refusal people.Refusal
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &refused):
		return fault{http.StatusUnprocessableEntity, refused.Sentence}
	case errors.Is(err, people.ErrLinkOver):
		return fault{http.StatusNotFound, string(people.ErrLinkOver)}
	case errors.As(err, &refusal):
		return fault{http.StatusUnprocessableEntity, screening.Sentence(refusal)}
	case errors.Is(err, accounts.ErrTooMany):
		return errTooMany
	case errors.As(err, &tooLarge):
		return fault{http.StatusRequestEntityTooLarge, "That is too large to be taken."}
	}
	if r.Context().Err() == nil {
		s.Log.Error("a request could not be answered", "route", r.Pattern, "err", err)
	}
	return fault{http.StatusInternalServerError, "Something went wrong, and the details are in the log. Please try again."}
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, v *visitor, err error) {
	f := s.faultOf(r, err)
	if err := s.write(w, f.status, page{Visitor: v, Group: s.Hub.Group(), Name: "fault", Title: render.FaultTitle(f.status), Data: f.sentence}); err != nil {
		s.Log.Error("a page could not be shown", "route", r.Pattern, "err", err)
		http.Error(w, f.sentence, f.status)
	}
}

// problem tells a program what went wrong (RFC 9457).
func (s *Server) problem(w http.ResponseWriter, r *http.Request, err error) {
	f := s.faultOf(r, err)
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="Ringfence hub"`)
	}
	s.send(w, f.status, gate.ProblemType, gate.NewProblem(f.status, f.sentence))
}

func (s *Server) send(w http.ResponseWriter, status int, kind string, what any) {
	text, err := json.Marshal(what)
	if err != nil {
		s.Log.Error("an answer could not be written as JSON", "err", err)
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // as in write
}
