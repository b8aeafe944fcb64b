package switchboard

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"ringfence/ivr"
)

// fakeAsterisk answers a switchboard's requests as Asterisk does, and notes them in order. What Asterisk would send on the websocket, a test
// gives to sends. It shows what the switchboard asks for and what it concludes; what people hear is tested on a real Asterisk, in cmd/ringfence.
type fakeAsterisk struct {
	*Switchboard
	t           *testing.T
	handler     *fakeHandler
	endpointsOf map[string][]string

	mu       sync.Mutex
	answers  map[string]func(request) string // by method and path; all other requests are done, and answered with nothing
	requests []request
}

// request is one to ARI, such as "POST channels/1.1/continue" with its parameters.
type request struct {
	what string
	with map[string]any
}

// The answers for a channel or a recording that is not there any more, and for one whose events are asked for.
const (
	gone   = "404"
	noSuch = "422"
)

func newFakeAsterisk(t *testing.T) *fakeAsterisk {
	t.Helper()
	a := &fakeAsterisk{t: t, handler: &fakeHandler{}, answers: map[string]func(request) string{}}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.endpointsOf = map[string][]string{"home": {"hall", "bed"}}
	a.Switchboard = New(Options{
		Address: strings.TrimPrefix(server.URL, "http://"), App: "ringfence", Telephones: func() map[string][]string { return a.endpointsOf },
		Outbound: func(string) OutboundRoute {
			return OutboundRoute{Trunk: "trunk", Number: "01614960000", Region: "GB", Language: "en-GB"}
		}, Log: slog.New(slog.DiscardHandler),
	})
	a.wire.Store(newWire(nil)) // as of an Asterisk that takes no requests there
	t.Cleanup(a.follows.Wait)
	return a
}

func (a *fakeAsterisk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		a.t.Error(err)
	}
	asked := request{what: r.Method + " " + strings.TrimPrefix(r.URL.Path, "/ari/")}
	_ = json.Unmarshal(body, &asked.with) // most have no body
	a.mu.Lock()
	a.requests = append(a.requests, asked)
	how := a.answers[asked.what]
	a.mu.Unlock() // an answer asks and sends itself
	answer := "{}"
	if asked.what == "GET channels" || asked.what == "GET recordings/stored" {
		answer = "[]"
	}
	if how != nil {
		answer = how(asked)
	}
	if answer == gone {
		http.Error(w, `{"message":"not found"}`, http.StatusNotFound)
		return
	}
	if answer == noSuch {
		http.Error(w, `{"message":"Event source does not exist"}`, http.StatusUnprocessableEntity)
		return
	}
	_, _ = io.WriteString(w, answer) // the switchboard may have given up
}

// answer has requests answered with the same words each time.
func (a *fakeAsterisk) answer(what, with string) {
	a.answerBy(what, func(request) string { return with })
}

// answerBy has requests answered by a function from now on, also while the switchboard still asks by itself.
func (a *fakeAsterisk) answerBy(what string, how func(request) string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers[what] = how
}

// sends has the switchboard read an event.
func (a *fakeAsterisk) sends(text string) {
	var e event
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		a.t.Errorf("%s: %v", text, err)
	}
	if err := a.dispatch(a.t.Context(), a.wire.Load(), &e, contained{a.handler, a.log}); err != nil {
		a.t.Errorf("%s: %v", text, err)
	}
}

// asked are the parameters of requests, in the order in which they came.
func (a *fakeAsterisk) asked(what string) (with []map[string]any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.requests {
		if r.what == what {
			with = append(with, r.with)
		}
	}
	return with
}

// wentTo is where a channel went on in the dialplan: a context, "back" behind the Stasis() that brought it here, or "" where it is still here.
func (a *fakeAsterisk) wentTo(channel string) string {
	switch went := a.asked("POST channels/" + channel + "/continue"); {
	case len(went) == 0:
		return ""
	case len(went) > 1:
		a.t.Errorf("%s went on in the dialplan %d times", channel, len(went))
		return ""
	case went[0]["context"] == "":
		return "back"
	default:
		return went[0]["context"].(string)
	}
}

// fakeHandler notes what it is told of, and does what a test has chosen.
type fakeHandler struct {
	quietHandler
	handle func(ctx context.Context, a ivr.Arrival) error
	fault  error  // of all others
	goes   bool   // calls go out
	before func() // what happens before MayCallOut answers

	mu   sync.Mutex
	told []string
}

func (h *fakeHandler) note(what string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, what)
	return h.fault
}

func (h *fakeHandler) noted() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.told, ", ")
}

func (h *fakeHandler) Handle(ctx context.Context, a ivr.Arrival) error {
	_ = h.note("call " + a.Channel) // its fault is that of handle
	return h.handle(ctx, a)
}

func (h *fakeHandler) MayCallOut(_ context.Context, o ivr.OutgoingCall) (bool, error) {
	if h.before != nil {
		h.before()
	}
	return h.goes, h.note("dials " + o.Number)
}

func (h *fakeHandler) OnDialplanReport(_ context.Context, r ivr.DialplanReport) error {
	return h.note("report " + r.Key)
}

func (h *fakeHandler) OnRangUnscreened(_ context.Context, c ivr.UnscreenedCall) error {
	return h.note("rang " + c.Channel)
}

func (h *fakeHandler) OnOrphanedCall(channel string) { _ = h.note("orphan " + channel) } // it can't fail

func (h *fakeHandler) OnCallGone(_ context.Context, channel string) error {
	return h.note("gone " + channel)
}

func (h *fakeHandler) OnOrphanedMessage(_ context.Context, _, channel string, _ ivr.Recording) error {
	return h.note("message " + channel)
}
