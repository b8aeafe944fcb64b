package api

import (
	"net/http"
	"time"

	"ringfence/screening"
	"ringfence/sharing/group"
	"ringfence/store/outbox"
	"ringfence/web/backend"
)

type groupJSON struct {
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

func toGroup(g backend.Group) groupJSON {
	return groupJSON{
		ID: g.ID, Name: g.Name, URL: g.URL, Joined: g.Joined.UTC(), By: g.By, Left: moment(g.Left), Paused: g.Paused,
		Held: g.Held, Waiting: g.Waiting, Sent: g.Sent, Refused: g.Refused, Error: g.Error,
	}
}

func (a *API) groups(r *http.Request, v *backend.Visitor) (any, error) {
	joined, left, err := a.HouseholdGroups(r.Context(), v.Household.Name)
	return list(append(joined, left...), toGroup), err
}

// ofGroup answers about the group that an address names.
func (a *API) ofGroup(answer func(*http.Request, *backend.Visitor, outbox.Group) (any, error)) func(*http.Request, *backend.Visitor) (any, error) {
	return func(r *http.Request, v *backend.Visitor) (answered any, err error) {
		err = a.OfGroup(r, v, func(g outbox.Group) error {
			answered, err = answer(r, v, g)
			return err
		})
		return answered, err
	}
}

func (a *API) group(r *http.Request, _ *backend.Visitor, g outbox.Group) (any, error) {
	counted, err := a.CountReports(r.Context(), g)
	return toGroup(counted), err
}

func (a *API) pauseGroup(r *http.Request, v *backend.Visitor, g outbox.Group) (any, error) {
	paused, err := readPause(r)
	if err == nil {
		_, err = a.Admin(v).PauseGroup(r.Context(), g.ID, paused)
	}
	return nil, err
}

// readPause reads whether sending is to pause.
func readPause(r *http.Request) (bool, error) {
	var sent struct {
		Paused *bool `json:"paused"`
	}
	if err := read(r, &sent); err != nil {
		return false, err
	}
	if sent.Paused == nil {
		return false, backend.Refuse("Say with \"paused\" whether sending is to pause: true or false.")
	}
	return *sent.Paused, nil
}

type sentJSON struct {
	Number   screening.Number `json:"number"`
	Kind     string           `json:"kind"`
	Category string           `json:"category"`
	Body     string           `json:"body"`
	At       time.Time        `json:"at"`
	Refused  string           `json:"refused"`
}

func (a *API) sentToGroup(r *http.Request, _ *backend.Visitor, g outbox.Group) (any, error) {
	sent, err := a.Store.Outbox.SentReports(r.Context(), g.ID, backend.ShownSent)
	return list(sent, func(one outbox.SentReport) sentJSON {
		return sentJSON{Number: one.Number, Kind: one.Kind, Category: one.Category, Body: one.Body, At: one.At.UTC(), Refused: one.Refused}
	}), err
}

// progressJSON is how far a report has come to one group.
type progressJSON struct {
	Group string      `json:"group"`
	Stage group.Stage `json:"stage"`
	Until *time.Time  `json:"until,omitempty"` // while it is held, else when it was sent or withdrawn
	Why   string      `json:"why"`
}

func toProgress(p backend.GroupProgress) progressJSON {
	return progressJSON{p.Group, p.Stage, moment(p.Until), p.Why}
}
