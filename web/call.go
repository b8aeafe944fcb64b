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

func (s callHandlers) oneCall(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	c, err := s.Call(r, v)
	if err != nil {
		return err
	}
	cards, err := s.cards(r.Context(), v, []store.LoggedCall{c})
	if err != nil {
		return err
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
	return s.show(w, r, v, "call", "calls", data.Call.Who, data)
}

// addLines makes the lines, with each recording at the moment at which it was made.
func (p *callPage) addLines(v *backend.Visitor) {
	left := map[string]*sound{"name": p.Call.Said, "message": p.Call.Message}
	for _, l := range timeline.Lines(p.Call.LoggedCall, v.Household.Region) {
		p.Lines = append(p.Lines, lineOfCall{l, left[l.Recording]})
		delete(left, l.Recording)
	}
	for _, kind := range []string{"name", "message"} {
		if left[kind] != nil {
			p.Rest = append(p.Rest, left[kind])
		}
	}
}

// settled gives an end to a call whose own was lost, in a power cut for example.
func settled(v *backend.Visitor, c store.LoggedCall) store.LoggedCall {
	if c.Ended.IsZero() && v.Now.Sub(c.At) > stale {
		c.Ended, c.Outcome = c.At, calllog.Interrupted
	}
	return c
}

// messageOf is the call that an address names, if it has a message.
func (s callHandlers) messageOf(r *http.Request, v *backend.Visitor) (store.LoggedCall, error) {
	c, err := s.Call(r, v)
	if err != nil {
		return c, err
	}
	for _, rec := range c.Recordings {
		if rec.Kind == "message" {
			return c, nil
		}
	}
	return c, errNoMessage
}

var errNoMessage = backend.RefuseAs(http.StatusNotFound, "There is no message of this call. It may have been deleted.")

// askDeleteMessage asks before a message is deleted for good.
func (s callHandlers) askDeleteMessage(w http.ResponseWriter, r *http.Request, v *backend.Visitor) error {
	c, err := s.messageOf(r, v)
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
