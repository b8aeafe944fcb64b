package web

import (
	"context"
	"encoding/json"
	"net/http"
)

// flash is what the next page says: that something was done, and how to undo it.
type flash struct {
	Text string
	Undo string // the address of the form that does; "" where it can't be undone
}

const sessionFlash = "flash"

// done answers a form: the next page says what was done, and offers to undo it at an address; "" for none.
func (s *Server) done(w http.ResponseWriter, r *http.Request, to, text, undo string) error {
	if err := s.tellNext(r.Context(), text, undo); err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// tellNext keeps what the next page says.
func (s *Server) tellNext(ctx context.Context, text, undo string) error {
	kept, err := json.Marshal(flash{text, undo})
	s.sessions.Put(ctx, sessionFlash, string(kept))
	return err
}

// takeFlash is what this page has to say, and forgets it; nil for nothing.
func (s *Server) takeFlash(r *http.Request) *flash {
	var f flash
	kept := s.sessions.PopString(r.Context(), sessionFlash)
	if kept == "" || json.Unmarshal([]byte(kept), &f) != nil { // one that an older Ringfence has written may be lost
		return nil
	}
	return &f
}
