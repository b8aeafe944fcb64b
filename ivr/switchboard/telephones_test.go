package switchboard

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
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
	var putOff atomic.Int32
	refused := sync.OnceFunc(func() { close(ended) }) // what was rung is also told to stop
	asterisk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/variable") {
			<-asked
			w.WriteHeader(http.StatusInternalServerError) // so that the ringing ends at once
			refused()
			return
		}
		if putOff.Add(1) == 1 { // which comes before the telephone rings
			w.WriteHeader(http.StatusNoContent)
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
		Outbound: func(string) OutboundRoute { return OutboundRoute{Trunk: "trunk", Number: "01614960000", Region: "GB"} },
	})
	caller := s.newLeg("1.1", callerGrace)
	if _, err := s.ring(t.Context(), ivr.RingSpec{Household: "home", Caller: caller, Carer: "+441614960999", CarerOnly: true, AtMost: time.Minute}); err == nil {
		t.Error("the telephone rang")
	}
	if !answered.Load() {
		t.Error("the ringing has ended while a request to put the deadline off was under way")
	}
}

// telephones are those of the home, and what becomes of each: a state other than "online", or the Q.850 cause with which it ends; 0: picked up.
func (a *fakeAsterisk) telephones(hall, bed any) {
	ends := map[string]int{}
	for name, what := range map[string]any{"hall": hall, "bed": bed} {
		state, cause := "online", 0
		switch what := what.(type) {
		case string:
			state = what
		case int:
			cause = what
		}
		a.answer("GET endpoints/PJSIP/"+name, fmt.Sprintf(`{"state":%q}`, state))
		ends["PJSIP/"+name] = cause
	}
	a.answerBy("POST channels", func(r request) string {
		id := r.with["channelId"].(string)
		if cause := ends[r.with["endpoint"].(string)]; cause != 0 {
			a.sends(fmt.Sprintf(`{"type":"ChannelDestroyed","cause":%d,"channel":{"id":%q}}`, cause, id))
		} else {
			a.sends(fmt.Sprintf(`{"type":"StasisStart","args":["phone"],"channel":{"id":%q,"name":"PJSIP/x"}}`, id))
		}
		return "{}"
	})
}

// Why nobody comes to the telephone decides what a caller hears. The causes are those to which Asterisk maps the answers of SIP telephones.
func TestWhyNobodyComesToTheTelephone(t *testing.T) {
	const busy, noAnswer, rejected, notFound = 17, 19, 21, 20
	for name, c := range map[string]struct {
		hall, bed any
		want      error
	}{
		"both are busy":                         {busy, busy, ivr.ErrBusy},
		"one is busy, the other rings":          {busy, noAnswer, ivr.ErrNoAnswer},
		"one rings, the other is busy":          {noAnswer, busy, ivr.ErrNoAnswer},
		"one is busy, the other not there":      {busy, "offline", ivr.ErrBusy},
		"one is busy, the other not reached":    {notFound, busy, ivr.ErrBusy},
		"a call is declined by hand":            {rejected, rejected, ivr.ErrNoAnswer},
		"nobody answers either":                 {noAnswer, 18, ivr.ErrNoAnswer},
		"Asterisk stops ringing":                {16, 102, ivr.ErrNoAnswer},
		"neither can be reached":                {notFound, 27, ivr.ErrUnreachable},
		"one is not there, nor the other found": {"offline", notFound, ivr.ErrUnreachable},
		"neither is there":                      {"offline", "offline", ivr.ErrOffline},
		"one is picked up":                      {busy, 0, nil},
		"one is picked up that is not known of": {"offline", 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			a := newFakeAsterisk(t)
			a.telephones(c.hall, c.bed)
			_, err := a.ring(t.Context(), ivr.RingSpec{Household: "home", Caller: a.leg("1.1", callerGrace), AtMost: time.Minute})
			if !errors.Is(err, c.want) || errors.Is(err, ivr.ErrOffline) != errors.Is(c.want, ivr.ErrOffline) {
				t.Errorf("%v, not %v", err, c.want)
			}
		})
	}
}

