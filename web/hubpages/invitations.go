package hubpages

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/sharing/hub"
)

// InvitationLink is the link with which households join. Its secret comes after the #, which browsers send to nobody.
func InvitationLink(public, listKey, secret string) string {
	return public + "/join?key=" + url.QueryEscape(listKey) + "#" + secret
}

type invitationsPage struct {
	All              []hub.Invitation
	Note, Uses, Days string // as typed
}

func (s moderatorHandlers) invitationsPage(r *http.Request, v *visitor) (p invitationsPage, err error) {
	p.All, err = s.Hub.Invitations(r.Context(), v.Now)
	if p.Uses, p.Days = "50", "30"; r.Method == http.MethodPost {
		p.Note, p.Uses, p.Days = r.PostFormValue("note"), r.PostFormValue("uses"), r.PostFormValue("days")
	}
	return p, err
}

func (s moderatorHandlers) invitationsView() view {
	return viewOf("invitations", "invitations", "Invitations", s.invitationsPage)
}

// madeInvitation is an invitation that has just been made.
type madeInvitation struct {
	Note    string
	Uses    int
	Expires time.Time
	Link    string
}

func (s moderatorHandlers) invite(w http.ResponseWriter, r *http.Request, v *visitor) error {
	note, uses, days := r.PostFormValue("note"), r.PostFormValue("uses"), r.PostFormValue("days")
	most, err := strconv.Atoi(strings.TrimSpace(uses))
	lasts, err2 := strconv.Atoi(strings.TrimSpace(days))
	var secret string
	expires := v.Now.AddDate(0, 0, lasts)
	if err != nil || err2 != nil {
		err = &hub.Refused{Sentence: "Please write how many households may join, and for how many days, as numbers."}
	} else {
		secret, err = s.Hub.Invite(r.Context(), hub.Invitation{Note: note, Most: most, By: v.Moderator.Name, Made: v.Now, Expires: expires})
	}
	if err != nil {
		return s.again(w, r, v, s.invitationsView(), err)
	}
	// The link is only shown in the answer to the form, because only the secret's hash is kept.
	return s.show(w, r, v, "invited", "invitations", "An invitation", madeInvitation{strings.TrimSpace(note), most, expires, InvitationLink(s.Public, s.Key.String(), secret)})
}

func (s moderatorHandlers) withdraw(w http.ResponseWriter, r *http.Request, v *visitor) error {
	id, err := number(r)
	if err != nil {
		return err
	}
	done, err := s.Hub.WithdrawInvitation(r.Context(), id, v.Now)
	if err != nil {
		return err
	}
	if !done {
		return errNotFound
	}
	return s.done(w, r, "/moderate/invitations", "Nobody can join with that invitation any more. Households that joined with it stay.")
}

// expelInvited expels everybody who joined with an invitation that has fallen into the wrong hands.
func (s moderatorHandlers) expelInvited(w http.ResponseWriter, r *http.Request, v *visitor) error {
	id, err := number(r)
	if err != nil {
		return err
	}
	n, err := s.Hub.ExpelInvited(r.Context(), id, v.Moderator.Name, r.PostFormValue("why"), v.Now)
	if err != nil {
		return err
	}
	return s.done(w, r, "/moderate/invitations", "The invitation is withdrawn, and whoever joined with it is expelled: "+screening.Counted(n, "household", "households")+". "+fromNext)
}
