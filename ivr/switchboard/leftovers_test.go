package switchboard

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"ringfence/ivr"
)

// quietHandler takes calls and does nothing with them.
type quietHandler struct {
	Handler
	mu       sync.Mutex
	orphaned []string
	handled  chan string
}

func (d *quietHandler) Handle(ctx context.Context, a ivr.Arrival) error {
	d.handled <- a.Channel
	<-ctx.Done()
	return nil
}
func (d *quietHandler) OnOrphanedCall(channel string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.orphaned = append(d.orphaned, channel)
}
func (d *quietHandler) OpenChannels(context.Context) ([]string, error) { return nil, nil }
func (d *quietHandler) MessageCounts(context.Context) (map[string]ivr.MessageCount, error) {
	return nil, nil
}
func (d *quietHandler) DialGuards(context.Context) ([]string, error)                { return nil, nil }
func (d *quietHandler) OnRangUnscreened(context.Context, ivr.UnscreenedCall) error  { return nil }
func (d *quietHandler) OnCallGone(context.Context, string) error                    { return nil }
func (d *quietHandler) OnOrphanedName(context.Context, string, ivr.Recording) error { return nil }
func (d *quietHandler) OnOrphanedMessage(context.Context, string, string, ivr.Recording) error {
	return nil
}

// aBusyAsterisk lists two channels at once as the application's: "old", which came before it connected, and "new", of which it tells
// only after it was asked for the list.
type aBusyAsterisk struct {
	listed    chan struct{} // closed when the list was given
	swept     chan struct{} // and when what was left over has been given back: recordings come next
	once      sync.Once
	continued chan string
}

func (b *aBusyAsterisk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case path == "/ari/events":
		b.events(w, r)
	case r.Method == http.MethodGet && strings.HasPrefix(path, "/ari/applications/"):
		_, _ = io.WriteString(w, `{"name":"ringfence","channel_ids":["old","new"],"bridge_ids":[],"endpoint_ids":[],"device_names":[]}`)
		b.once.Do(func() { close(b.listed) })
	case path == "/ari/recordings/stored":
		b.swept <- struct{}{}
		_, _ = io.WriteString(w, "[]")
	case r.Method == http.MethodGet:
		_, _ = io.WriteString(w, "[]")
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// events answers requests, and tells of the new channel before the first answer that comes after the list.
func (b *aBusyAsterisk) events(w http.ResponseWriter, r *http.Request) {
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = ws.CloseNow() }() // the test is over
	told := false
	for {
		_, message, err := ws.Read(r.Context())
		var asked restRequest
		if err != nil || json.Unmarshal(message, &asked) != nil {
			return
		}
		if parts := strings.Split(asked.URI, "/"); parts[len(parts)-1] == "continue" {
			b.continued <- parts[1]
		}
		answers := []string{fmt.Sprintf(`{"type":"RESTResponse","request_id":%q,"status_code":204}`, asked.Request)}
		if b.wasListed() && !told {
			told = true
			answers = slices.Insert(answers, 0, `{"type":"StasisStart","args":["inbound","home"],"channel":{"id":"new","name":"PJSIP/trunk-1","caller":{"number":"+441614960666"}}}`)
		}
		for _, answer := range answers {
			if ws.Write(r.Context(), websocket.MessageText, []byte(answer)) != nil {
				return
			}
		}
	}
}

func (b *aBusyAsterisk) wasListed() bool {
	select {
	case <-b.listed:
		return true
	default:
		return false
	}
}

// A call that arrives at the moment of connecting is listed with those that were left over. It isn't one of them: it is screened like
// any other, and not given away to the telephones under the script that has it.
func TestANewCallIsNotTakenForOneLeftOver(t *testing.T) {
	asterisk := &aBusyAsterisk{listed: make(chan struct{}), swept: make(chan struct{}, 8), continued: make(chan string, 8)}
	server := httptest.NewServer(asterisk)
	defer server.Close()
	handler := &quietHandler{handled: make(chan string, 8)}
	s := New(Options{Address: strings.TrimPrefix(server.URL, "http://"), App: "ringfence", Log: slog.New(slog.DiscardHandler)})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx, handler) }()
	if got := <-handler.handled; got != "new" {
		t.Fatalf("%q is screened", got)
	}
	<-asterisk.swept
	if got := <-asterisk.continued; got != "old" || len(asterisk.continued) > 0 {
		t.Errorf("%q is given back, and %d more", got, len(asterisk.continued))
	}
	s.mu.Lock()
	if !s.inStasis["new"] || s.inStasis["old"] {
		t.Errorf("in Stasis: %v", s.inStasis)
	}
	s.mu.Unlock()
	handler.mu.Lock()
	if !slices.Equal(handler.orphaned, []string{"old"}) {
		t.Errorf("left over: %v", handler.orphaned)
	}
	handler.mu.Unlock()
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
}