// A carer who cannot be reached says nothing about the telephones at home, which may be back in a moment.
func TestACarerWhoCannotBeReached(t *testing.T) {
	a := newFakeAsterisk(t)
	a.telephones("offline", "offline")
	a.answerBy("POST channels", func(r request) string {
		a.sends(fmt.Sprintf(`{"type":"ChannelDestroyed","cause":20,"channel":{"id":%q}}`, r.with["channelId"]))
		return "{}"
	})
	_, err := a.ring(t.Context(), ivr.RingSpec{Household: "home", Caller: a.leg("1.1", callerGrace), AtMost: time.Minute, Carer: "+441614960999"})
	if !errors.Is(err, ivr.ErrOffline) {
		t.Error(err)
	}
}

// By the time a telephone rings, Asterisk has been told when to take the caller back, whatever it was told before: not before the telephones at
// home have stopped, and soon where none of them rings.
func TestWhenTheCallerIsTakenBackWhileTelephonesRing(t *testing.T) {
	for name, c := range map[string]struct {
		before      time.Duration
		spec        ivr.RingSpec
		least, most int
	}{
		"at home":               {time.Second, ivr.RingSpec{AtMost: time.Minute}, 74, 75},
		"in the carer's home":   {time.Minute, ivr.RingSpec{AtMost: time.Minute, Carer: "+441614960999", CarerOnly: true}, 11, 11},
		"in both":               {time.Second, ivr.RingSpec{AtMost: time.Minute, Carer: "+441614960999"}, 74, 75},
		"at home for 20 s more": {time.Minute, ivr.RingSpec{AtMost: 20 * time.Second}, 34, 35},
	} {
		t.Run(name, func(t *testing.T) {
			a := newFakeAsterisk(t)
			caller := a.leg("1.1", callerGrace)
			if err := caller.Ring(t.Context(), c.before); err != nil {
				t.Fatal(err)
			}
			a.telephones(19, 19)
			a.answerBy("POST channels", func(r request) string {
				if got := a.deadline("1.1"); got < c.least || got > c.most {
					t.Errorf("a telephone rings, and the caller is taken back after %d s, not %d", got, c.most)
				}
				if err := caller.allow(t.Context(), time.Second); err != nil {
					t.Error(err)
				}
				a.sends(fmt.Sprintf(`{"type":"ChannelDestroyed","cause":19,"channel":{"id":%q}}`, r.with["channelId"]))
				return "{}"
			})
			c.spec.Household, c.spec.Caller = "home", caller
			before, began := len(a.asked("POST channels/1.1/variable")), time.Now()
			if _, err := a.ring(t.Context(), c.spec); err == nil {
				t.Error("somebody has picked up")
			}
			rung := len(a.asked("POST channels"))
			if rung == 0 {
				t.Error("no telephone has rung")
			}
			// Once before the telephones ring, and once for each that rang, above; then once in each renewEvery.
			if told, most := len(a.asked("POST channels/1.1/variable"))-before, 1+rung+int(time.Since(began)/renewEvery); told > most {
				t.Errorf("Asterisk was told %d times when to take the caller back, and %d are enough", told, most)
			}
		})
	}
}

// Where no telephone is there at the first try, a deadline that is set before the next one comes after it as well. Once one is picked up, it does not.
func TestDeadlinesBetweenTwoTries(t *testing.T) {
	a := newFakeAsterisk(t)
	caller := a.leg("1.1", callerGrace)
	spec := ivr.RingSpec{Household: "home", Caller: caller, AtMost: time.Minute}
	then := func(least, most int) {
		t.Helper()
		if err := caller.Play(t.Context(), ivr.Sound{Media: "sound:tune", Length: time.Second}); err != nil {
			t.Error(err)
		}
		if got := a.deadline("1.1"); got < least || got > most {
			t.Errorf("the caller is taken back after %d s, not %d", got, most)
		}
	}
	a.telephones("offline", "offline")
	if _, err := a.ring(t.Context(), spec); !errors.Is(err, ivr.ErrOffline) {
		t.Error(err)
	}
	then(60, 75)
	a.telephones(0, 0)
	if _, err := a.Ring(t.Context(), spec); err != nil {
		t.Error(err)
	}
	then(9, 9)
}

