package main_test

import (
	"testing"
	"time"

	"ringfence/softphone"
)

func TestSilentCallerIsAskedOnceMoreAndLetGo(t *testing.T) {
	h := openHouse(t, raced)
	out := h.dialsAs(softphone.CallerID{Number: "anonymous", Host: "anonymous.invalid"})
	h.hears(out, "ask-name", "beep", "ask-name-again", "beep", "no-name")
	h.ended(out)
	h.neverRang(h.hall)
	if c := h.lastCall("screen", "no-name"); len(c.Recordings) != 0 || c.Presentation != "withheld" {
		t.Errorf("the log says %+v", c)
	}
}

// Silence that the network has held up and that then comes all at once ends a recording before its time. The caller is silent nevertheless:
// nothing was wrong with the recording.
func TestSilenceThatComesAllAtOnce(t *testing.T) {
	h := openHouse(t)
	out := h.dials(neighbour)
	asked, err := out.Hears(h.ctx, "ask-name")
	h.must(err)
	// From before the recording begins until it is under way: no longer than the product allows for, whenever it begins.
	time.Sleep(time.Until(out.WhenHeard(asked).Add(asked.Of - 100*time.Millisecond)))
	out.HoldUp(900 * time.Millisecond)
	h.hears(out, "beep", "ask-name-again", "beep", "no-name")
	h.ended(out)
	h.neverRang(h.hall)
	h.lastCall("screen", "no-name")
}

func TestSilentAtFirstThenSpeaks(t *testing.T) {
	h := openHouse(t)
	out := h.dials(neighbour)
	h.hears(out, "ask-name", "beep", "ask-name-again", "beep")
	h.says(out, "mumbler") // "Er." is somebody
	in := h.picksUp(h.hall)
	h.hears(in, "call-from", "mumbler")
	h.hangsUp(out)
	h.hears(in, "caller-gone")
	h.ended(in)
}

func TestHashEndsTheRecording(t *testing.T) {
	h := openHouse(t)
	out := h.dials(neighbour)
	h.hears(out, "ask-name", "beep")
	go func() { _ = out.Say(h.ctx, h.voice("long-winded")) }() // cut short by the key
	time.Sleep(3 * time.Second)                                // speaks for three seconds; nothing is waited for
	h.presses(out, "#")
	h.hears(out, "please-hold")
	h.hangsUp(out)
	c := h.lastCall("screen", "caller-gone")
	if len(c.Recordings) != 1 || c.Recordings[0].Seconds > 9 { // at ten it would have been cut without the key
		t.Errorf("the recording went on: %+v", c.Recordings)
	}
}

func TestLongWindedCallerIsCutAtTenSeconds(t *testing.T) {
	h := openHouse(t)
	h.run("option", "human-check", "off") // or they would be asked for a key
	out := h.dials(neighbour)
	h.hears(out, "ask-name")
	go func() { _ = out.Say(h.ctx, h.voice("long-winded")) }() // 18 s, before the tone already: silence is trimmed
	h.hears(out, "beep", "please-hold")
	in := h.picksUp(h.hall)
	h.hears(in, "call-from", "long-winded")
	h.hangsUp(out)
	h.hears(in, "caller-gone")
	c := h.lastCall("screen", "caller-gone")
	if len(c.Recordings) != 1 || c.Recordings[0].Seconds < 9 || c.Recordings[0].Seconds > 11.3 { // and what shows whether they had ended
		t.Errorf("the recording is %+v", c.Recordings)
	}
}
