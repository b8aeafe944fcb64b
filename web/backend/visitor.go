package backend

import (
	"net/url"
	"time"

	"ringfence/screening"
	"ringfence/store"
	"ringfence/store/people"
)

// Visitor is who makes a request, about which household, and with which role.
type Visitor struct {
	Person     people.Person // ID 0: nobody has signed in
	Login      int64         // by which a browser's person has signed in
	Token      *store.Token  // a program's; nil for a browser
	Household  Household     // Name "": the request is about none
	Title      string        // what people call the household
	Role       store.Role
	Hears      bool
	Households []Place // that the person belongs to
	// OwnsMachine says that they own every household of the machine, and ask about all of them. It is looked up where a route needs it.
	OwnsMachine bool
	Now         time.Time
}

// Place is a household that somebody belongs to.
type Place struct {
	Household
	Title string
	Role  store.Role
	Hears bool
}

// Owns says whether they are an owner of it.
func (p Place) Owns() bool { return p.Role.Covers(store.RoleOwner) }

// Permission is what a route asks of a visitor.
type Permission int

// The permissions.
const (
	Anybody  Permission = iota // nothing, not even an account
	SignedIn                   // an account
	See                        // belonging to the household, as a viewer for example
	Hear                       // being allowed to hear its recordings as well
	Change                     // being a carer or an owner
	Tend                       // Change and Hear: looking after messages
	Own                        // being an owner
	Take                       // Own and Hear: having a copy of everything
	Machine                    // owning every household of the machine
)

// Enter sets the household that the visitor is in. If they do not belong to it, it does not exist for them: addresses reveal to nobody which
// households there are.
func (v *Visitor) Enter(name string) error {
	for _, p := range v.Households {
		if p.Name == name {
			v.Household, v.Title, v.Role, v.Hears = p.Household, p.Title, p.Role, p.Hears
			return nil
		}
	}
	return ErrNotFound
}

// May says whether the visitor has a permission; the error is the answer if they have not.
func (v *Visitor) May(needs Permission) error {
	switch {
	case needs == Anybody:
		return nil
	case v.Person.ID == 0:
		return ErrSignIn
	case needs == SignedIn:
		return nil
	case needs == Machine && !v.OwnsMachine:
		return ErrNotFound
	case needs == Machine:
		return nil
	case v.Role == "":
		return ErrNotFound
	case (needs == Change || needs == Tend) && !v.CanChange():
		return ErrLookOnly
	case (needs == Own || needs == Take) && !v.Owns():
		return errNotOwner
	case (needs == Hear || needs == Tend || needs == Take) && !v.Hears:
		return errNotHeard
	}
	return nil
}

// CanChange says whether the visitor may change anything in the household.
func (v *Visitor) CanChange() bool { return v.Role.Covers(store.RoleCarer) }

// Owns says whether the visitor is an owner of the household.
func (v *Visitor) Owns() bool { return v.Role.Covers(store.RoleOwner) }

// Path is an address within the household: Path("calls", "12") is /h/NAME/calls/12.
func (v *Visitor) Path(parts ...string) string { return v.Household.Path(parts...) }

// Path is an address within the household.
func (h Household) Path(parts ...string) string {
	path := "/h/" + url.PathEscape(h.Name) + "/"
	for i, p := range parts {
		if i > 0 {
			path += "/"
		}
		path += url.PathEscape(p)
	}
	return path
}

// National is a number as people in the household's country write it.
func (v *Visitor) National(n screening.Number) string { return n.National(v.Household.Region) }

// Zone is the time zone of the household.
func (v *Visitor) Zone() *time.Location {
	if v.Household.Zone == nil {
		return time.Local
	}
	return v.Household.Zone
}
