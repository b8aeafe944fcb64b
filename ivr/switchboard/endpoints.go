package switchboard

import (
	"context"
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

// checkEndpoint asks Asterisk about an endpoint. offline is false where the answer is not known.
func (s *Switchboard) checkEndpoint(ctx context.Context, endpoint string) (offline bool, err error) {
	data, err := s.endpointData(ctx, endpoint)
	if err != nil {
		return false, err
	}
	s.setEndpoint(endpoint, data.State)
	return data.State == "offline", nil
}

// isOffline says whether a telephone is known to be away. Asterisk logs an error for every attempt to ring one that is.
func (s *Switchboard) isOffline(ctx context.Context, endpoint string) bool {
	away, _ := s.checkEndpoint(ctx, endpoint) // one whose state is not known is rung
	return away
}
