package web

import (
	"net/http"

	"ringfence/store"
	"ringfence/web/backend"
)

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

// askDeleteMessage asks before a message is gone for good.
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
