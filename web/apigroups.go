package web

import (
	"net/http"
	"time"

	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/store"
)

// apiGroupRoutes are the groups that a household reports to. Joining one and leaving it are not among them: an owner has to read what
// leaves the house, and agree, which is what the page is for.
func (s apiHandlers) apiGroupRoutes() []route {
	return []route{
		{"GET /api/v1/households/{household}/groups", see, s.apiGroups},
		{"GET /api/v1/households/{household}/groups/{group}", see, s.ofGroup(s.apiOneGroup)},
		{"PUT /api/v1/households/{household}/groups/{group}/pause", change, s.ofGroup(s.apiPauseGroup)},
		{"GET /api/v1/households/{household}/groups/{group}/sent", see, s.ofGroup(s.apiSentToGroup)},
	}
}

type apiGroup struct {
	ID      int64      `json:"id"`
	Name    string     `json:"name"`
	URL     string     `json:"url"`
	Joined  time.Time  `json:"joined"`
	By      string     `json:"by"`
	Left    *time.Time `json:"left,omitempty"`
	Paused  bool       `json:"paused"`
	Held    int        `json:"held"`
	Waiting int        `json:"waiting"`
	Sent    int        `json:"sent"`
	Refused int        `json:"refused"`
	Error   string     `json:"error"`
}

func (g groupRow) api() apiGroup {
	return apiGroup{g.ID, g.Name, g.URL, g.Joined.UTC(), g.By, moment(g.Left), g.Paused, g.Held, g.Waiting, g.Sent, g.Refused, g.Error}
}

func (s apiHandlers) apiGroups(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.groupsOf(r, v)
	if err != nil {
		return err
	}
	all := []apiGroup{}
	for _, rows := range [][]groupRow{page.Joined, page.Left} {
		for _, row := range rows {
			all = append(all, row.api())
		}
	}
	return s.give(w, http.StatusOK, all)
}

func (s apiHandlers) apiOneGroup(w http.ResponseWriter, r *http.Request, _ *visit, g store.Group) error {
	row, err := s.groupRow(r.Context(), g)
	if err != nil {
		return err
	}
	return s.give(w, http.StatusOK, row.api())
}

func (s apiHandlers) apiPauseGroup(w http.ResponseWriter, r *http.Request, v *visit, g store.Group) error {
	var sent struct {
		Paused *bool `json:"paused"`
	}
	if err := take(r, &sent); err != nil {
		return err
	}
	if sent.Paused == nil {
		return refused("Say with \"paused\" whether sending is to pause: true or false.")
	}
	if _, err := s.pause(r.Context(), v, g, *sent.Paused); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s apiHandlers) apiSentToGroup(w http.ResponseWriter, r *http.Request, _ *visit, g store.Group) error {
	sent, err := s.Store.SentReports(r.Context(), g.ID, shownSent)
	if err != nil {
		return err
	}
	type report struct {
		Number   screening.Number `json:"number"`
		Kind     string           `json:"kind"`
		Category string           `json:"category"`
		Body     string           `json:"body"`
		At       time.Time        `json:"at"`
		Refused  string           `json:"refused"`
	}
	all := []report{}
	for _, one := range sent {
		all = append(all, report{one.Number, one.Kind, one.Category, one.Body, one.At.UTC(), one.Refused})
	}
	return s.give(w, http.StatusOK, all)
}

// apiOnItsWay is how far a report has come to one group.
type apiOnItsWay struct {
	Group string      `json:"group"`
	Stage group.Stage `json:"stage"`
	Until *time.Time  `json:"until,omitempty"` // while it is held, else when it was sent or withdrawn
	Why   string      `json:"why"`
}

func waysAPI(ways []onItsWay) []apiOnItsWay {
	all := []apiOnItsWay{}
	for _, one := range ways {
		all = append(all, apiOnItsWay{one.Group, one.Stage, moment(one.Until), one.Why})
	}
	return all
}
