package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

// visit is one request: who makes it, of which household it is about, and what they may do there.
type visit struct {
	Person     store.Person // ID 0: nobody has signed in
	login      int64
	token      *store.Token // by which a program comes; nil for a browser
	book       *store.Book  // that a device reads; nil for others
	Household  Household    // Name "": the page is about none
	Title      string       // the household's name for people
	Role       store.Role
	Hears      bool
	Households []place // those that the person may see
	Now        time.Time
}

// place is a household that somebody may see.
type place struct {
	Household
	Title string
	role  store.Role
	hears bool
}

var (
	errSignIn   = errors.New("nobody has signed in")
	errNotThere = fault{http.StatusNotFound, "There is no such page. It may have been removed, or the address has a mistake in it."}
	errLookOnly = fault{http.StatusForbidden, "You can see this household, but not change anything. Ask its owner if you need to."}
	errNotHeard = fault{http.StatusForbidden, "You may not hear this household's recordings. Ask its owner if you need to."}
	errNotOwner = fault{http.StatusForbidden, "Only an owner of this household can do that."}
)

// visit finds out who comes. A household that the person does not belong to is one that is not there: an address tells
// nobody what exists.
func (s *Server) visit(r *http.Request) (*visit, error) {
	v := &visit{Now: s.Now()}
	if err := s.recognise(r, v); err != nil {
		return v, err
	}
	name := r.PathValue("household")
	if name == "" {
		return v, nil
	}
	if v.Person.ID == 0 {
		return v, errSignIn
	}
	return v, v.enter(name)
}

// recognise finds the person of a session, and the households that they may see.
func (s *Server) recognise(r *http.Request, v *visit) error {
	ctx := r.Context()
	id := s.sessions.GetInt64(ctx, sessionLogin)
	if id == 0 {
		return nil
	}
	login, person, err := s.Store.Login(ctx, id)
	if errors.Is(err, store.ErrNoLogin) { // ended, from another device for example
		return s.sessions.Destroy(ctx)
	}
	if err != nil {
		return err
	}
	v.Person, v.login = person, login.ID
	return errors.Join(s.Store.TouchLogin(ctx, login, v.Now), s.places(r, v))
}

func (s *Server) places(r *http.Request, v *visit) error {
	members, err := s.Store.Memberships(r.Context(), v.Person.ID)
	if err != nil {
		return err
	}
	for _, h := range s.Households() {
		for _, m := range members {
			if m.Household != h.Name {
				continue
			}
			about, err := s.Store.About(r.Context(), h.Name)
			if err != nil {
				return err
			}
			v.Households = append(v.Households, place{h, about.Called(), m.Role, m.Hears})
		}
	}
	return nil
}

// enter makes the visit one to a household.
func (v *visit) enter(name string) error {
	for _, p := range v.Households {
		if p.Name == name {
			v.Household, v.Title, v.Role, v.Hears = p.Household, p.Title, p.role, p.hears
			return nil
		}
	}
	return errNotThere
}

// may tells whether the person has a right; the error is the answer where they have not.
func (v *visit) may(needs right) error {
	if needs == anybody {
		return nil
	}
	if needs == bookReader {
		if v.book == nil {
			return errNoDevice
		}
		return nil
	}
	if v.Person.ID == 0 {
		return errSignIn
	}
	if needs == signedIn {
		return nil
	}
	switch {
	case v.Role == "":
		return errNotThere
	case (needs == change || needs == tend) && !v.CanChange():
		return errLookOnly
	case (needs == hear || needs == tend) && !v.Hears:
		return errNotHeard
	case needs == own && !v.Owns():
		return errNotOwner
	}
	return nil
}

// CanChange says whether the person may change anything in the household.
func (v *visit) CanChange() bool { return v.Role.Covers(store.RoleCarer) }

// Owns says whether the person is an owner of the household.
func (v *visit) Owns() bool { return v.Role.Covers(store.RoleOwner) }

// Path is an address within the household: Path("calls", "12") is /h/NAME/calls/12.
func (v *visit) Path(parts ...string) string { return v.Household.Path(parts...) }

// Path is an address within the household.
func (h Household) Path(parts ...string) string {
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return "/h/" + url.PathEscape(h.Name) + "/" + strings.Join(parts, "/")
}

// National is a number as people in the household's country write it.
func (v *visit) National(n screening.Number) string { return n.National(v.Household.Region) }

func (v *visit) zone() *time.Location {
	if v.Household.Zone == nil {
		return time.Local
	}
	return v.Household.Zone
}

// In is a moment by the household's clocks.
func (v *visit) In(t time.Time) time.Time { return t.In(v.zone()) }

// Clock is the time of day: 10:31.
func (v *visit) Clock(t time.Time) string { return v.In(t).Format("15:04") }

// Seconds is the time of day to the second: 10:31:04.
func (v *visit) Seconds(t time.Time) string { return v.In(t).Format("15:04:05") }

// Machine is a moment for the datetime attribute of a time element.
func (v *visit) Machine(t time.Time) string { return v.In(t).Format(time.RFC3339) }

// Day is a day as people say it: Today, Yesterday, Tuesday 24 November, and of another year with the year.
func (v *visit) Day(t time.Time) string {
	then, now := v.In(t), v.In(v.Now)
	switch daysBetween(then, now) {
	case 0:
		return "Today"
	case 1:
		return "Yesterday"
	}
	if then.Year() == now.Year() {
		return then.Format("Monday 2 January")
	}
	return then.Format("Monday 2 January 2006")
}

// When is a moment as people say it: today at 10:31.
func (v *visit) When(t time.Time) string {
	day := v.Day(t)
	if day == "Today" || day == "Yesterday" {
		day = strings.ToLower(day)
	} else {
		day = "on " + day
	}
	return day + " at " + v.Clock(t)
}

// daysBetween counts midnights from a to b; both are in the same zone.
func daysBetween(a, b time.Time) int {
	noon := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
	return int(noon(b).Sub(noon(a)).Hours() / 24)
}
