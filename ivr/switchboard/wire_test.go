package switchboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"ringfence/ivr"
)

// asteriskOf is the other end of a wire: it answers requests with a status by their address, those to "silent" never, and
// hangs up on "lost". One that is old does not know requests.
func asteriskOf(t *testing.T, old bool) *wire {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = ws.CloseNow() }() // the test is over
		for {
			_, message, err := ws.Read(r.Context())
			var asked restRequest
			if err != nil || json.Unmarshal(message, &asked) != nil || strings.HasSuffix(asked.URI, "lost") {
				return
			}
			status := 204
			switch {
			case old, strings.HasSuffix(asked.URI, "silent"):
				continue
			case strings.HasSuffix(asked.URI, "gone"):
				status = 404
			case strings.HasSuffix(asked.URI, "left"):
				status = 409
			case strings.HasSuffix(asked.URI, "broken"):
				status = 500
			}
			answer := fmt.Sprintf(`{"type":"RESTResponse","request_id":%q,"status_code":%d}`, asked.Request, status)
			if ws.Write(r.Context(), websocket.MessageText, []byte(answer)) != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	ws, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	w := newWire(ws)
	go func() {
		defer close(w.closed)
		for {
			_, message, err := ws.Read(context.Background())
			if err != nil {
				return
			}
			var e event
			if json.Unmarshal(message, &e) == nil && e.Type == "RESTResponse" {
				w.onAnswer(&e)
			}
		}
	}()
	if err := w.greet(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// Requests on the wire end as those by HTTP do, and never hang.
func TestRequestsOnTheWire(t *testing.T) {
	w := asteriskOf(t, false)
	for uri, want := range map[string]error{"channels/1/continue": nil, "channels/gone": ivr.ErrGone, "channels/left": ivr.ErrGone} {
		if err := w.post(t.Context(), uri); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%s: %v", uri, err)
		}
	}
	if err := w.post(t.Context(), "channels/broken"); err == nil || errors.Is(err, ivr.ErrGone) {
		t.Errorf("a fault of Asterisk's: %v", err)
	}
	if !w.usable() {
		t.Error("an Asterisk that has answered does not take requests")
	}
	ctx, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	if err := w.post(ctx, "channels/silent"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no answer: %v", err)
	}
	if err := w.post(t.Context(), "channels/lost"); !errors.Is(err, ivr.ErrLost) {
		t.Errorf("the connection was lost: %v", err)
	}
	if w.usable() {
		t.Error("a lost connection takes requests")
	}
	if len(w.waiting) != 0 {
		t.Errorf("%d requests are still waited for", len(w.waiting))
	}
}

// slowConn holds back what is written from the moment at which it is told to.
type slowConn struct {
	net.Conn
	slow    *atomic.Bool
	begun   chan struct{} // gets a value for each write that is held back
	release chan struct{}
	closed  chan struct{}
}

func (c slowConn) Close() error {
	select {
	case c.closed <- struct{}{}:
	default: // nobody minds any more
	}
	return c.Conn.Close()
}

func (c slowConn) Write(b []byte) (int, error) {
	if c.slow.Load() {
		c.begun <- struct{}{}
		<-c.release
	}
	return c.Conn.Write(b)
}

// A request whose call ends while it is being written takes no other call's connection with it.
func TestACallThatEndsDuringItsRequest(t *testing.T) {
	came := make(chan string, 3)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = ws.CloseNow() }() // the test is over
		for {
			_, message, err := ws.Read(r.Context())
			var asked restRequest
			if err != nil || json.Unmarshal(message, &asked) != nil {
				close(came)
				return
			}
			came <- asked.URI
		}
	}))
	t.Cleanup(server.Close)
	slow := slowConn{slow: &atomic.Bool{}, begun: make(chan struct{}), release: make(chan struct{}), closed: make(chan struct{}, 1)}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		slow.Conn = c
		return slow, err
	}
	ws, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: dial}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	w := newWire(ws)
	ctx, hangUp := context.WithCancel(t.Context())
	slow.slow.Store(true)
	sent := make(chan error, 1)
	go func() { sent <- w.send(ctx, restRequest{Type: "RESTRequest", URI: "first"}) }()
	<-slow.begun
	hangUp()
	select {
	case <-slow.closed:
		t.Error("the connection was closed")
	case <-time.After(100 * time.Millisecond): // that it stays open has no event
	}
	slow.slow.Store(false)
	close(slow.release)
	if err := <-sent; err != nil {
		t.Errorf("what was begun was not sent: %v", err)
	}
	if err := w.send(t.Context(), restRequest{Type: "RESTRequest", URI: "next"}); err != nil {
		t.Errorf("the next one was not sent: %v", err)
	}
	if first, next := <-came, <-came; first != "first" || next != "next" {
		t.Errorf("%q and %q came", first, next)
	}
	if err := w.send(ctx, restRequest{Type: "RESTRequest", URI: "late"}); !errors.Is(err, context.Canceled) {
		t.Errorf("one of a call that has ended: %v", err)
	}
}

// An older Asterisk passes over requests on the wire, so none goes there.
func TestAnOlderAsteriskIsAskedByHTTP(t *testing.T) {
	if w := asteriskOf(t, true); w.usable() {
		t.Error("requests go to an Asterisk that does not know them")
	}
}

// An event that Asterisk tells twice counts once, and two that only look alike count twice.
func TestTwice(t *testing.T) {
	var events dedup
	key := func(ms int, channel string) []byte {
		return fmt.Appendf(nil, `{"type":"ChannelDtmfReceived","timestamp":"2026-11-24T10:00:00.%03d+0000","digit":"1","channel":{"id":%q}}`, ms, channel)
	}
	for i, c := range []struct {
		message []byte
		before  bool
	}{
		{key(1, "a"), false}, {key(1, "a"), true}, {key(1, "b"), false}, {key(2, "a"), false}, {key(1, "b"), true}, {key(2, "a"), true},
	} {
		if got := events.isRepeated(c.message); got != c.before {
			t.Errorf("%d: %s: %v", i, c.message, got)
		}
	}
	for ms := range 100 {
		if events.isRepeated(key(100+ms, "a")) {
			t.Errorf("%d was told once", ms)
		}
	}
}
