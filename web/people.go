package web

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"ringfence/store"
	"ringfence/web/backend"
)

// peopleHandlers are for the people of a household, and for the audit log of what they have changed. Everybody in it may see both;
// owners change who is in it. What concerns the whole machine is for those who own all of it.
type peopleHandlers struct{ *Server }

func (s peopleHandlers) routes() []route {
	return []route{
		{"GET /h/{household}/people", backend.See, s.page(s.view())},
		{"POST /h/{household}/people/invitations", backend.Own, s.invite},
		{"POST /h/{household}/people/invitations/{invitation}/withdraw", backend.Own, s.withdraw},
		{"POST /h/{household}/people/{person}", backend.Own, s.member(s.setMember)},
		{"POST /h/{household}/people/{person}/remove", backend.Own, s.member(s.removeMember)},
		{"POST /h/{household}/people/{person}/password", backend.Own, s.member(s.resetLink)},
		{"GET /h/{household}/changes", backend.See, s.changes},
		{"GET /changes", backend.SignedIn, s.machineChanges},
	}
}

// How long links open.
const (
	invitationLasts = 7 * 24 * time.Hour
	resetLasts      = 24 * time.Hour
)

// peoplePage is what the page of a household's people has.
type peoplePage struct {
	Members     []shownMember
	Invitations []store.Invitation // that still open
	Name        string             // of an invitation that was not made
}

type shownMember struct {
	store.Member
	Me       bool
	MayReset bool
}

// roles is what the choice of a role shows; its fields have names that begin with ID.
type roles struct {
	ID    string
	Role  store.Role
	Hears bool
}

// aRole is what somebody is, within a sentence.
func aRole(r store.Role, hears bool) string {
	words := map[store.Role]string{store.RoleOwner: "an owner", store.RoleCarer: "a carer", store.RoleViewer: "a viewer"}[r]
	if !hears {
		words += " who hears no recordings"
	}
	return words
}

func (s peopleHandlers) view() view { return viewOf("people", "people", "People", s.peoplePage) }

func (s peopleHandlers) wrongOnPeople(w http.ResponseWriter, r *http.Request, v *backend.Visitor, wrong string) error {
	return s.again(w, r, v, s.view(), backend.Refuse("%s", wrong))
}

func (s peopleHandlers) peoplePage(r *http.Request, v *backend.Visitor) (p peoplePage, err error) {
	ctx := r.Context()
	p.Name = r.PostFormValue("name")
	members, err := s.Store.Members(ctx, v.Household.Name)
	if err != nil {
		return p, err
	}
	for _, m := range members {
		row := shownMember{Member: m, Me: m.ID == v.Person.ID}
		if v.Owns() && !row.Me {
			if row.MayReset, err = s.Store.MayReset(ctx, v.Person.ID, m.ID); err != nil {
				return p, err
			}
		}
		p.Members = append(p.Members, row)
	}
	if !v.Owns() {
		return p, nil
	}
	all, err := s.Store.Invitations(ctx, v.Household.Name)
	for _, i := range all {
		if i.Used.IsZero() && i.Expires.After(v.Now) {
			p.Invitations = append(p.Invitations, i)
		}
	}
	return p, err
}

// newLink is a page with a link that is shown once.
type newLink struct {
	For, Address, Explained string
	Until                   time.Time
}

func (s peopleHandlers) invite(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	i := store.Invitation{
		Household: v.Household.Name, Name: r.FormValue("name"), Role: store.Role(r.FormValue("role")), Hears: r.FormValue("hears") != "",
		By: v.Person.Name, Expires: v.Now.Add(invitationLasts),
	}
	token, err := s.Store.Invite(r.Context(), i, v.Now)
	if err != nil {
		return s.wrongOnPeople(w, r, v, backend.Sentence(err))
	}
	if err := s.Changed(r.Context(), v, "invited", i.Name+" was invited as "+aRole(i.Role, i.Hears)+"."); err != nil {
		return err
	}
	return s.show(w, r, v, "people-link", "people", "An invitation", newLink{
		i.Name, s.origin(r) + "/invitation/" + token, "Send this link to " + i.Name + ". Whoever opens it first gets in, so send it to nobody else.", i.Expires,
	})
}

