package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"ringfence/app/alerts"
	"ringfence/notify"
	"ringfence/store"
)

// The tests' own program is the process that sends a message, for a command under test.
func init() {
	if len(os.Args) > 1 && os.Args[1] == alerts.SendCommand {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
}

// webhookServer remembers the messages that it was sent, unless it hangs or refuses.
type webhookServer struct {
	*httptest.Server
	mu    sync.Mutex
	got   []string
	state string // "", "refuses", "hangs"
	heard chan struct{}
}

func newWebhookServer(t *testing.T) *webhookServer {
	s := &webhookServer{heard: make(chan struct{}, 100)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct{ Title, Message string }
		_ = json.NewDecoder(r.Body).Decode(&m)
		s.mu.Lock()
		state := s.state
		if state == "" {
			s.got = append(s.got, m.Title+"|"+m.Message)
		}
		s.mu.Unlock()
		s.heard <- struct{}{}
		switch state {
		case "refuses":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "hangs":
			<-r.Context().Done()
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *webhookServer) is(state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
}

func (s *webhookServer) address(t *testing.T) string {
	service, _ := notify.ServiceOf("webhook")
	a, err := service.Build(map[string]string{"url": s.URL + "/hook/topsecret"})
	if err != nil {
		t.Fatal(err)
	}
	return a.URL
}

func TestTellCommands(t *testing.T) {
	h := newHome(t, usualSettings)
	s := newWebhookServer(t)
	h.says(0, "Nobody is told yet", "tell")
	h.says(1, "there is no number 1", "tell", "test", "1")
	var id int64
	h.fill(func(db *store.Store) error {
		p, err := db.AddPerson(t.Context(), "Anna", "anna@example.org")
		if err != nil {
			return err
		}
		if err := db.SetMembership(t.Context(), "home", p.ID, store.RoleOwner, true); err != nil {
			return err
		}
		if err := db.SetAlertsAtHome(t.Context(), "home", true); err != nil { // where the service of this test is
			return err
		}
		id, err = db.AddChannel(t.Context(), "home", p.ID, "Web address on 127.0.0.1", "webhook", s.address(t), store.NotifyChoices{Digest: notify.AtOnce})
		return err
	})
	out := h.says(0, "Anna  Web address on 127.0.0.1  none yet      0        works", "tell", "list")
	if strings.Contains(out, "topsecret") {
		t.Error(out)
	}
	h.says(0, "The message is sent: Web address on 127.0.0.1.", "tell", "test", fmt.Sprint(id))
	if len(s.got) != 1 || !strings.HasPrefix(s.got[0], "Ringfence: home|This is a test.") {
		t.Errorf("%q", s.got)
	}
	if out := h.says(0, "works", "tell"); strings.Contains(out, "none yet") {
		t.Error(out)
	}
	s.is("refuses")
	h.says(1, "Web address on 127.0.0.1 does not work: The web address has trouble of its own.", "tell", "test", fmt.Sprint(id))
	h.says(1, "for Ringfence itself", alerts.SendCommand)
	h.fill(func(db *store.Store) error {
		return db.ChannelFailed(t.Context(), id, time.Now(), time.Now().Add(time.Hour), "It does not answer.")
	})
	h.says(0, "It does not answer. Next try ", "tell", "list")
}
