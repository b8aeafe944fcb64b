package switchboard

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"ringfence/ivr"
)

// quietDesk takes calls and does nothing with them.
type quietDesk struct {
	Desk
	mu       sync.Mutex
	orphaned []string
	handled  chan string
}

func (d *quietDesk) Handle(ctx context.Context, a ivr.Arrival) error {
	d.handled <- a.Channel
	<-ctx.Done()
	return nil
}
func (d *quietDesk) Orphaned(_ context.Context, channel string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.orphaned = append(d.orphaned, channel)
	return nil
}
func (d *quietDesk) Open(context.Context) ([]string, error)            { return nil, nil }
func (d *quietDesk) Waiting(context.Context, string) (int, int, error) { return 0, 0, nil }
func (d *quietDesk) Guarded(context.Context, string) (bool, error)     { return false, nil }
func (d *quietDesk) Rang(context.Context, ivr.Rang) error              { return nil }
func (d *quietDesk) Over(context.Context, string) error                { return nil }
func (d *quietDesk) Said(context.Context, string, ivr.Recording) error { return nil }

// aBusyAsterisk lists two channels at once as the application's: "old", which came before it connected, and "new", of which it tells
// only after it was asked for the list.
type aBusyAsterisk struct {
	listed    chan struct{} // closed when the list was given
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
	case strings.HasSuffix(path, "/continue"):
		b.continued <- strings.Split(path, "/")[3]
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet:
		_, _ = io.WriteString(w, "[]")
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// events tells of the new channel once it is listed, and takes no requests, as an older Asterisk does.
func (b *aBusyAsterisk) events(w http.ResponseWriter, r *http.Request) {
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = ws.CloseNow() }() // the test is over
	ctx, gone := context.WithCancel(r.Context())
	go func() {
		defer gone()
		for {
			if _, _, err := ws.Read(ctx); err != nil {
				return
			}
		}
	}()
	select {
	case <-b.listed:
	case <-ctx.Done():
		return
	}
	event := `{"type":"StasisStart","args":["incoming","home"],"channel":{"id":"new","name":"PJSIP/trunk-1","caller":{"number":"+441614960666"}}}`
	_ = ws.Write(ctx, websocket.MessageText, []byte(event)) // else the test sees no call
	<-ctx.Done()
}

// A call that arrives at the moment of connecting is listed with those that were left over. It is none of them: it is screened as any
// other, and not given away to the telephones under the script that has it.
func TestANewCallIsNotTakenForOneLeftOver(t *testing.T) {
	asterisk := &aBusyAsterisk{listed: make(chan struct{}), continued: make(chan string, 8)}
	server := httptest.NewServer(asterisk)
	defer server.Close()
	desk := &quietDesk{handled: make(chan string, 8)}
	s := New(Options{Address: strings.TrimPrefix(server.URL, "http://"), App: "ringfence", Log: slog.New(slog.DiscardHandler)})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx, desk) }()
	if got := <-desk.handled; got != "new" {
		t.Fatalf("%q is screened", got)
	}
	if got := <-asterisk.continued; got != "old" {
		t.Errorf("%q is given back first", got)
	}
	s.mu.Lock()
	if !s.came["new"] || s.came["old"] {
		t.Error(fmt.Sprint("came: ", s.came))
	}
	s.mu.Unlock()
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	desk.mu.Lock()
	defer desk.mu.Unlock()
	if len(desk.orphaned) == 0 || desk.orphaned[0] != "old" {
		t.Errorf("left over: %v", desk.orphaned)
	}
}
