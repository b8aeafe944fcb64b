package web

import (
	"net/http"

	"ringfence/household"
	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/store/outbox"
	"ringfence/web/backend"
)

// groupHandlers are for the groups that a household reports to. Owners join and leave, because they answer for what leaves the house; anybody who may
// make changes can pause it.
type groupHandlers struct{ *Server }

func (s groupHandlers) routes() []route {
	return []route{
		{"GET /h/{household}/groups", backend.See, s.page(s.view(groupsPage{}))},
		{"POST /h/{household}/groups/meet", backend.Own, s.meetGroup},
		{"GET /h/{household}/group/{offer}", backend.Own, s.askToJoin},
		{"POST /h/{household}/group/{offer}", backend.Own, s.joinGroup},
		{"GET /h/{household}/groups/{group}/sent", backend.See, s.ofGroup(s.sentToGroup)},
		{"POST /h/{household}/groups/{group}/pause", backend.Change, s.ofGroup(s.pauseGroup)},
		{"POST /h/{household}/groups/{group}/earlier", backend.Own, s.ofGroup(s.sendEarlier)},
		{"POST /h/{household}/groups/{group}/leave", backend.Own, s.ofGroup(s.leaveGroup)},
	}
}

// groupsPage is the groups of a household.
type groupsPage struct {
	Joined, Left []backend.Group
	Link, Wrong  string
}

// view is the page of all groups, with the form that has been filled in.
func (s groupHandlers) view(filled groupsPage) view {
	return viewOf("groups", "blocks", "Groups", func(r *http.Request, v *backend.Visitor) (page groupsPage, err error) {
		page = filled
		page.Joined, page.Left, err = s.HouseholdGroups(r.Context(), v.Household.Name)
		return page, err
	})
}

// meetGroup asks a group who it is, before anybody agrees to anything. What it offers is kept here: the group's link has a secret in it, which must not
// be in an address.
func (s groupHandlers) meetGroup(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	link := r.PostFormValue("link")
	offer, err := s.Groups.Meet(r.Context(), link)
	if err != nil {
		return s.groupsAgain(w, r, v, link, err)
	}
	http.Redirect(w, r, v.Path("group", s.offers.put(v, offer)), http.StatusSeeOther)
	return nil
}

func (s groupHandlers) groupsAgain(w http.ResponseWriter, r *http.Request, v *backend.Visitor, link string, wrong error) error {
	form := groupsPage{Link: link, Wrong: screening.Sentence(wrong)}
	return s.again(w, r, v, s.view(form), backend.Refuse("%s", form.Wrong))
}

// joinPage is what somebody agrees to.
type joinPage struct {
	group.Offer
	Key     string // in its address
	Reports int    // that exist already
	Example string // everything that is sent of a report
}

func (s groupHandlers) askToJoin(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	key := r.PathValue("offer")
	offer, there := s.offers.find(v, key)
	if !there {
		return errOfferGone
	}
	reports, err := s.Store.Reports(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "group-join", "blocks", "Join "+offer.Name+"?", joinPage{offer, key, len(reports), group.Example(v.Now)})
}

var errOfferGone = backend.RefuseAs(http.StatusNotFound, "That was too long ago. Fill the group’s link in once more.")

func (s groupHandlers) joinGroup(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	key := r.PathValue("offer")
	offer, there := s.offers.find(v, key)
	if !there {
		return errOfferGone
	}
	done, _, err := s.Admin(v).JoinGroup(r.Context(), s.Groups, s.Lists, offer, household.GroupChoices{
		Earlier: r.FormValue("earlier") == "yes", Subscribe: r.FormValue("subscribe") == "yes",
	})
	if wrong, _, _ := backend.RefusalOf(err); wrong != "" {
		return s.groupsAgain(w, r, v, "", err)
	}
	if err != nil {
		return err
	}
	s.offers.drop(key)
	return s.finish(w, r, v, v.Path("groups"), done, nil)
}

// ofGroup serves an address that names a group.
func (s groupHandlers) ofGroup(serve func(http.ResponseWriter, *http.Request, *backend.Visitor, outbox.Group) error) handler {
	return func(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
		return s.OfGroup(r, v, func(g outbox.Group) error { return serve(w, r, v, g) })
	}
}

func (s groupHandlers) pauseGroup(w http.ResponseWriter, r *http.Request, v *backend.Visitor, g outbox.Group) error {
	done, err := s.Admin(v).PauseGroup(r.Context(), g.ID, r.FormValue("pause") != "no")
	return s.finish(w, r, v, v.Path("groups"), done, err)
}

func (s groupHandlers) sendEarlier(w http.ResponseWriter, r *http.Request, v *backend.Visitor, g outbox.Group) error {
	done, err := s.Admin(v).SendEarlier(r.Context(), g.ID)
	return s.finish(w, r, v, v.Path("groups"), done, err)
}

func (s groupHandlers) leaveGroup(w http.ResponseWriter, r *http.Request, v *backend.Visitor, g outbox.Group) error {
	done, err := s.Admin(v).LeaveGroup(r.Context(), s.Groups, g.ID)
	return s.finish(w, r, v, v.Path("groups"), done, err)
}

// sentPage is what was sent to a group.
type sentPage struct {
	outbox.Group
	Sent []outbox.SentReport
	More bool
}

func (s groupHandlers) sentToGroup(w http.ResponseWriter, r *http.Request, v *backend.Visitor, g outbox.Group) error {
	sent, err := s.Store.Outbox.SentReports(r.Context(), g.ID, backend.ShownSent+1)
	if err != nil {
		return err
	}
	page := sentPage{Group: g, Sent: sent[:min(len(sent), backend.ShownSent)], More: len(sent) > backend.ShownSent}
	return s.show(w, r, v, "group-sent", "blocks", "What was sent", page)
}
