package web

import (
	"net/http"
	"net/url"

	"ringfence/calllog"
	"ringfence/store"
	"ringfence/web/backend"
	"ringfence/web/timeline"
)

// callPage is one call as a time line.
type callPage struct {
	Call  callCard
	Lines []lineOfCall
	Rest  []*sound // what was said and no line tells of
	Same  string   // the address of all calls of the number; "" where there is none
	// For those who may do so: Heard marks the message as heard, where nobody has heard it, and Delete leads to deleting it.
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
	data.tell(v)
	if c.Number != "" {
		data.Same = withQuery(v.Path("calls"), url.Values{"who": {v.National(c.Number)}}.Encode())
	}
	if m := data.Call.Message; m != nil && v.May(backend.Tend) == nil {
		data.Delete = data.Call.Path + "/message/delete"
		if !m.Heard {
			data.Heard = data.Call.Path + "/heard"
		}
	}
	return s.show(w, r, v, "call", "calls", data.Call.Who, data)
}

// tell makes the lines, each recording with the moment at which it was made.
func (p *callPage) tell(v *backend.Visitor) {
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

// settled gives an end to a call that has lost its own, with the power for example.
func settled(v *backend.Visitor, c store.LoggedCall) store.LoggedCall {
	if c.Ended.IsZero() && v.Now.Sub(c.At) > stale {
		c.Ended, c.Outcome = c.At, calllog.Interrupted
	}
	return c
}
