package main_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"ringfence/softphone"
)

// announced brings an unknown caller to the announcement and returns both ends.
func (h *house) announced(number, voice string) (out, in *softphone.Call) {
	h.Helper()
	out = h.dials(number)
	h.statesName(out, voice)
	h.hears(out, "please-hold")
	in = h.picksUp(h.hall)
	h.hears(in, "call-from", voice)
	return out, in
}

func TestUnknownCallerIsAnnouncedAndTakenWithOne(t *testing.T) {
	h := openLongHouse(t)
	out, in := h.announced(neighbour, "neighbour")
	if id := in.CallerID(); id.Number != "02079460009" || id.Name != "Screened" {
		t.Errorf("the telephone shows %s", id)
	}
	h.hears(in, "choices")
	h.presses(in, "1")
	h.hears(in, "connecting")
	h.talk(out, in)
	if heard := out.Transcript(); !regexp.MustCompile("^ask-name.*beep.*please-hold.*ringing tone").MatchString(heard) {
		t.Errorf("the caller heard %s", heard)
	}
	h.hangsUp(in)
	h.ended(out)
	c := h.lastCall("screen", "accepted")
	if len(c.Recordings) != 1 || c.Recordings[0].Kind != "name" || c.Recordings[0].Seconds < 3 {
		t.Fatalf("the log says %+v", c)
	}
	info, err := os.Stat(c.Recordings[0].File)
	h.must(err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the recording has the mode %v", info.Mode())
	}
	var steps []string
	for _, s := range c.Steps {
		steps = append(steps, strings.TrimSpace(s.Step+" "+s.Detail))
	}
	if got := strings.Join(steps, ", "); !strings.HasPrefix(got, "asked ask-name, said ") || !strings.HasSuffix(got, "rang, picked-up, pressed 1") {
		t.Errorf("the time line is %s", got)
	}
}

func TestKeyPressedEarlyEndsTheReading(t *testing.T) {
	h := openHouse(t)
	out, in := h.announced(neighbour, "neighbour")
	h.beginsToHear(in, "choices")
	h.presses(in, "1")
	h.talk(out, in)
	for _, heard := range in.Heard() {
		if heard.Name == "choices" && heard.Whole() {
			t.Error("the choices were read to their end")
		}
	}
	h.hangsUp(out)
	h.ended(in)
}

func TestTwoIsNotNowAndAMessageIsTaken(t *testing.T) {
	h := openHouse(t)
	out, in := h.announced(neighbour, "neighbour")
	h.presses(in, "2")
	h.ended(in)
	h.hears(out, "not-now", "leave-message", "beep")
	h.says(out, "leaves-message")
	h.presses(out, "#")
	h.hears(out, "message-kept")
	h.ended(out)
	c := h.lastCall("screen", "message-left")
	if len(c.Recordings) != 2 || c.Recordings[1].Kind != "message" || c.Recordings[1].Seconds < 4 {
		t.Errorf("the log says %+v", c)
	}
}

// A telephone that is picked up and put down again does not want the call now.
func TestPutDownIsNotNow(t *testing.T) {
	h := openHouse(t)
	out, in := h.announced(neighbour, "neighbour")
	h.hangsUp(in)
	h.hears(out, "not-now", "leave-message", "beep")
	h.hangsUp(out)
	h.lastCall("screen", "not-now")
}

func TestHangingUpEndsAMessageToo(t *testing.T) {
	h := openHouse(t)
	out, in := h.announced(neighbour, "neighbour")
	h.hangsUp(in) // put down again: not now
	h.hears(out, "not-now", "leave-message", "beep")
	h.says(out, "leaves-message")
	h.hangsUp(out)
	if c := h.lastCall("screen", "message-left"); len(c.Recordings) != 2 {
		t.Errorf("the log says %+v", c)
	}
}

func TestThreeSendsAwayAndBlocks(t *testing.T) {
	h := openLongHouse(t)
	out, in := h.announced(scammer, "microsoft")
	h.presses(in, "3")
	h.hears(in, "sent-away")
	h.ended(in)
	h.hears(out, "inspection")
	h.ended(out)
	h.lastCall("screen", "sent-away")

	again := h.dials(scammer)
	h.hears(again, "inspection")
	h.ended(again)
	if c := h.lastCall("turn-away", "turned-away"); c.Reasons[0].Code != "block" {
		t.Errorf("the log says %+v", c)
	}
	h.neverRang(h.hall)
}

func TestThreeForACallerWithoutANumber(t *testing.T) {
	h := openHouse(t)
	out := h.dialsAs(softphone.CallerID{Number: "anonymous", Host: "anonymous.invalid"})
	h.statesName(out, "microsoft")
	in := h.picksUp(h.hall)
	h.hears(in, "warn-withheld", "call-from", "microsoft")
	h.presses(in, "3")
	h.hears(in, "sent-away-no-number")
	h.hears(out, "inspection")
	h.ended(out)
	h.lastCall("screen", "sent-away")
}

func TestFourMakesAContact(t *testing.T) {
	h := openHouse(t)
	out, in := h.announced(neighbour, "neighbour")
	h.presses(in, "4")
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
	h.lastCall("screen", "let-through")

	again := h.dials(neighbour)
	in = h.picksUp(h.hall)
	h.talk(again, in)
	h.hangsUp(again)
	if c := h.lastCall("ring", "talked"); c.Reasons[0].Code != "contact" {
		t.Errorf("the log says %+v", c)
	}
}

func TestStarReadsAgainAndWrongKeysReadTheChoices(t *testing.T) {
	h := openHouse(t)
	out, in := h.announced(neighbour, "neighbour")
	h.beginsToHear(in, "choices")
	h.presses(in, "*")
	h.hears(in, "call-from", "neighbour")
	h.beginsToHear(in, "choices")
	h.presses(in, "5")
	h.hears(in, "choices") // once more, and to its end
	if n := strings.Count(in.Transcript(), "choices"); n != 3 {
		t.Errorf("the choices were begun %d times: %s", n, in.Transcript())
	}
	h.presses(in, "1")
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
}

func TestNoKeyIsNotNow(t *testing.T) {
	h := openLongHouse(t)
	out, in := h.announced(neighbour, "neighbour")
	h.ended(in)
	if n := strings.Count(in.Transcript(), "choices"); n != 2 {
		t.Errorf("the choices were read %d times: %s", n, in.Transcript())
	}
	h.hears(out, "not-now")
	h.hangsUp(out)
	h.lastCall("screen", "not-now")
}
