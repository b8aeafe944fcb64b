package main_test

import (
	"strings"
	"testing"
	"time"

	"ringfence/demo/testbed"
	"ringfence/softphone"
	"ringfence/softphone/recognise"
)

// The first rule: if the application is not there, the telephone rings.

func TestWithoutTheApplicationEveryCallRings(t *testing.T) {
	h := openHouse(t)
	h.run("block", "add", scammer)
	h.kill()
	out := h.dials(scammer)
	in := h.picksUp(h.hall)
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)

	h.hall.Refuse(486)
	out = h.dials(neighbour)
	h.hears(out, "busy")
	h.ended(out)
	h.hall.Refuse(0)

	// Every call is in the log, also these.
	h.must(h.Serve(h.ctx))
	for {
		calls := h.calls()
		if len(calls) == 2 && calls[0].Outcome != "" && calls[1].Outcome != "" {
			if calls[1].Outcome != "talked" || calls[0].Outcome != "busy" || calls[1].Reasons[0].Code != "no-application" || calls[1].Number != "+442079460666" {
				t.Errorf("the log says %+v", calls)
			}
			return
		}
		if h.ctx.Err() != nil {
			t.Fatalf("the log says %+v", calls)
		}
		time.Sleep(50 * time.Millisecond) // handed over one after another
	}
}

// A caller of whom the application learns too late rings when the dialplan's patience is over, and is in the log with the reason once it is back.
func TestACallDuringABlackHole(t *testing.T) {
	h := wired(t)
	h.run("block", "add", scammer)
	h.BlackHole()
	dialled := time.Now()
	out := h.dials(scammer)
	in := h.rings(h.hall)
	h.within(deadline(0), dialled, time.Now(), "the telephone's ringing")
	h.must(in.Answer(h.ctx))
	h.talk(out, in)
	h.hangsUp(in)
	h.ended(out)
	h.Carry()
	for {
		calls := h.calls()
		if len(calls) == 1 && calls[0].Ended != nil {
			c := calls[0]
			if c.Outcome != "talked" || c.Number != "+442079460666" || c.Reasons[0].Code != "no-application" || !strings.Contains(c.Reasons[0].Text, "did not answer in time") {
				t.Errorf("the log says %+v", c)
			}
			break
		}
		if h.ctx.Err() != nil {
			t.Fatalf("the log says %+v", calls)
		}
		time.Sleep(50 * time.Millisecond) // handed over once the application is back
	}
	out = h.dials(scammer) // and is back to work
	h.ended(out)
	h.lastCall("turn-away", "turned-away")
	if calls := h.calls(); len(calls) != 2 {
		t.Errorf("the log says %+v", calls)
	}
	h.neverRang(h.hall)
}

// faults are what can become of the application while it holds a call.
var faults = []fault{
	{"killed", func(h *house) { h.kill() }, deadline},
	{"frozen", func(h *house) { h.must(h.Freeze()) }, deadline},
	{"killed and restarted", func(h *house) {
		h.kill()
		h.must(h.Serve(h.ctx))
	}, atOnce},
	{"cut off", func(h *house) { h.Cut() }, atOnce},
}

type fault struct {
	name string
	do   func(h *house)
	// within is how soon the household is rung, or connected, at the latest after the fault in a state whose step may take
	// step. Twenty seconds past the step is what a frozen or dead application costs at most; three seconds after the
	// return of one that is restarted.
	within func(step time.Duration) time.Duration
}

// happens makes it happen, and returns when it had: one that is restarted has returned then.
func (f fault) happens(h *house) time.Time {
	f.do(h)
	return time.Now()
}

func deadline(step time.Duration) time.Duration { return step + 20*time.Second }
func atOnce(time.Duration) time.Duration        { return 3 * time.Second }

// wired is a testbed whose application can be cut off, and whose faults Asterisk notices.
func wired(t *testing.T) *house {
	h := openLongHouse(t, func(o *testbed.Options) { o.Wire = true })
	h.killed = true
	return h
}

// ringsAndTalks checks that the dialplan has the caller back in time and says so, never leaving them in silence, that
// it then rings the household directly, and that the two hear each other.
func (h *house) ringsAndTalks(out *softphone.Call, fault time.Time, limit time.Duration) {
	h.Helper()
	trouble, err := out.Hears(h.ctx, "trouble")
	h.must(err)
	h.within(limit, fault, out.WhenHeard(trouble), "going back to the dialplan")
	in := h.rings(h.hall)
	h.within(limit+5*time.Second, fault, time.Now(), "the household's being rung") // the words take 3.4 s
	h.must(in.Answer(h.ctx))
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	h.neverInSilence(out, in)
}

func TestFaultWhileACallerIsAsked(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			h := wired(t)
			out := h.dials(neighbour)
			h.beginsToHear(out, "ask-name")
			fault := f.happens(h)
			h.ringsAndTalks(out, fault, f.within(9*time.Second))
		})
	}
}

func TestFaultWhileACallerIsRecorded(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			h := wired(t)
			out := h.dials(neighbour)
			h.hears(out, "ask-name", "beep")
			fault := f.happens(h)
			h.ringsAndTalks(out, fault, f.within(10*time.Second))
			if h.Failed() {
				return
			}
			// What the caller had said leaves Asterisk, with the next application at the latest.
			if f.name == "killed" {
				h.must(h.Serve(h.ctx))
			}
			if f.name == "frozen" {
				h.must(h.Thaw())
			}
		})
	}
}

