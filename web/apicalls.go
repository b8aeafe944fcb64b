package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ringfence/calllog"
	"ringfence/household"
	"ringfence/screening"
	"ringfence/store"
)

func (s apiHandlers) apiCallRoutes() []route {
	return []route{
		{"GET /api/v1/households/{household}/calls", see, s.apiCalls},
		{"GET /api/v1/households/{household}/calls/{call}", see, s.apiOneCall},
		{"POST /api/v1/households/{household}/calls/{call}/press", change, s.apiPress},
		{"GET /api/v1/households/{household}/calls/{call}/recordings/{kind}", hear, s.recording},
		{"GET /api/v1/households/{household}/messages", see, s.apiMessages},
		{"POST /api/v1/households/{household}/messages/{call}/heard", tend, s.apiHeard},
		{"DELETE /api/v1/households/{household}/messages/{call}", tend, s.apiDeleteMessage},
	}
}

// apiCall is a call. Its first fields are those of `ringfence calls --json`.
type apiCall struct {
	At           time.Time              `json:"at"`
	Ended        *time.Time             `json:"ended,omitempty"`
	Number       screening.Number       `json:"number"`
	Name         string                 `json:"name"`
	Presentation screening.Presentation `json:"presentation"`
	Action       screening.Action       `json:"action"`
	Would        screening.Action       `json:"would"`
	Reasons      []screening.Reason     `json:"reasons"`
	Outcome      calllog.Outcome        `json:"outcome"`
	Steps        []apiStep              `json:"steps"`
	Recordings   []apiRecording         `json:"recordings"`

	ID      int64  `json:"id"`
	Contact string `json:"contact"`
}

type apiStep struct {
	At     time.Time    `json:"at"`
	Step   calllog.Kind `json:"step"`
	Detail string       `json:"detail"`
}

type apiRecording struct {
	Kind    string  `json:"kind"`
	Seconds float64 `json:"seconds"`
	Href    string  `json:"href"`
}

func (v *visit) apiCall(c store.LoggedCall) apiCall {
	one := apiCall{
		At: c.At.UTC(), Ended: moment(c.Ended), Number: c.Number, Name: c.Name, Presentation: c.Presentation, Action: c.Action, Would: c.Would,
		Reasons: list(c.Reasons), Outcome: c.Outcome, Steps: []apiStep{}, Recordings: []apiRecording{}, ID: c.ID, Contact: c.Contact,
	}
	for _, step := range c.Steps {
		one.Steps = append(one.Steps, apiStep{step.At.UTC(), calllog.KindOf(step.Step), calllog.WordsOf(step.Step)})
	}
	for _, rec := range c.Recordings {
		one.Recordings = append(one.Recordings, apiRecording{rec.Kind, rec.Length.Seconds(), v.apiPath("calls", strconv.FormatInt(c.ID, 10), "recordings", rec.Kind)})
	}
	return one
}

// apiPath is an address of the interface within the household.
func (v *visit) apiPath(parts ...string) string {
	return apiRoot + "households/" + strings.TrimPrefix(v.Path(parts...), "/h/")
}

// apiCalls finds calls, newest first; next is the query of the following page.
func (s apiHandlers) apiCalls(w http.ResponseWriter, r *http.Request, v *visit) error {
	search, err := callsFormOf(r).search(v)
	if err != nil {
		return fault{http.StatusBadRequest, err.Error()}
	}
	if text := r.FormValue("limit"); text != "" {
		if search.Limit, err = strconv.Atoi(text); err != nil || search.Limit < 1 || search.Limit > 100 {
			return fault{http.StatusBadRequest, "A limit is from 1 to 100."}
		}
	}
	calls, next, err := s.Store.FindCalls(r.Context(), v.Household.Name, search)
	if err != nil {
		return err
	}
	page := struct {
		Calls []apiCall `json:"calls"`
		Next  string    `json:"next,omitempty"`
	}{Calls: []apiCall{}}
	for _, c := range calls {
		page.Calls = append(page.Calls, v.apiCall(c))
	}
	if next != nil {
		page.Next = fmt.Sprintf("%d-%d", next.At.UnixMilli(), next.ID)
	}
	return s.give(w, http.StatusOK, page)
}

func (s apiHandlers) apiOneCall(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.callOf(r, v)
	if err != nil {
		return err
	}
	return s.give(w, http.StatusOK, v.apiCall(c))
}

// apiPress is a carer's key for a call in progress.
func (s apiHandlers) apiPress(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.callOf(r, v)
	if err != nil {
		return err
	}
	var sent struct {
		Key calllog.CarerKey `json:"key"`
	}
	if err := take(r, &sent); err != nil {
		return err
	}
	switch sent.Key {
	case calllog.CarerLetThrough, calllog.CarerNotNow, calllog.CarerSendAway:
	default:
		return refused("There is no key %q: it is let-through, not-now or away.", string(sent.Key))
	}
	if _, err := s.pressKey(r.Context(), v, c, sent.Key); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s apiHandlers) apiMessages(w http.ResponseWriter, r *http.Request, v *visit) error {
	messages, err := s.Store.Messages(r.Context(), v.Household.Name)
	if err != nil {
		return err
	}
	type message struct {
		Call    int64            `json:"call"`
		At      time.Time        `json:"at"`
		Number  screening.Number `json:"number"`
		Name    string           `json:"name"`
		Seconds float64          `json:"seconds"`
		Heard   bool             `json:"heard"`
		Href    string           `json:"href"`
	}
	all := []message{}
	for _, m := range messages {
		all = append(all, message{m.Call, m.At.UTC(), m.Number, m.Name, m.Length.Seconds(), m.Heard,
			v.apiPath("calls", strconv.FormatInt(m.Call, 10), "recordings", "message")})
	}
	return s.give(w, http.StatusOK, all)
}

func (s apiHandlers) apiHeard(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.apiMessage(w, r, s.admin(v).MarkHeard)
}

func (s apiHandlers) apiDeleteMessage(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.apiMessage(w, r, s.admin(v).DeleteMessage)
}

func (s apiHandlers) apiMessage(w http.ResponseWriter, r *http.Request, deed func(context.Context, int64) (household.Done, error)) error {
	call, err := number(r, "call")
	if err != nil {
		return err
	}
	if _, err := deed(r.Context(), call); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
