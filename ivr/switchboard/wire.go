package switchboard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/coder/websocket"

	"ringfence/ivr"
)

// wire is the websocket of one connection. It brings events; Asterisk 20.14, 21.9, 22.4 and newer also take requests on it
// (docs.asterisk.org, "ARI REST over WebSocket"). What every call needs goes that way, because an HTTP request costs both sides
// more than the rest of turning a call away. An older Asterisk ignores requests here, so they go by HTTP until one has been answered.
type wire struct {
	ws            *websocket.Conn
	takesRequests atomic.Bool
	closed        chan struct{}

	mu      sync.Mutex
	last    int
	waiting map[string]chan int // HTTP status codes, by the request's id
}

func newWire(ws *websocket.Conn) *wire {
	return &wire{ws: ws, closed: make(chan struct{}), waiting: map[string]chan int{}}
}

// event has the fields that are read of ARI's events and answers, in one pass. The library's types take several passes, which was
// a sixth of this program's work for a call that is turned away.
type event struct {
	Type    string   `json:"type"`
	Args    []string `json:"args"`
	Channel struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		CallID string `json:"protocol_id"`
		Caller struct {
			Name   string `json:"name"`
			Number string `json:"number"`
		} `json:"caller"`
	} `json:"channel"`
	Cause    int    `json:"cause"` // Q.850
	Digit    string `json:"digit"`
	Playback struct {
		Target string `json:"target_uri"`
	} `json:"playback"`
	Recording struct {
		Target string `json:"target_uri"`
	} `json:"recording"`
	Forwarded struct {
		ID string `json:"id"`
	} `json:"forwarded"` // of the event Dial: the channel made by a 302
	Request string `json:"request_id"`
	Status  int    `json:"status_code"`
}

// dedup finds events that come a second time. Asterisk sends every event twice, identical down to its time in milliseconds, when
// both the channel and its endpoint are subscribed to; a key pressed once must not count as two.
type dedup struct {
	last [8][]byte
	next int
}

func (t *dedup) isRepeated(message []byte) bool {
	for _, m := range t.last {
		if bytes.Equal(m, message) {
			return true
		}
	}
	t.last[t.next] = message
	t.next = (t.next + 1) % len(t.last)
	return false
}

// restRequest is a request on the wire.
type restRequest struct {
	Type    string `json:"type"`
	Request string `json:"request_id"`
	Method  string `json:"method"`
	URI     string `json:"uri"`
}

// greet finds out whether this Asterisk takes requests here; its answer, if there is one, sets takesRequests.
func (w *wire) greet(ctx context.Context) error {
	return w.send(ctx, restRequest{"RESTRequest", "greeting", http.MethodGet, "asterisk/ping"})
}

func (w *wire) send(ctx context.Context, r restRequest) error {
	message, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	// Once it is being written, the caller's hanging up must not interrupt it: the library closes a connection on which half a message
	// stands (coder/websocket, setupWriteTimeout), and with it every call's. What holds a write up for long is found by ping.
	return w.ws.Write(context.WithoutCancel(ctx), websocket.MessageText, message)
}

// post sends a request and waits for its answer. Its errors are those of meaning.
func (w *wire) post(ctx context.Context, uri string) error {
	return w.ask(ctx, http.MethodPost, uri)
}

// ask is post with any method. Only the status of the answer is read.
func (w *wire) ask(ctx context.Context, method, uri string) error {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	answer := make(chan int, 1)
	w.mu.Lock()
	w.last++
	id := strconv.Itoa(w.last)
	w.waiting[id] = answer
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.waiting, id)
	}()
	if err := w.send(ctx, restRequest{"RESTRequest", id, method, uri}); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-w.closed:
		return ivr.ErrLost
	case status := <-answer:
		return refusal(status, method, uri)
	}
}

// onAnswer takes an answer from the wire.
func (w *wire) onAnswer(e *event) {
	w.takesRequests.Store(true)
	w.mu.Lock()
	answer := w.waiting[e.Request]
	w.mu.Unlock()
	if answer != nil {
		answer <- e.Status // never blocks: each request gets one answer
	}
}

// goOn continues a channel in the dialplan: at an extension, or, with "", after the Stasis() that brought it here.
func (s *Switchboard) goOn(ctx context.Context, channel, where, extension string, priority int) error {
	w := s.wire.Load()
	if w == nil || !w.usable() {
		return within(ctx, func() error { return s.ari.Channel().Continue(channelKey(channel), where, extension, priority) })
	}
	uri := "channels/" + url.PathEscape(channel) + "/continue"
	if where != "" {
		uri += "?" + url.Values{"context": {where}, "extension": {extension}, "priority": {strconv.Itoa(priority)}}.Encode()
	}
	err := w.post(ctx, uri)
	if err != nil && ctx.Err() != nil && !errors.Is(err, ivr.ErrGone) {
		return context.Cause(ctx)
	}
	return err
}

// usable says whether requests can go this way.
func (w *wire) usable() bool {
	select {
	case <-w.closed:
		return false
	default:
		return w.takesRequests.Load()
	}
}
