package web

import (
	"net/http"
	"strings"
	"time"

	"ringfence/screening"
)

func (s apiHandlers) apiChoiceRoutes() []route {
	return []route{
		{"GET /api/v1/households/{household}/mode", see, s.apiMode},
		{"PUT /api/v1/households/{household}/mode", change, s.apiSetMode},
		{"PUT /api/v1/households/{household}/expecting", change, s.apiExpect},
		{"DELETE /api/v1/households/{household}/expecting", change, s.apiExpectNobody},
		{"GET /api/v1/households/{household}/options", see, s.apiOptions},
		{"PATCH /api/v1/households/{household}/options", change, s.apiSetOptions},
		{"GET /api/v1/households/{household}/schedule", see, s.apiSchedule},
		{"PUT /api/v1/households/{household}/schedule", change, s.apiSetSchedule},
	}
}

// apiMode tells how strict the household is at this moment, and until when.
func (s apiHandlers) apiMode(w http.ResponseWriter, r *http.Request, v *visit) error {
	house, err := s.house(r.Context(), v)
	if err != nil {
		return err
	}
	answer := struct {
		Now            screening.Mode `json:"now"`
		Mode           screening.Mode `json:"mode"` // chosen, where neither the schedule nor a temporary one holds
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
	return s.give(w, http.StatusOK, answer)
}

// apiSetMode sets the mode: until a time, before the schedule; or without one for good.
func (s apiHandlers) apiSetMode(w http.ResponseWriter, r *http.Request, v *visit) error {
	var sent struct {
		Mode  screening.Mode `json:"mode"`
		Until time.Time      `json:"until"`
	}
	if err := take(r, &sent); err != nil {
		return err
	}
	if _, err := s.admin(v).SetMode(r.Context(), "", sent.Mode, sent.Until); err != nil {
		return asFault(err)
	}
	return s.apiMode(w, r, v)
}

func (s apiHandlers) apiExpect(w http.ResponseWriter, r *http.Request, v *visit) error {
	var sent struct {
		Until time.Time `json:"until"`
	}
	if err := take(r, &sent); err != nil {
		return err
	}
	if sent.Until.IsZero() {
		sent.Until = v.Now.Add(screening.UsualExpecting)
	}
	return s.apiSetExpecting(w, r, v, sent.Until)
}

func (s apiHandlers) apiExpectNobody(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.apiSetExpecting(w, r, v, time.Time{})
}

func (s apiHandlers) apiSetExpecting(w http.ResponseWriter, r *http.Request, v *visit, until time.Time) error {
	if _, err := s.admin(v).Expect(r.Context(), until); err != nil {
		return asFault(err)
	}
	return s.apiMode(w, r, v)
}

// apiSpans is a schedule as `ringfence schedule` writes it: "mon-fri 22:00-07:00 quiet".
type apiSpans struct {
	Spans []string `json:"spans"`
}

func (s apiHandlers) apiSchedule(w http.ResponseWriter, r *http.Request, v *visit) error {
	week, err := s.Store.Spans(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	answer := apiSpans{[]string{}}
	for _, span := range week {
		answer.Spans = append(answer.Spans, span.String())
	}
	return s.give(w, http.StatusOK, answer)
}

func (s apiHandlers) apiSetSchedule(w http.ResponseWriter, r *http.Request, v *visit) error {
	var sent apiSpans
	if err := take(r, &sent); err != nil {
		return err
	}
	var week []screening.Span
	for _, text := range sent.Spans {
		words := strings.Fields(text)
		if len(words) != 3 {
			return refused("%q is no time of a schedule: write it like mon-fri 22:00-07:00 quiet.", text)
		}
		span, err := screening.ParseSpan(words[0], words[1], words[2])
		if err != nil {
			return refused("%s", sentence(err))
		}
		week = append(week, span)
	}
	if _, err := s.admin(v).ReplaceWeek(r.Context(), "", week); err != nil {
		return asFault(err)
	}
	return s.apiSchedule(w, r, v)
}
