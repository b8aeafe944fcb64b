package web

import (
	"net/http"

	"ringfence/calllog"
	"ringfence/store"
	"ringfence/web/backend"
	"ringfence/web/timeline"
)

// callPage is one call as a time line.
type callPage struct {
	Call  callCard
	Lines []lineOfCall
	Rest  []*sound // recordings that belong to no line
	Same  string   // the address of all calls from the number; "" if there is no number
	// Addresses for those who may use them: Heard marks the message as heard, if nobody has heard it yet; Delete leads to deleting it.
	Heard, Delete string
}

// lineOfCall is a moment of the call, with what was said then.
type lineOfCall struct {
	timeline.Line
	Sound *sound
}

// onTheLine is who is calling, while the call is in progress.
func (p callPage) onTheLine() string {
	if !p.Call.InProgress() {
		return ""
	}
	return p.Call.Who
}

func (s callHandlers) oneCall(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	data, err := s.callOf(r, v)
	if err != nil {
		return err
	}
	return s.show(w, r, v, "call", "calls", data.Call.Who, data)
}

// streamCall keeps the page of a call in progress up to date.
func (s callHandlers) streamCall(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	if _, err := s.callOf(r, v); err != nil {
		return err
	}
	return s.stream(w, r, v, streamParts{"call", []string{"now", "happened"}, backend.See, func(r *http.Request, v *backend.Visitor) (any, error) { return s.callOf(r, v) }})
}

func (s callHandlers) callOf(r *http.Request, v *backend.Visitor) (callPage, error) {
	c, err := s.Call(r, v)
	if err != nil {
		return callPage{}, err
	}
	cards, err := s.cards(r.Context(), v, []store.LoggedCall{c})
	if err != nil {
		return callPage{}, err
	}
	data := callPage{Call: cards[0]}
	data.addLines(v)
	if c.Number != "" {
		data.Same = searchPath(v, backend.CallQuery{Who: v.National(c.Number)})
	}
	if m := data.Call.Message; m != nil && v.May(backend.Tend) == nil {
		data.Delete = data.Call.Path + "/message/delete"
		if !m.Heard {
			data.Heard = data.Call.Path + "/heard"
		}
	}
	return data, nil
}

// callNow is where an alert of a call in progress leads: to Today, where carers have their keys for it; once it is over, to what there is to know of it.
func (s callHandlers) callNow(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	c, err := s.Call(r, v)
	if err != nil {
		return err
	}
	to := callPath(v, c)
	if c = settled(v, c); c.Ended.IsZero() {
		to = v.Path()
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// addLines makes the lines, with each recording at the moment at which it was made.
func (p *callPage) addLines(v *backend.Visitor) {
	left := map[string]*sound{calllog.RecordedName: p.Call.Said, calllog.RecordedMessage: p.Call.Message}
	for _, l := range timeline.Lines(p.Call.LoggedCall, v.Household.Region) {
		p.Lines = append(p.Lines, lineOfCall{l, left[l.Recording]})
		delete(left, l.Recording)
	}
	for _, kind := range []string{calllog.RecordedName, calllog.RecordedMessage} {
		if left[kind] != nil {
			p.Rest = append(p.Rest, left[kind])
		}
	}
}

// settled gives an end to a call whose end was lost, for example in a power cut.
func settled(v *backend.Visitor, c store.LoggedCall) store.LoggedCall {
	if c.Ended.IsZero() && v.Now.Sub(c.At) > stale {
		c.Ended, c.Outcome = c.At, calllog.Interrupted
	}
	return c
}

// askDeleteMessage asks before a message is deleted for good.
func (s callHandlers) askDeleteMessage(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	id, err := backend.PathID(r, "call")
	if err != nil {
		return err
	}
	c, _, err := s.Admin(v).Message(r.Context(), id)
	if err != nil {
		return err
	}
	cards, err := s.cards(r.Context(), v, []store.LoggedCall{c})
	if err != nil {
		return err
	}
	return s.show(w, r, v, "message-delete", "calls", "Delete a message", cards[0])
}

// toCall leads to the page of the call that the address names.
func toCall(r *http.Request, v *backend.Visitor) string { return v.Path("calls", r.PathValue("call")) }
