package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/store"
)

// groupHandlers are for the groups that a household reports to. Owners join and leave, because they answer for what leaves the
// house; whoever may change things can pause it.
type groupHandlers struct{ *Server }

func (s groupHandlers) routes() []route {
	return []route{
		{"GET /h/{household}/groups", see, s.groups},
		{"POST /h/{household}/groups/meet", own, s.meetGroup},
		{"GET /h/{household}/groups/join", own, s.askToJoin},
		{"POST /h/{household}/groups/join", own, s.joinGroup},
		{"GET /h/{household}/groups/{group}/sent", see, s.ofGroup(s.sentToGroup)},
		{"POST /h/{household}/groups/{group}/pause", change, s.ofGroup(s.pauseGroup)},
		{"POST /h/{household}/groups/{group}/earlier", own, s.ofGroup(s.sendEarlier)},
		{"POST /h/{household}/groups/{group}/leave", own, s.ofGroup(s.leaveGroup)},
	}
}

// groupsPage is the groups of a household.
type groupsPage struct {
	Joined, Left []groupRow
	Link, Wrong  string
}

// groupRow is a group as the page shows it.
type groupRow struct {
	store.Group
	Sent, Held, Waiting, Refused int // how many reports are so far
	Earlier                      int // reports that stay in the house because they are older
	Failing                      bool
}

func (s groupHandlers) groups(w http.ResponseWriter, r *http.Request, v *visit) error {
	data, err := s.groupsOf(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "groups", "blocks", "Groups", data)
}

func (s *Server) groupsOf(r *http.Request, v *visit) (page groupsPage, err error) {
	all, err := s.Store.Groups(r.Context(), v.Household.Name)
	if err != nil {
		return page, err
	}
	for _, g := range all {
		row, err := s.groupRow(r.Context(), g)
		if err != nil {
			return page, err
		}
		if g.Left.IsZero() {
			page.Joined = append(page.Joined, row)
		} else {
			page.Left = append(page.Left, row)
		}
	}
	return page, nil
}

// groupRow counts the reports of a group; of one that was left there is nothing to count.
func (s *Server) groupRow(ctx context.Context, g store.Group) (groupRow, error) {
	row := groupRow{Group: g, Failing: g.Error != "" && !g.Paused}
	if !g.Left.IsZero() {
		return row, nil
	}
	standings, err := s.Groups.Standings(ctx, g)
	row.count(standings)
	return row, err
}

func (g *groupRow) count(all []group.Standing) {
	for _, one := range all {
		switch one.Stage {
		case group.Sent:
			g.Sent++
		case group.Held:
			g.Held++
		case group.Waits, group.Retracts:
			g.Waiting++
		case group.Refused:
			g.Refused++
		}
		if one.Earlier {
			g.Earlier++
		}
	}
}

// sessionOffer is the group that somebody is about to join: its link has a secret in it, which is for no address.
const sessionOffer = "group-offer"

// offered is a group that a household can join.
type offered struct {
	Household string
	group.Offer
}

// meetGroup asks a group who it is, before anybody agrees to anything.
func (s groupHandlers) meetGroup(w http.ResponseWriter, r *http.Request, v *visit) error {
	link := r.FormValue("link")
	offer, err := s.Groups.Meet(r.Context(), link)
	if err != nil {
		return s.groupsAgain(w, r, v, link, err)
	}
	if err := s.remember(r, sessionOffer, offered{v.Household.Name, offer}); err != nil {
		return err
	}
	http.Redirect(w, r, v.Path("groups", "join"), http.StatusSeeOther)
	return nil
}

func (s groupHandlers) groupsAgain(w http.ResponseWriter, r *http.Request, v *visit, link string, wrong error) error {
	data, err := s.groupsOf(r, v)
	if err != nil {
		return err
	}
	data.Link, data.Wrong = link, sentence(wrong)
	return s.showAgain(w, v, "groups", "blocks", "Groups", data, data.Wrong)
}

// joinPage is what somebody agrees to.
type joinPage struct {
	group.Offer
	Reports int    // that stand already
	List    bool   // the group's list can be subscribed to
	Example string // all that is sent of a report
}

func (s groupHandlers) askToJoin(w http.ResponseWriter, r *http.Request, v *visit) error {
	offer, there, err := s.offer(r, v)
	if err != nil {
		return err
	}
	if !there {
		http.Redirect(w, r, v.Path("groups"), http.StatusSeeOther)
		return nil
	}
	reports, err := s.Store.Reports(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "group-join", "blocks", "Join "+offer.Name+"?", joinPage{offer, len(reports), s.Groups.Subscribe != nil, group.Example(v.Now)})
}

func (s groupHandlers) offer(r *http.Request, v *visit) (group.Offer, bool, error) {
	var kept offered
	there, err := s.recall(r, sessionOffer, &kept)
	return kept.Offer, there && err == nil && kept.Household == v.Household.Name, err
}

func (s groupHandlers) joinGroup(w http.ResponseWriter, r *http.Request, v *visit) error {
	offer, there, err := s.offer(r, v)
	if err != nil {
		return err
	}
	if !there {
		return refused("That was too long ago. Fill the group’s link in once more.")
	}
	joined, err := s.Groups.Join(r.Context(), v.Household.Name, offer, group.Choices{
		Earlier: r.FormValue("earlier") == "yes", Subscribe: r.FormValue("subscribe") == "yes",
	}, v.Person.Name)
	if err != nil {
		return s.groupsAgain(w, r, v, "", err)
	}
	s.sessions.Remove(r.Context(), sessionOffer)
	told := "The household has joined " + joined.Name + ", and sends it its reports from now on."
	if err := s.changed(r.Context(), v, "group-joined", told); err != nil {
		return err
	}
	if joined.List != "" {
		if err := s.changed(r.Context(), v, "list-subscribed", "The household is subscribed to the list "+joined.List+"."); err != nil {
			return err
		}
		told += " You are subscribed to its list, too."
	}
	if joined.ListErr != nil {
		told += " Its list could not be subscribed to: " + sentence(joined.ListErr)
	}
	return s.done(w, r, v.Path("groups"), told, nil)
}

