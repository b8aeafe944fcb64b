package switchboard

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ringfence/ivr"
)

// While a carer's telephone rings, the caller's deadline is put off again and again. When that telephone has rung to its end, no such
// request is under way any more: it would overtake the deadline of the caller's next step.
func TestPuttingOffEndsWithTheRinging(t *testing.T) {
	asked := make(chan struct{})
	ended := make(chan struct{})
	var answered atomic.Bool
	asterisk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/variable") {
			<-asked
			w.WriteHeader(http.StatusInternalServerError) // so that the ringing ends at once
			close(ended)
			return
		}
		close(asked)
		<-ended
		time.Sleep(100 * time.Millisecond) // Ring, which did not wait for the answer, would have returned by now
		answered.Store(true)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer asterisk.Close()
	s := New(Options{
		Address: strings.TrimPrefix(asterisk.URL, "http://"), App: "ringfence", Log: slog.New(slog.DiscardHandler),
		Line: func(string) Line { return Line{Trunk: "trunk", Number: "01614960000", Region: "GB"} },
	})
	caller := s.newLeg("1.1", callerGrace)
	if _, err := s.ring(t.Context(), ivr.RingSpec{Household: "home", Caller: caller, Carer: "+441614960999", CarerOnly: true, AtMost: time.Minute}); err == nil {
		t.Error("the telephone rang")
	}
	if !answered.Load() {
		t.Error("the ringing has ended while a request to put the deadline off was under way")
	}
}
