package api

import (
	"net/http"

	"ringfence/sharing/ready"
	"ringfence/sharing/subscribe"
	"ringfence/web/backend"
)

type readyListJSON struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Source   string `json:"source"`
	Document string `json:"document"`
	Checked  string `json:"checked"`
	Compared string `json:"compared"`
	What     string `json:"what"`
	Wrong    string `json:"wrong"`
	Entries  int    `json:"entries"`
}

// readyLists are those that come with Ringfence, for the household's country.
func (a listsAPI) readyLists(_ *http.Request, v *backend.Visitor) (any, error) {
	all, err := ready.For(v.Household.Region)
	return list(all, func(l ready.List) readyListJSON {
		return readyListJSON{ID: l.ID, Title: l.Title, Source: l.Source, Document: l.Document, Checked: l.Checked, Compared: l.Compared, What: l.What, Wrong: l.Wrong, Entries: l.Numbers}
	}), err
}

// addReadyList begins a subscription to one of them.
func (a listsAPI) addReadyList(r *http.Request, v *backend.Visitor) (any, error) {
	var sent struct {
		MayTurnAway bool `json:"may_turn_away"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	sub, _, err := a.Admin(v).AddReadyList(r.Context(), a.Lists, r.PathValue("ready"), subscribe.Choices{MayTurnAway: sent.MayTurnAway})
	return toSubscription(sub), err
}
