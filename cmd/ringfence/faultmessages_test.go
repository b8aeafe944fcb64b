package main_test

import (
	"testing"

	"ringfence/cmd/faults/figures"
)

// A message that is being left is left to its end, whatever happens to the application; the next one finds it, and says so.
func TestFaultWhileAMessageIsLeft(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			h := wired(t)
			h.run("mode", "known-only")
			out := h.dials(neighbour)
			h.hears(out, "leave-message", "beep")
			spoken := make(chan error, 1)
			go func() { spoken <- out.Say(h.ctx, h.voice("leaves-message")) }()
			f.do(h)
			h.must(<-spoken)
			h.hears(out, "message-kept")
			h.ended(out)
			h.neverInSilence(out)
			h.comeBack(f.name)
			h.notice("message-left")
			h.must(h.hall.Lamp(h.ctx, 1, 0))
			if c := h.lastCall("message", "message-left"); len(c.Recordings) != 1 || c.Recordings[0].Kind != "message" || c.Recordings[0].Seconds < 0.9*h.voice("leaves-message").Length().Seconds() {
				t.Errorf("of the message was kept: %+v", c.Recordings)
			}
			h.neverRang(h.hall)
		})
	}
}

// Half a message of somebody who hangs up while the application is dead is a message.
func TestHalfAMessageWithTheApplicationDead(t *testing.T) {
	h := openLongHouse(t)
	h.run("mode", "known-only")
	out := h.dials(neighbour)
	h.hears(out, "leave-message", "beep")
	h.kill()
	h.says(out, "hello")
	h.hangsUp(out)
	h.must(h.Serve(h.ctx))
	h.notice("message-left")
	h.must(h.hall.Lamp(h.ctx, 1, 0))
	said := h.voice("hello").Length().Seconds()
	c := h.lastCall("message", "message-left")
	if len(c.Recordings) != 1 || c.Recordings[0].Kind != "message" || c.Recordings[0].Seconds < 0.9*said {
		t.Fatalf("of %.1f seconds was kept: %+v", said, c.Recordings)
	}
	figures.Note(t, "what a caller said in %.1f seconds is kept in a message of %.1f seconds", said, c.Recordings[0].Seconds)
}

// The household hears that its own words are lost.
func TestFaultWhileAGreetingIsRecorded(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			h := wired(t)
			in := h.dialsOut(h.hall, "*37")
			h.hears(in, "greeting-choices")
			h.presses(in, "2")
			h.hears(in, "record-greeting", "beep")
			spoken := make(chan struct{})
			go func() {
				defer close(spoken)
				_ = in.Say(h.ctx, h.voice("own-greeting")) // until the call ends, which may be sooner than the words
			}()
			f.do(h)
			h.hears(in, "not-running")
			h.ended(in)
			<-spoken
			h.neverInSilence(in)
			h.comeBack(f.name)
		})
	}
}
