package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
	"ringfence/store"
	"ringfence/web/backend"
	"ringfence/web/timeline"
)

// callJSON is a call. Its first fields are those of `ringfence calls --json`.
type callJSON struct {
	At           time.Time              `json:"at"`
	Ended        *time.Time             `json:"ended,omitempty"`
	Number       screening.Number       `json:"number"`
	Name         string                 `json:"name"`
	Presentation screening.Presentation `json:"presentation"`
	Action       screening.Action       `json:"action"`
	Would        screening.Action       `json:"would"`
	Reasons      []screening.Reason     `json:"reasons"`
	Outcome      calllog.Outcome        `json:"outcome"`
	Steps        []stepJSON             `json:"steps"`
	Recordings   []recordingJSON        `json:"recordings"`

	ID      int64  `json:"id"`
	Contact string `json:"contact"`
}

type stepJSON struct {
	At     time.Time    `json:"at"`
	Step   calllog.Kind `json:"step"`
	Detail string       `json:"detail"`
}

type recordingJSON struct {
	Kind    string  `json:"kind"`
	Seconds float64 `json:"seconds"`
	Href    string  `json:"href"`
	wordsJSON
}

// wordsJSON are what a machine has read in a recording. There are none for people who may not hear it.
type wordsJSON struct {
	Words  string `json:"words,omitempty"`
	Unsure bool   `json:"unsure,omitempty"`
	// Opinion is how they sound to a language model, where it warns.
	Opinion *opinionJSON `json:"opinion,omitempty"`
}

type opinionJSON struct {
	Level    calllog.ScriptLevel `json:"level"`
	Sentence string              `json:"sentence"`
}

func toWords(v *backend.Visitor, w store.Words) wordsJSON {
	if !v.Hears {
		return wordsJSON{}
	}
	j := wordsJSON{Words: w.Text, Unsure: w.Unsure}
	if w.Opinion.Level != "" {
		j.Opinion = &opinionJSON{w.Opinion.Level, w.Opinion.Sentence}
	}
	return j
}

func toCall(v *backend.Visitor, c store.LoggedCall) callJSON {
	if !v.Hears {
		c = timeline.WithoutWords(c)
	}
	return callJSON{
		At: c.At.UTC(), Ended: moment(c.Ended), Number: c.Number, Name: c.Name, Presentation: c.Presentation, Action: c.Action, Would: c.Would,
		Reasons: append([]screening.Reason{}, c.Reasons...), Outcome: c.Outcome, ID: c.ID, Contact: c.Contact,
		Steps: list(c.Steps, func(s store.Step) stepJSON {
			return stepJSON{s.At.UTC(), calllog.KindOf(s.Step), calllog.WordsOf(s.Step)}
		}),
		Recordings: list(c.Recordings, func(kept store.Recording) recordingJSON {
			return recordingJSON{kept.Kind, kept.Length.Seconds(), recordingPath(v, c.ID, kept.Kind), toWords(v, kept.Words)}
		}),
	}
}

// path is an address of the interface within the household.
func path(v *backend.Visitor, parts ...string) string {
	return root + "households/" + strings.TrimPrefix(v.Path(parts...), "/h/")
}

func recordingPath(v *backend.Visitor, call int64, kind string) string {
	return path(v, "calls", strconv.FormatInt(call, 10), "recordings", kind)
}

// calls finds calls, newest first; next is the query of the following page.
func (a *API) calls(r *http.Request, v *backend.Visitor) (any, error) {
	limit, err := limitOf(r, 30, 100)
	if err != nil {
		return nil, err
	}
	search, err := backend.ReadCallQuery(r).Search(v, limit)
	if err != nil {
		return nil, backend.RefuseAs(http.StatusBadRequest, err.Error())
	}
	calls, next, err := a.Store.FindCalls(r.Context(), v.Household.Name, search)
	page := struct {
		Calls []callJSON `json:"calls"`
		Next  string     `json:"next,omitempty"`
	}{Calls: list(calls, func(c store.LoggedCall) callJSON { return toCall(v, c) })}
	if next != nil {
		page.Next = backend.Next(*next)
	}
	return page, err
}

func (a *API) call(r *http.Request, v *backend.Visitor) (any, error) {
	c, err := a.Call(r, v)
	return toCall(v, c), err
}

func (a *API) recording(r *http.Request, v *backend.Visitor) (any, error) {
	return written(func(w http.ResponseWriter) error { return a.ServeRecording(w, r, v) }), nil
}

// press is a carer's key for a call in progress.
func (a *API) press(r *http.Request, v *backend.Visitor) (any, error) {
	c, err := a.Call(r, v)
	if err != nil {
		return nil, err
	}
	var sent struct {
		Key calllog.CarerKey `json:"key"`
	}
	if err := read(r, &sent); err != nil {
		return nil, err
	}
	switch sent.Key {
	case calllog.CarerLetThrough, calllog.CarerNotNow, calllog.CarerSendAway:
		_, err = a.Press(r.Context(), v, c, sent.Key)
		return nil, err
	}
	return nil, backend.Refuse("There is no key %q: it is let-through, not-now or away.", string(sent.Key))
}

type messageJSON struct {
	Call    int64            `json:"call"`
	At      time.Time        `json:"at"`
	Number  screening.Number `json:"number"`
	Name    string           `json:"name"`
	Seconds float64          `json:"seconds"`
	Heard   bool             `json:"heard"`
	Href    string           `json:"href"`
	wordsJSON
}

func (a *API) messages(r *http.Request, v *backend.Visitor) (any, error) {
	messages, err := a.Store.Messages(r.Context(), v.Household.Name)
	return list(messages, func(m store.Message) messageJSON {
		return messageJSON{
			Call: m.Call, At: m.At.UTC(), Number: m.Number, Name: m.Name, Seconds: m.Length.Seconds(), Heard: m.Heard, Href: recordingPath(v, m.Call, calllog.RecordedMessage),
			wordsJSON: toWords(v, m.Words),
		}
	}), err
}

func (a *API) markHeard(r *http.Request, v *backend.Visitor) (any, error) {
	return withID(r, "call", a.Admin(v).MarkHeard)
}

func (a *API) deleteMessage(r *http.Request, v *backend.Visitor) (any, error) {
	return withID(r, "call", a.Admin(v).DeleteMessage)
}
