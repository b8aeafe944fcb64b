package web

import (
	"context"
	"net/http"
	"time"
)

// health tells a monitor whether all is well: 200, or 503. It names no household, no number and no person, for anybody may ask.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	if err := s.often("address "+s.address(r), s.Now()); err != nil {
		s.problem(w, r, err)
		return
	}
	type part struct {
		Name string `json:"name"`
		Up   bool   `json:"up"`
	}
	answer := struct {
		Status string `json:"status"`
		Parts  []part `json:"parts"`
	}{Status: "ok"}
	status := http.StatusOK
	add := func(name string, up bool) {
		answer.Parts = append(answer.Parts, part{name, up})
		if !up {
			answer.Status, status = "failing", http.StatusServiceUnavailable
		}
	}
	ctx, late := context.WithTimeout(r.Context(), 2*time.Second)
	defer late()
	_, err := s.Store.HasPeople(ctx)
	if err != nil {
		s.Log.Error("the database does not answer", "err", err)
	}
	_, rescued := s.rescuedSince(s.Now().Add(-24 * time.Hour)) // a monitor would miss the moment itself
	add("database", err == nil && !rescued)
	exchange, lines := true, true
	for _, h := range s.Households() {
		l := s.Switchboard.Line(h.Name)
		exchange = exchange && l.Asterisk.Up && l.SIP == ""
		lines = lines && (l.Trunk.Up || !l.Trunk.Known)
	}
	add("asterisk", exchange)
	add("lines", lines)
	s.send(w, status, "application/json", answer)
}