// How often a telephone that is away is looked for decides how long a caller waits for nothing. For a test call, without a caller, it is once; and one
// that was there and did not answer is not rung again.
func TestHowOftenATelephoneThatIsAwayIsLookedFor(t *testing.T) {
	for what, c := range map[string]struct {
		hall       any
		withCaller bool
		times      int
	}{
		"away":                   {"offline", true, 4},
		"away, without a caller": {"offline", false, 1},
		"it did not answer":      {19, true, 1},
	} {
		a := newFakeAsterisk(t)
		a.lookAgainAfter = 0
		a.telephones(c.hall, "offline")
		spec := ivr.RingSpec{Household: "home", AtMost: time.Minute}
		if c.withCaller {
			spec.Caller = a.leg("1.1", callerGrace)
		}
		if _, err := a.Ring(t.Context(), spec); err == nil {
			t.Errorf("%s: it was picked up", what)
		}
		if n := len(a.asked("GET endpoints/PJSIP/hall")); n != c.times {
			t.Errorf("%s: it was looked for %d times, not %d", what, n, c.times)
		}
	}
}

// A telephone shows who is calling, and connects its caller by itself if this program has gone. What a caller calls themselves cannot add
// anything to that.
func TestHowATelephoneIsRung(t *testing.T) {
	a := newFakeAsterisk(t)
	a.telephones(0, "offline")
	spec := ivr.RingSpec{Household: "home", Caller: a.leg("1.1", callerGrace), AtMost: time.Minute, ShowName: "Ann\" <999> \\\n", ShowNumber: "020 7946 0999"}
	if _, err := a.ring(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	rung := a.asked("POST channels")
	if len(rung) != 1 {
		t.Fatalf("%d telephones were rung", len(rung))
	}
	for what, want := range map[string]any{
		"channelId": "rf-1.1-hall", "endpoint": "PJSIP/hall", "callerId": `"Ann 999 " <02079460999>`, "context": "picked-up", "timeout": 60.0,
	} {
		if got := rung[0][what]; got != want {
			t.Errorf("%s is %v, not %v", what, got, want)
		}
	}
	if with := rung[0]["variables"].(map[string]any); len(with) != 2 || with["RF_CALLER"] != "PJSIP/1.1" || with["RF_HOUSE"] != "home" {
		t.Errorf("the dialplan is told %v", with)
	}
}

// A carer's telephone is at the far side of a trunk, which has no language and no household.
func TestHowACarersTelephoneIsRung(t *testing.T) {
	a := newFakeAsterisk(t)
	spec := ivr.RingSpec{Household: "home", Caller: a.leg("1.1", callerGrace), AtMost: time.Minute, Carer: "+442079460333", CarerOnly: true}
	rung := make(chan struct{})
	go func() { defer close(rung); _, _ = a.ring(t.Context(), spec) }()
	for len(a.asked("POST channels")) == 0 {
		time.Sleep(time.Millisecond) // it is on its way
	}
	a.sends(`{"type":"ChannelDestroyed","channel":{"id":"rf-1.1-trunk"},"cause":19}`)
	<-rung
	if with := a.asked("POST channels")[0]["variables"].(map[string]any); with["RF_LANGUAGE"] != "en-GB" || with["RF_HOUSE"] != "home" {
		t.Errorf("the dialplan is told %v", with)
	}
}

// Of two telephones that are picked up, the first has the call; the other is let go.
func TestTheFirstThatIsPickedUpHasTheCall(t *testing.T) {
	a := newFakeAsterisk(t)
	a.telephones(0, 0)
	picked, err := a.ring(t.Context(), ivr.RingSpec{Household: "home", Caller: a.leg("1.1", callerGrace), AtMost: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	a.follows.Wait()
	went := []string{a.wentTo("rf-1.1-hall"), a.wentTo("rf-1.1-bed")}
	stopped := len(a.asked("DELETE channels/rf-1.1-hall")) + len(a.asked("DELETE channels/rf-1.1-bed"))
	if slices.Sort(went); went[0] != "" || (went[1] != "hang-up") == (stopped == 0) || !picked.(*leg).here() {
		t.Errorf("they went to %q, and %d stopped ringing", went, stopped)
	}
}

// A telephone that answers with a 302 sends no call anywhere: whoever has its password could have premium numbers rung.
func TestATelephoneForwardsNoCall(t *testing.T) {
	a := newFakeAsterisk(t)
	a.sends(`{"type":"Dial","forwarded":{"id":"9.9"}}`)
	a.sends(`{"type":"Dial"}`) // as of every call
	a.follows.Wait()
	if n := len(a.asked("DELETE channels/9.9")); n != 1 {
		t.Errorf("the call that it makes is ended %d times", n)
	}
}
