package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"ringfence/screening"
	"ringfence/store"
)

func (s *Server) apiChoiceRoutes() []route {
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
func (s *Server) apiMode(w http.ResponseWriter, r *http.Request, v *visit) error {
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
func (s *Server) apiSetMode(w http.ResponseWriter, r *http.Request, v *visit) error {
	var sent struct {
		Mode  screening.Mode `json:"mode"`
		Until time.Time      `json:"until"`
	}
	if err := take(r, &sent); err != nil {
		return err
	}
	told := "The mode is " + string(sent.Mode) + " from now on."
	var err error
	if sent.Until.IsZero() {
		err = s.Store.SetMode(r.Context(), v.Household.Name, sent.Mode, time.Time{})
	} else {
		if err := screening.CheckModeEnd(v.Now, sent.Until); err != nil {
			return refused("%s", sentence(err))
		}
		told = "The mode is " + string(sent.Mode) + " until " + v.In(sent.Until).Format("Monday 2 January at 15:04") + "."
		err = s.Store.SetTemporary(r.Context(), v.Household.Name, sent.Mode, sent.Until)
	}
	if err != nil {
		return refused("%s", sentence(err))
	}
	if err := s.changed(r.Context(), v, "mode-changed", told); err != nil {
		return err
	}
	return s.apiMode(w, r, v)
}

func (s *Server) apiExpect(w http.ResponseWriter, r *http.Request, v *visit) error {
	var sent struct {
		Until time.Time `json:"until"`
	}
	if err := take(r, &sent); err != nil {
		return err
	}
	if sent.Until.IsZero() {
		sent.Until = v.Now.Add(screening.UsualExpecting)
	}
	if err := screening.CheckExpecting(v.Now, sent.Until); err != nil {
		return refused("%s", sentence(err))
	}
	return s.apiSetExpecting(w, r, v, sent.Until, "The next caller whom the household does not know rings, until "+v.In(sent.Until).Format("15:04")+".")
}

func (s *Server) apiExpectNobody(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.apiSetExpecting(w, r, v, time.Time{}, "No call is expected any more.")
}

func (s *Server) apiSetExpecting(w http.ResponseWriter, r *http.Request, v *visit, until time.Time, told string) error {
	if err := s.Store.SetExpecting(r.Context(), v.Household.Name, until); err != nil {
		return err
	}
	if err := s.changed(r.Context(), v, "expecting", told); err != nil {
		return err
	}
	return s.apiMode(w, r, v)
}

// apiChosen is what a household has chosen beside its mode and its schedule. An action "" leaves its callers to the mode.
type apiChosen struct {
	Threshold      float64              `json:"threshold"`
	EmergencyHours float64              `json:"emergency_hours"`
	HumanCheck     screening.HumanCheck `json:"human_check"`
	QuietContacts  screening.Action     `json:"quiet_contacts"`
	RingDialled    bool                 `json:"ring_dialled"`
	DialGuard      bool                 `json:"dial_guard"`
	Withheld       screening.Action     `json:"withheld"`
	Unavailable    screening.Action     `json:"unavailable"`
	International  screening.Action     `json:"international"`
	PremiumRate    screening.Action     `json:"premium_rate"`
	CarerNumber    screening.Number     `json:"carer_number"`
	CarerWhen      screening.CarerWhen  `json:"carer_when"`
}

// carerOff is what no carer's telephone is called here, where "" would look as if something were missing.
const carerOff = "off"

func chosenAPI(h screening.Household) apiChosen {
	c := apiChosen{
		h.SureFrom(), h.AfterHelp().Hours(), h.HumanCheck, h.Times.QuietContacts, h.RingDialled, h.DialGuard,
		h.Policy.Withheld, h.Policy.Unavailable, h.Policy.International, h.Policy.PremiumRate, h.CarerNumber, h.CarerWhen,
	}
	if c.CarerWhen == screening.CarerOff {
		c.CarerWhen = carerOff
	}
	if c.HumanCheck == "" {
		c.HumanCheck = screening.CheckOff
	}
	if c.QuietContacts == "" {
		c.QuietContacts = screening.Ring
	}
	return c
}

func (s *Server) apiOptions(w http.ResponseWriter, r *http.Request, v *visit) error {
	house, err := s.house(r.Context(), v)
	if err != nil {
		return err
	}
	return s.give(w, http.StatusOK, chosenAPI(house))
}

// apiSetOptions changes what is sent, and leaves the rest.
func (s *Server) apiSetOptions(w http.ResponseWriter, r *http.Request, v *visit) error {
	house, err := s.house(r.Context(), v)
	if err != nil {
		return err
	}
	was := chosenAPI(house)
	sent := was
	if err := take(r, &sent); err != nil {
		return err
	}
	window := time.Duration(sent.EmergencyHours * float64(time.Hour))
	if err := screening.CheckThreshold(sent.Threshold); err != nil {
		return refused("%s", sentence(err))
	}
	if err := screening.CheckEmergency(window); err != nil {
		return refused("%s", sentence(err))
	}
	// What was not sent stays as it was chosen, or not chosen: the standard may change.
	if sent.Threshold != was.Threshold {
		house.Threshold = sent.Threshold
	}
	if sent.EmergencyHours != was.EmergencyHours {
		house.Emergency = window
	}
	house.HumanCheck, house.Times.QuietContacts, house.RingDialled, house.DialGuard = sent.HumanCheck, sent.QuietContacts, sent.RingDialled, sent.DialGuard
	house.Policy = screening.Policy{Withheld: sent.Withheld, Unavailable: sent.Unavailable, International: sent.International, PremiumRate: sent.PremiumRate}
	if sent.CarerNumber != was.CarerNumber && sent.CarerNumber != "" {
		if sent.CarerNumber, err = house.ParseCarerNumber(string(sent.CarerNumber)); err != nil {
			return refused("%s", sentence(err))
		}
	}
	if sent.CarerWhen == carerOff {
		sent.CarerWhen = screening.CarerOff
	}
	house.CarerNumber, house.CarerWhen = sent.CarerNumber, sent.CarerWhen
	if err := s.Store.SaveHousehold(r.Context(), v.Household.Name, house); err != nil {
		return refused("%s", sentence(err))
	}
	if err := s.changed(r.Context(), v, "options-changed", "What the household has chosen is changed."); err != nil {
		return err
	}
	return s.apiOptions(w, r, v)
}

// apiSpans is a schedule as `ringfence schedule` writes it: "mon-fri 22:00-07:00 quiet".
type apiSpans struct {
	Spans []string `json:"spans"`
}

func (s *Server) apiSchedule(w http.ResponseWriter, r *http.Request, v *visit) error {
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

func (s *Server) apiSetSchedule(w http.ResponseWriter, r *http.Request, v *visit) error {
	was, err := s.Store.Spans(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
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
	err = s.Store.SetWeek(r.Context(), v.Household.Name, was, week)
	if errors.Is(err, store.ErrWeekChanged) {
		return fault{http.StatusConflict, sentence(err)}
	}
	if err != nil {
		return refused("%s", sentence(err))
	}
	if err := s.changed(r.Context(), v, "schedule-changed", "The schedule is changed."); err != nil {
		return err
	}
	return s.apiSchedule(w, r, v)
}
