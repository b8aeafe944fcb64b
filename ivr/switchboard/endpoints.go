package switchboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Endpoint says whether a telephone or a trunk is reachable, as Asterisk sees it.
type Endpoint struct {
	Online bool
	Known  bool      // false where Asterisk cannot tell, or has not been asked yet
	Since  time.Time // when it was first seen in this state
}

// Endpoint is the state of one of the PJSIP endpoints in Options.
func (s *Switchboard) Endpoint(name string) Endpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.endpoints[name]
}

// setEndpoint remembers what Asterisk says of an endpoint: "online", "offline" or "unknown".
func (s *Switchboard) setEndpoint(name, state string) {
	s.mu.Lock()
	was := s.endpoints[name]
	now := Endpoint{Online: state == "online", Known: state == "online" || state == "offline", Since: was.Since}
	if changed := was.Since.IsZero() || was.Online != now.Online; changed {
		now.Since = time.Now()
	}
	s.endpoints[name] = now
	s.mu.Unlock()
	if was != now {
		s.onChange()
	}
}

// forgetEndpoints marks all endpoints as not known: without Asterisk nobody can tell.
func (s *Switchboard) forgetEndpoints() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, e := range s.endpoints {
		e.Known = false
		s.endpoints[name] = e
	}
}

func (s *Switchboard) onChange() {
	if s.options.OnChange != nil {
		s.options.OnChange()
	}
}

// isOffline says whether a telephone is known to be away. Asterisk logs an error for every attempt to ring one that is.
func (s *Switchboard) isOffline(ctx context.Context, endpoint string) bool {
	data, err := s.endpointData(ctx, endpoint)
	if err != nil {
		return false // one whose state is not known is rung
	}
	s.setEndpoint(endpoint, data.State)
	return data.State == "offline"
}

// lookAtEndpoints returns what Asterisk says of its endpoints, by name, and remembers it.
func (s *Switchboard) lookAtEndpoints(ctx context.Context) (states map[string]string, err error) {
	answer, err := s.extra.do(ctx, http.MethodGet, "/endpoints/PJSIP", nil)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, err
	}
	var all []struct{ Resource, State string }
	if err := json.Unmarshal(answer, &all); err != nil {
		return nil, fmt.Errorf("Asterisk's endpoints: %w", err)
	}
	states = map[string]string{}
	for _, e := range all {
		states[e.Resource] = e.State
		s.setEndpoint(e.Resource, e.State)
	}
	return states, nil
}
