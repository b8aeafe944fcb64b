package api

import (
	"context"
	"net/http"
	"time"
)

// Health tells a monitor whether all is well: 200, or 503. It names no household, no number and no person, because anybody may ask.
func (a *API) Health(w http.ResponseWriter, r *http.Request) {
	if err := a.limit("address "+a.Address(r), a.Now()); err != nil {
		a.problem(w, r, err)
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
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	_, err := a.Store.People.Any(ctx)
	if err != nil {
		a.Log.Error("the database does not answer", "err", err)
	}
	_, rescued := a.RescuedSince(a.Now().Add(-24 * time.Hour)) // a monitor would miss the moment itself
	add("database", err == nil && !rescued)
	exchange, lines := true, true
	for _, h := range a.Households() {
		l := a.Switchboard.Line(h.Name)
		exchange = exchange && l.Asterisk.Up && l.SIP == ""
		lines = lines && (l.Trunk.Up || !l.Trunk.Known)
	}
	add("asterisk", exchange)
	add("lines", lines)
	a.send(w, status, "application/json", answer)
}
