// Package notifytest has a server that receives messages in tests.
package notifytest

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"ringfence/notify"
)

// Webhook is a server that remembers the messages that it was sent, unless it hangs or refuses.
type Webhook struct {
	Heard chan struct{} // has a value for each message that came

	server *httptest.Server
	mu     sync.Mutex
	got    []string
	state  string // "", "refuses", "hangs"
}

// NewWebhook starts one on this machine, which ends with the test.
func NewWebhook(t *testing.T) *Webhook { return NewWebhookAt(t, "127.0.0.1:0") }

// NewWebhookAt starts one at another address of this machine; port 0 is any.
func NewWebhookAt(t *testing.T, address string) *Webhook {
	s := &Webhook{Heard: make(chan struct{}, 100)}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct{ Title, Message string }
		_ = json.NewDecoder(r.Body).Decode(&m)
		s.mu.Lock()
		state := s.state
		if state == "" {
			s.got = append(s.got, m.Title+"|"+m.Message)
		}
		s.mu.Unlock()
		s.Heard <- struct{}{}
		switch state {
		case "refuses":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "hangs":
			<-r.Context().Done()
		}
	}))
	_ = s.server.Listener.Close() // the one that it comes with, on loopback
	s.server.Listener = listener
	s.server.Start()
	t.Cleanup(s.server.Close)
	return s
}

// Is sets what it does with messages from now on: "" remembers them, "refuses" and "hangs" do what they say.
func (s *Webhook) Is(state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
}

// Got are the messages that it remembers, each as TITLE|MESSAGE.
func (s *Webhook) Got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// Address is where messages are sent for it, as a channel keeps it.
func (s *Webhook) Address(t *testing.T) string {
	service, _ := notify.ServiceOf("webhook")
	a, err := service.Build(map[string]string{"url": s.server.URL + "/hook/topsecret"})
	if err != nil {
		t.Fatal(err)
	}
	return a.URL
}