// While the household's telephones ring for a caller who is held, they go on ringing; whoever picks up is connected.
func TestFaultWhileACallerIsHeld(t *testing.T) {
	t.Parallel()
	for _, f := range faults[:2] {
		t.Run(f.name, func(t *testing.T) {
			h := wired(t)
			out := h.dials(neighbour)
			h.statesName(out, "neighbour")
			in := h.rings(h.hall)
			f.do(h)
			h.must(in.Answer(h.ctx))
			picked := time.Now()
			h.says(out, "daughter") // said into the void until they are connected
			h.talk(out, in)
			h.within(25*time.Second, picked, time.Now(), "being connected")
			h.hangsUp(out)
			h.ended(in)
			h.neverInSilence(out, in)
			h.comeBack(f.name)
		})
	}
	for _, f := range faults[2:] {
		t.Run(f.name, func(t *testing.T) {
			h := wired(t)
			out := h.dials(neighbour)
			h.statesName(out, "neighbour")
			first := h.rings(h.hall)
			fault := f.happens(h)
			h.ended(first) // the new application rings again
			h.ringsAndTalks(out, fault, f.within(0))
		})
	}
}

// comeBack brings the application back, which then clears up what it had left.
func (h *house) comeBack(fault string) {
	h.Helper()
	switch fault {
	case "killed":
		h.must(h.Serve(h.ctx))
	case "frozen":
		h.must(h.Thaw())
	}
}

// A household that stands at the telephone is connected with the caller that it hears of.
func TestFaultWhileACallerIsAnnounced(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			h := wired(t)
			out, in := h.announced(neighbour, "neighbour")
			h.beginsToHear(in, "choices")
			fault := f.happens(h)
			h.within(f.within(30*time.Second), fault, h.theyTalk(out, in), "being connected")
			h.hangsUp(in)
			h.ended(out)
			h.neverInSilence(out, in)
			h.comeBack(f.name)
		})
	}
}

// theyTalk lets the caller speak until the household hears it, and returns when it did so first.
func (h *house) theyTalk(out, in *softphone.Call) time.Time {
	h.Helper()
	heard := make(chan struct{})
	var first recognise.Heard
	var fault error
	go func() {
		defer close(heard)
		first, fault = in.Hears(h.ctx, "hello")
	}()
	for {
		h.must(out.Say(h.ctx, h.voice("hello")))
		select {
		case <-heard:
			h.must(fault)
			return in.WhenHeard(first)
		default:
		}
	}
}

func TestTwoPeopleWhoTalkKeepTalking(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			h := wired(t)
			h.run("contact", "add", "Daughter", daughter)
			out := h.dials("02079460001")
			in := h.picksUp(h.hall)
			h.talk(out, in)
			f.do(h)
			h.talk(out, in)
			h.comeBack(f.name)
			h.talk(out, in)
			h.hangsUp(in) // and hanging up still ends both sides
			h.ended(out)
			h.lastCallEnds()
		})
	}
}

// A carer's telephone that rings elsewhere does not keep the house from ringing. Whoever picks it up then hears that the caller has gone.
func TestFaultWhileACarersTelephoneRings(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			h := wired(t)
			network := h.network()
			h.run("option", "carer-number", "01632 960333")
			h.run("option", "carer-when", "always")
			out := h.dials(neighbour)
			h.statesName(out, "neighbour")
			carer, err := network.Rings(h.ctx)
			h.must(err)
			fault := f.happens(h)
			h.ringsAndTalks(out, fault, f.within(0))
			if f.name == "killed" {
				h.must(carer.Answer(h.ctx))
				h.hears(carer, "caller-gone")
			}
			h.comeBack(f.name) // whose carer's telephone stops then
			h.ended(carer)
			h.neverInSilence(out)
		})
	}
}

// neverInSilence checks that somebody was answered within 20 s whenever they had stopped speaking.
func (h *house) neverInSilence(calls ...*softphone.Call) {
	h.Helper()
	for _, c := range calls {
		silence := c.LongestSilence()
		h.Logf("the longest silence of %s: %.1f s", c, silence.Length.Seconds())
		if silence.Length > 20*time.Second {
			h.Errorf("%s was in silence for %s from %s on; heard: %s", c, silence.Length, silence.At, c.Transcript())
		}
	}
}

// lastCallEnds waits until the newest call has its end in the log.
func (h *house) lastCallEnds() {
	h.Helper()
	for h.ctx.Err() == nil {
		if calls := h.calls(); len(calls) > 0 && calls[0].Ended != nil {
			return
		}
		time.Sleep(50 * time.Millisecond) // written when the application learns of it
	}
	h.Error("the call has no end in the log")
}

// The household of an application that is stopped as systemd does it loses nothing: the call goes on at once.
func TestStoppedInTheMiddleOfAQuestion(t *testing.T) {
	h := openHouse(t)
	out := h.dials(neighbour)
	h.beginsToHear(out, "ask-name")
	stopped := time.Now()
	h.Stop()
	h.ringsAndTalks(out, stopped, 3*time.Second)
}

// A database that cannot be written must not cost a call.
func TestBrokenDatabaseRings(t *testing.T) {
	h := openHouse(t)
	h.breakDatabase()
	out := h.dials(scammer)
	in := h.picksUp(h.hall)
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
}
