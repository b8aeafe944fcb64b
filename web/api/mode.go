package api

import (
	"net/http"
	"time"

	"ringfence/screening"
	"ringfence/web/backend"
)

// mode says how strict the household is at this moment, and until when.
func (a *API) mode(r *http.Request, v *backend.Visitor) (any, error) {
	house, err := a.House(r.Context(), v)
	answer := struct {
		Now            screening.Mode `json:"now"`
		Mode           screening.Mode `json:"mode"` // the household's own, which applies unless the schedule or a temporary one does
		Quiet          bool           `json:"quiet"`
		TemporaryUntil *time.Time     `json:"temporary_until,omitempty"`
		ExpectingUntil *time.Time     `json:"expecting_until,omitempty"`
		NextChange     *time.Time     `json:"next_change,omitempty"`
	}{Now: house.ModeAt(v.Now), Mode: house.Mode, Quiet: house.QuietAt(v.Now), NextChange: moment(house.NextChange(v.Now))}
	if house.Times.TemporaryUntil.After(v.Now) {
		answer.TemporaryUntil = moment(house.Times.TemporaryUntil)
	}
	if house.ExpectingAt(v.Now) {
		answer.ExpectingUntil = moment(house.Times.ExpectingUntil)
	}
	return answer, err
}

// setMode sets the mode: until a time, overriding the schedule; or, without a time, for good.
func (a *API) setMode(r *http.Request, v *backend.Visitor) (any, error) {
	var sent struct {
		Mode  screening.Mode `json:"mode"`
		Until time.Time      `json:"until"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	if _, err := a.Admin(v).SetMode(r.Context(), "", sent.Mode, sent.Until); err != nil {
		return nil, err
	}
	return a.mode(r, v)
}

func (a *API) expect(r *http.Request, v *backend.Visitor) (any, error) {
	var sent struct {
		Until time.Time `json:"until"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	var err error
	if sent.Until.IsZero() {
		_, err = a.Admin(v).ExpectNext(r.Context(), "")
	} else {
		_, err = a.Admin(v).Expect(r.Context(), "", sent.Until)
	}
	if err != nil {
		return nil, err
	}
	return a.mode(r, v)
}

func (a *API) expectNobody(r *http.Request, v *backend.Visitor) (any, error) {
	if _, err := a.Admin(v).ExpectNobody(r.Context(), ""); err != nil {
		return nil, err
	}
	return a.mode(r, v)
}

// scheduleJSON is a schedule as `ringfence schedule` writes it: "mon-fri 22:00-07:00 quiet".
type scheduleJSON struct {
	Spans []string `json:"spans"`
}

func (a *API) schedule(r *http.Request, v *backend.Visitor) (any, error) {
	week, err := a.Store.Spans(r.Context(), v.Household.Name)
	return scheduleJSON{list(week, screening.Span.String)}, err
}

func (a *API) setSchedule(r *http.Request, v *backend.Visitor) (any, error) {
	var sent scheduleJSON
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	var week []screening.Span
	for _, text := range sent.Spans {
		span, err := screening.ParseSpan(text)
		if err != nil {
			return nil, backend.Because(err)
		}
		week = append(week, span)
	}
	if _, err := a.Admin(v).ReplaceWeek(r.Context(), "", week); err != nil {
		return nil, err
	}
	return a.schedule(r, v)
}
