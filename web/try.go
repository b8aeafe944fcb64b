package web

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ringfence/household"
	"ringfence/household/replay"
	"ringfence/screening"
	"ringfence/web/backend"
	"ringfence/web/timeline"
)

// What a change would have done to past calls, before it is made (household/replay). A form asks for that with its button "try". Nothing but that button
// is needed for it, and no form has to be sent twice, except where somebody would have missed calls in which they talked: then the page is shown unasked.

const (
	fieldTry  = "try"   // "yes" asks for the page
	fieldSeen = "tried" // "yes" says that the page was seen
	// readTime is how long it may take for the preview of a list, which is made while a page shows the progress.
	readTime = 20 * time.Second
)

// doOrTry does something to a household, unless what it would have done is to be seen first; then that is shown. unasked shows it also where the form does
// not ask for it, if calls in which people talked would not have reached the household. What was asked for and took too long is refused, and can be
// done without it.
func (s *Server) doOrTry(w http.ResponseWriter, r *http.Request, v *backend.Visitor, unasked bool, what deed) (done household.Done, shown bool, err error) {
	asked := r.PostFormValue(fieldTry) == "yes"
	if asked || unasked && r.PostFormValue(fieldSeen) != "yes" {
		limit := s.unaskedTime()
		if asked {
			limit = s.TryFor()
		}
		result, err := s.try(r.Context(), v, limit, func(ctx context.Context, a household.Admin) error {
			_, err := what(r.WithContext(ctx), a)
			return err
		})
		if asked && err != nil {
			return done, false, err // replay.ErrTooLong, or what the deed itself would be refused for
		}
		if err == nil && (asked || result.Missed() > 0) {
			return done, true, s.showTried(w, r, v, result)
		}
	}
	done, err = what(r, s.Admin(v))
	return done, false, err
}

// unaskedTime is how long it may take where nobody has asked for it.
func (s *Server) unaskedTime() time.Duration { return s.TryFor() * 2 / 5 }

func (s *Server) try(ctx context.Context, v *backend.Visitor, limit time.Duration, what replay.Deed) (replay.Result, error) {
	return replay.Within(ctx, limit, s.Admin(v), what)
}

// tryOn is doOn for a change that may be tried first.
func (s *Server) tryOn(of view, to address, what deed) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		done, shown, err := s.doOrTry(w, r, v, true, what)
		switch {
		case shown:
			return err
		case err != nil:
			return s.again(w, r, v, of, err)
		}
		return s.finish(w, r, v, to(r, v), done, nil)
	}
}

// triedPage is what a change would have done, and its form once more.
type triedPage struct {
	Would        wouldPart
	Missed       int
	Action, Back string
	Fields       []formField
}

type formField struct{ Name, Value string }

func (s *Server) showTried(w http.ResponseWriter, r *http.Request, v *backend.Visitor, result replay.Result) error {
	p := triedPage{Would: wouldOf(v, result), Missed: result.Missed(), Action: r.URL.RequestURI(), Back: backTo(r, v), Fields: []formField{{fieldSeen, "yes"}}}
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		if name == fieldTry || name == fieldSeen {
			continue
		}
		for _, value := range r.PostForm[name] {
			p.Fields = append(p.Fields, formField{name, value})
		}
	}
	return s.show(w, r, v, "tried", "", "What would this have done?", p)
}

// wouldPart is what a change would have done, as several pages show it.
type wouldPart struct {
	Head   string
	Groups []wouldGroup
	Notes  []string
}

type wouldGroup struct {
	Sentence string
	Why      string // where it is the same for all of them
	Stop     bool   // calls would not have reached the household in which people talked
	Calls    []wouldCall
	More     int
}

type wouldCall struct {
	Who, Path, Summary, Why, Words string
	At                             time.Time
}

// wouldOf is a result for a visitor. Only those who may hear recordings read what was said.
func wouldOf(v *backend.Visitor, result replay.Result) wouldPart {
	p := wouldPart{Head: result.Head(v.In), Notes: result.Notes}
	if result.Cut {
		p.Notes = append(slices.Clone(p.Notes), "Only the latest "+screening.Thousands(replay.MostOfAPage)+" calls were looked at.")
	}
	for _, g := range result.Groups() {
		group := wouldGroup{Sentence: g.Sentence()}
		for _, c := range g.Shown() {
			group.Stop = group.Stop || c.Missed()
			group.Calls = append(group.Calls, wouldCallOf(v, c))
		}
		if why := group.Calls[0].Why; !slices.ContainsFunc(group.Calls, func(c wouldCall) bool { return c.Why != why }) {
			group.Why = why
			for i := range group.Calls {
				group.Calls[i].Why = ""
			}
		}
		group.More = len(g.Calls) - len(group.Calls)
		p.Groups = append(p.Groups, group)
	}
	return p
}

func wouldCallOf(v *backend.Visitor, c replay.Change) wouldCall {
	one := wouldCall{Who: cmp.Or(c.Contact, v.National(c.Caller.Number), "No number"), Path: v.Path("calls", strconv.FormatInt(c.ID, 10)), At: c.At, Why: c.Would.Reasons[0].Text}
	if c.Caller.Number == "" && c.Caller.Presentation == screening.Withheld {
		one.Who = "Number withheld"
	}
	if c.Logged != nil {
		one.Summary = timeline.Summary(*c.Logged)
	}
	if v.Hears {
		one.Words = c.Words()
	}
	return one
}