// ofGroup finds the group that an address names among the household's.
func (s *Server) ofGroup(do func(http.ResponseWriter, *http.Request, *visit, store.Group) error) func(http.ResponseWriter, *http.Request, *visit) error {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		id, err := number(r, "group")
		if err != nil {
			return err
		}
		g, err := s.Store.Group(r.Context(), v.Household.Name, id)
		if errors.Is(err, store.ErrNoGroup) {
			return errNotThere
		}
		if err != nil {
			return err
		}
		return leftGroup(do(w, r, v, g))
	}
}

// leftGroup makes the store's error about a group that was left the page's.
func leftGroup(err error) error {
	if errors.Is(err, store.ErrNoGroup) {
		return fault{http.StatusConflict, "The household is not in this group any more: somebody has left it meanwhile."}
	}
	return err
}

func (s groupHandlers) pauseGroup(w http.ResponseWriter, r *http.Request, v *visit, g store.Group) error {
	pause, back := r.FormValue("pause") != "no", "no"
	if !pause {
		back = "yes"
	}
	told, err := s.pause(r.Context(), v, g, pause)
	if err != nil {
		return err
	}
	return s.done(w, r, v.Path("groups"), told, &undo{v.Path("groups", itoa64(g.ID), "pause"), map[string]string{"pause": back}})
}

// pause has nothing sent to a group, or again, and says so.
func (s *Server) pause(ctx context.Context, v *visit, g store.Group, pause bool) (told string, err error) {
	if err := s.Store.PauseGroup(ctx, v.Household.Name, g.ID, pause); err != nil {
		return "", err
	}
	what, told := "group-paused", "Nothing is sent to "+g.Name+" until you go on."
	if !pause {
		what, told = "group-resumed", "Reports are sent to "+g.Name+" again."
	}
	return told, s.changed(ctx, v, what, told)
}

func itoa64(n int64) string { return strconv.FormatInt(n, 10) }

func (s groupHandlers) sendEarlier(w http.ResponseWriter, r *http.Request, v *visit, g store.Group) error {
	if err := s.Store.SendEarlier(r.Context(), v.Household.Name, g.ID); err != nil {
		return err
	}
	told := "The reports that were made before you joined are sent to " + g.Name + ", too."
	if err := s.changed(r.Context(), v, "group-earlier", told); err != nil {
		return err
	}
	return s.done(w, r, v.Path("groups"), told, nil)
}

func (s groupHandlers) leaveGroup(w http.ResponseWriter, r *http.Request, v *visit, g store.Group) error {
	if err := s.Groups.Leave(r.Context(), v.Household.Name, g.ID); err != nil {
		return err
	}
	told := "The household has left " + g.Name + ". Its key is deleted, and nothing more is sent there."
	if err := s.changed(r.Context(), v, "group-left", told); err != nil {
		return err
	}
	return s.done(w, r, v.Path("groups"), told, nil)
}

// sentPage is what was sent to a group.
type sentPage struct {
	store.Group
	Sent []store.SentReport
	More bool
}

// shownSent is how much of what was sent a page shows.
const shownSent = 200

func (s groupHandlers) sentToGroup(w http.ResponseWriter, r *http.Request, v *visit, g store.Group) error {
	sent, err := s.Store.SentReports(r.Context(), g.ID, shownSent+1)
	if err != nil {
		return err
	}
	page := sentPage{Group: g, Sent: sent[:min(len(sent), shownSent)], More: len(sent) > shownSent}
	return s.show(w, r, v, "group-sent", "blocks", "What was sent", page)
}

// onItsWay is how far a report has come to a group.
type onItsWay struct {
	Group string
	group.State
}

// withdrawnRow is a number whose report was withdrawn after a group had it.
type withdrawnRow struct {
	Number  screening.Number
	Written string
	Ways    []onItsWay
}

// withdrawnFor is for how long it is shown that a report was withdrawn at a group.
const withdrawnFor = 30 * 24 * time.Hour

// onTheirWay says how far reports have come to the groups that the household is in: by number, and of those that do not stand any more.
func (s *Server) onTheirWay(ctx context.Context, v *visit) (ways map[screening.Number][]onItsWay, withdrawn []withdrawnRow, groups int, err error) {
	all, err := s.Store.Groups(ctx, v.Household.Name)
	if err != nil {
		return nil, nil, 0, err
	}
	ways = map[screening.Number][]onItsWay{}
	var gone []screening.Number
	for _, g := range all {
		if !g.Left.IsZero() {
			continue
		}
		groups++
		standings, err := s.Groups.Standings(ctx, g)
		if err != nil {
			return nil, nil, 0, err
		}
		for _, one := range standings {
			if one.Report == nil && (one.Stage == group.Stays || one.Stage == group.Withdrawn && v.Now.Sub(one.Until) > withdrawnFor) {
				continue
			}
			if one.Report == nil && ways[one.Number] == nil {
				gone = append(gone, one.Number)
			}
			ways[one.Number] = append(ways[one.Number], onItsWay{g.Name, one.State})
		}
	}
	for _, n := range gone {
		withdrawn = append(withdrawn, withdrawnRow{n, v.National(n), ways[n]})
	}
	return ways, withdrawn, groups, nil
}
