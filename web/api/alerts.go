package api

import (
	"net/http"
	"time"

	"ringfence/household"
	"ringfence/store/outbox"
	"ringfence/web/backend"
)

// alertsAPI is for the alerts of the token's person: what they are about, and when they come. Everybody sees and changes only their own, as on the page.
// Where an alert goes is a secret, which nobody is shown; a new one is added on the page, which sends a test.
type alertsAPI struct{ *API }

func (a alertsAPI) routes() []Route {
	return []Route{
		{"GET " + of + "/alerts", backend.See, a.alerts},
		{"GET " + of + "/alerts/{alert}", backend.See, a.alert},
		{"PATCH " + of + "/alerts/{alert}", backend.See, a.changeAlert},
		{"PUT " + of + "/alerts/{alert}/pause", backend.See, a.pauseAlert},
		{"DELETE " + of + "/alerts/{alert}", backend.See, a.removeAlert},
	}
}

// choicesJSON is what an alert is about, and when it comes.
type choicesJSON struct {
	Events     []outbox.Event `json:"events"`
	Words      bool           `json:"words"`
	Daily      string         `json:"daily"` // "": each alert at once
	QuietFrom  string         `json:"quiet_from"`
	QuietTo    string         `json:"quiet_to"`
	BreakQuiet bool           `json:"urgent_in_quiet"`
	Zone       string         `json:"zone"` // "": the household's
}

type alertJSON struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Service string `json:"service"`
	choicesJSON
	Paused  bool       `json:"paused"`
	Added   time.Time  `json:"added"`
	Sent    *time.Time `json:"sent,omitempty"`
	Waiting int        `json:"waiting"`
	Failing *time.Time `json:"failing,omitempty"`
	Error   string     `json:"error"`
}

func toChoices(c outbox.Choices) choicesJSON {
	f := household.AlertFormOf(c)
	return choicesJSON{
		Events: append([]outbox.Event{}, f.Events...), Words: f.Words, Daily: f.Daily, QuietFrom: f.QuietFrom, QuietTo: f.QuietTo,
		BreakQuiet: f.BreakQuiet, Zone: f.Zone,
	}
}

func (c choicesJSON) form() household.AlertForm {
	return household.AlertForm{
		Events: c.Events, Words: c.Words, Daily: c.Daily, QuietFrom: c.QuietFrom, QuietTo: c.QuietTo, BreakQuiet: c.BreakQuiet, Zone: c.Zone,
	}
}

func toAlert(c outbox.Channel) alertJSON {
	return alertJSON{
		ID: c.ID, Name: c.Name, Service: c.Service, choicesJSON: toChoices(c.Choices), Paused: c.Paused, Added: c.Made.UTC(), Sent: moment(c.Sent),
		Waiting: c.Waiting, Failing: moment(c.Failing), Error: c.LastError,
	}
}

func (a alertsAPI) alerts(r *http.Request, v *backend.Visitor) (any, error) {
	channels, err := a.Store.Outbox.Channels(r.Context(), v.Household.Name, v.Person.ID)
	return list(channels, toAlert), err
}

func (a alertsAPI) alert(r *http.Request, v *backend.Visitor) (any, error) {
	c, err := a.Alert(r, v)
	return toAlert(c), err
}

// changeAlert changes what has been sent of an alert's choices, and leaves the others.
func (a alertsAPI) changeAlert(r *http.Request, v *backend.Visitor) (any, error) {
	c, err := a.Alert(r, v)
	if err != nil {
		return nil, err
	}
	sent := toChoices(c.Choices)
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	choices, err := sent.form().Choices()
	if err != nil {
		return nil, err
	}
	if _, err := a.Admin(v).ChangeAlert(r.Context(), c.ID, choices); err != nil {
		return nil, err
	}
	return a.alert(r, v)
}

func (a alertsAPI) pauseAlert(r *http.Request, v *backend.Visitor) (any, error) {
	c, err := a.Alert(r, v)
	if err != nil {
		return nil, err
	}
	paused, err := readPause(r)
	if err == nil {
		_, err = a.Admin(v).PauseAlert(r.Context(), c.ID, paused)
	}
	return nil, err
}

func (a alertsAPI) removeAlert(r *http.Request, v *backend.Visitor) (any, error) {
	c, err := a.Alert(r, v)
	if err == nil {
		_, err = a.Admin(v).RemoveAlert(r.Context(), c.ID)
	}
	return nil, err
}