func (s peopleHandlers) withdraw(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	id, err := backend.PathID(r, "invitation")
	if err != nil {
		return err
	}
	all, err := s.Store.Invitations(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(i store.Invitation) bool { return i.ID == id })
	gone, err := s.Store.WithdrawInvitation(r.Context(), v.Household.Name, id)
	if err != nil {
		return err
	}
	if at < 0 || !gone {
		return backend.ErrNotThere
	}
	if err := s.Changed(r.Context(), v, "invitation-withdrawn", "The invitation of "+all[at].Name+" was withdrawn."); err != nil {
		return err
	}
	return s.done(w, r, v.Path("people"), "The invitation is withdrawn: its link opens nothing any more.", nil)
}

// member finds the member that a form is about; somebody of another household is not there.
func (s peopleHandlers) member(do func(http.ResponseWriter, *http.Request, *backend.Visitor, store.Member) error) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		id, err := backend.PathID(r, "person")
		if err != nil {
			return err
		}
		members, err := s.Store.Members(r.Context(), v.Household.Name)
		if err != nil {
			return err
		}
		for _, m := range members {
			if m.ID == id {
				return do(w, r, v, m)
			}
		}
		return backend.ErrNotThere
	}
}

// linksOver is told where somebody is an owner no more: an owner knows the links.
const linksOver = " Invitations and password links that were still open are withdrawn: make those again that you still want."

func (s peopleHandlers) setMember(w http.ResponseWriter, r *http.Request, v *backend.Visitor, m store.Member) error {
	role, hears := store.Role(r.FormValue("role")), r.FormValue("hears") != ""
	if err := s.Store.SetMembership(r.Context(), v.Household.Name, m.ID, role, hears); errors.Is(err, store.ErrLastOwner) {
		return s.wrongOnPeople(w, r, v, "This household needs an owner: make somebody else one first.")
	} else if err != nil {
		return s.wrongOnPeople(w, r, v, backend.Sentence(err))
	}
	told := m.Name + " is " + aRole(role, hears) + " now."
	if m.Role == store.RoleOwner && role != store.RoleOwner {
		told += linksOver
	}
	if err := s.Changed(r.Context(), v, "member-set", told); err != nil {
		return err
	}
	return s.done(w, r, v.Path("people"), told, nil)
}

func (s peopleHandlers) removeMember(w http.ResponseWriter, r *http.Request, v *backend.Visitor, m store.Member) error {
	removed, err := s.Store.RemoveMembership(r.Context(), v.Household.Name, m.ID)
	if errors.Is(err, store.ErrLastOwner) {
		return s.wrongOnPeople(w, r, v, "This household needs an owner: make somebody else one first.")
	}
	if err != nil {
		return err
	}
	if !removed {
		return backend.ErrNotThere
	}
	told := m.Name + " does not belong to this household any more."
	if m.Role == store.RoleOwner {
		told += linksOver
	}
	if err := s.Changed(r.Context(), v, "member-removed", told); err != nil {
		return err
	}
	if m.ID == v.Person.ID {
		return s.done(w, r, "/", "You do not belong to "+v.Title+" any more.", nil)
	}
	return s.done(w, r, v.Path("people"), told, nil)
}

func (s peopleHandlers) resetLink(w http.ResponseWriter, r *http.Request, v *backend.Visitor, m store.Member) error {
	may, err := s.Store.MayReset(r.Context(), v.Person.ID, m.ID)
	if err != nil {
		return err
	}
	if !may {
		return backend.RefuseAs(http.StatusForbidden, m.Name+" belongs to another household as well, so you cannot make this link. Ask whoever looks after this Ringfence.")
	}
	until := v.Now.Add(resetLasts)
	token, err := s.Store.MakePasswordLink(r.Context(), m.ID, until)
	if err != nil {
		return err
	}
	if err := s.Changed(r.Context(), v, "password-link", "A link to choose a new password was made for "+m.Name+"."); err != nil {
		return err
	}
	return s.show(w, r, v, "people-link", "people", "A new password", newLink{
		m.Name, s.origin(r) + "/password/" + token, "Send this link to " + m.Name + ". Whoever opens it first can choose the password, so send it to nobody else.", until,
	})
}
