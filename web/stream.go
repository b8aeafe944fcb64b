package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ringfence/web/backend"
)

// An open page is also updated this often without a signal, because other programs change the database; and a browser has this long to receive an
// update.
const (
	updateAnyway = 15 * time.Second
	sendTime     = 10 * time.Second
	// However much happens, an open page is not rendered more often than this: calls come first.
	leastPause = 250 * time.Millisecond
)

// streamParts are parts of a page that change while it is open. The template of a part is called page-part.
type streamParts struct {
	page  string
	parts []string
	needs backend.Permission
	data  func(*http.Request, *backend.Visitor) (any, error)
}

// stream sends the parts that have changed, as server-sent events, for as long as the page is open.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, v *backend.Visitor, p streamParts) error {
	control := http.NewResponseController(w)
	// The server's limits are for ordinary pages; this connection stays open.
	err := errors.Join(control.SetWriteDeadline(time.Now().Add(sendTime)), control.SetReadDeadline(time.Time{}))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy in front of us must not buffer events
	changed, cancel := s.Switchboard.Changed()
	defer cancel()
	tick := time.NewTicker(updateAnyway)
	defer tick.Stop()
	sent := map[string]string{}
	for {
		if err := control.SetWriteDeadline(time.Now().Add(sendTime)); err != nil {
			return err
		}
		// Permissions can end while a page is open.
		now, err := s.visitor(r)
		if err != nil || now.May(p.needs) != nil {
			return nil
		}
		if err := s.sendParts(w, r, now, p, sent); err != nil {
			if r.Context().Err() == nil {
				s.Log.Error("a page could not be kept up to date", "household", v.Household.Name, "err", err)
			}
			return nil
		}
		if err := control.Flush(); err != nil {
			return nil // the browser has left
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-time.After(leastPause):
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-changed:
		case <-tick.C:
		}
	}
}

// sendParts sends an event for each part that has changed since it was last sent.
func (s *Server) sendParts(w http.ResponseWriter, r *http.Request, v *backend.Visitor, p streamParts, sent map[string]string) error {
	data, err := p.data(r, v)
	if err != nil {
		return err
	}
	for _, part := range p.parts {
		html, err := s.pages.Part(p.page, p.page+"-"+part, page{Visitor: v, Name: p.page, Data: data})
		if err != nil {
			return err
		}
		if sent[part] == string(html) {
			continue
		}
		event, err := json.Marshal(map[string]string{"id": part, "html": string(html)})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "event: part\ndata: %s\n\n", event); err != nil {
			return nil // the browser has left
		}
		sent[part] = string(html)
	}
	if len(sent) == 0 {
		return nil
	}
	_, _ = fmt.Fprint(w, ": still there\n\n") // so that a connection that has died is noticed
	return nil
}
