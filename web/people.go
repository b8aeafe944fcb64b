package web

import (
	"net/http"
	"time"

	"ringfence/household"
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
		{"GET /changes", backend.Machine, s.machineChanges},
	}
}

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

// Was is what the page shows, for its form.
func (m shownMember) Was() string { return household.SeenMember(m.Role, m.Hears) }

// roles is what the choice of a role shows; its fields have names that begin with ID.
type roles struct {
	ID    string
	Role  store.Role
	Hears bool
}

func (s peopleHandlers) view() view { return viewOf("people", "people", "People", s.peoplePage) }

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
	name, role := r.FormValue("name"), store.Role(r.FormValue("role"))
	token, until, err := s.Admin(v).Invite(r.Context(), name, role, r.FormValue("hears") != "")
	if err != nil {
		return s.again(w, r, v, s.view(), err)
	}
	return s.show(w, r, v, "people-link", "people", "An invitation", newLink{
		name, s.origin(r) + "/invitation/" + token, "Send this link to " + name + ". The first person to open it gets in, so send it to nobody else.", until,
	})
}

func (s peopleHandlers) withdraw(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	id, err := backend.PathID(r, "invitation")
	if err != nil {
		return err
	}
	if _, err := s.Admin(v).WithdrawInvitation(r.Context(), id); err != nil {
		return err
	}
	return s.done(w, r, v.Path("people"), "The invitation is withdrawn: its link opens nothing any more.", "")
}

// member finds the member that a form is about; people of other households do not exist here.
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
		return backend.ErrNotFound
	}
}

func (s peopleHandlers) setMember(w http.ResponseWriter, r *http.Request, v *backend.Visitor, m store.Member) error {
	done, err := s.Admin(v).SetMember(r.Context(), m.Person, r.PostFormValue("was"), store.Role(r.FormValue("role")), r.FormValue("hears") != "")
	if err != nil {
		return s.again(w, r, v, s.view(), err)
	}
	return s.finish(w, r, v, v.Path("people"), done, nil)
}

func (s peopleHandlers) removeMember(w http.ResponseWriter, r *http.Request, v *backend.Visitor, m store.Member) error {
	done, err := s.Admin(v).RemoveMember(r.Context(), m.Person)
	if err != nil {
		return s.again(w, r, v, s.view(), err)
	}
	if m.ID == v.Person.ID {
		return s.done(w, r, "/", "You do not belong to "+v.Title+" any more.", "")
	}
	return s.finish(w, r, v, v.Path("people"), done, nil)
}

func (s peopleHandlers) resetLink(w http.ResponseWriter, r *http.Request, v *backend.Visitor, m store.Member) error {
	token, until, err := s.Admin(v).PasswordLink(r.Context(), s.account.Accounts, m.Person)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "people-link", "people", "A new password", newLink{
		m.Name, s.origin(r) + "/password/" + token, "Send this link to " + m.Name + ". The first person to open it can choose the password, so send it to nobody else.", until,
	})
}
