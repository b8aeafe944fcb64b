package main_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"ringfence/demo/testbed"
	"ringfence/softphone"
)

const (
	daughter  = "020 7946 0001"
	neighbour = "02079460009"
	scammer   = "02079460666"
)

func TestContactRingsStraightThrough(t *testing.T) {
	h := openHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	out := h.dials("02079460001")
	h.must(out.Ringing(h.ctx))
	in := h.rings(h.hall)
	if id := in.CallerID(); id.Name != "Daughter" || id.Number != "02079460001" {
		t.Errorf("the telephone shows %s", id)
	}
	if !out.AnsweredAt().IsZero() {
		t.Error("the caller pays before anybody has answered")
	}
	if open := h.calls(); len(open) != 1 || open[0].Action != "ring" || open[0].Outcome != "" {
		t.Errorf("while it rings the log says %+v", open)
	}
	h.must(in.Answer(h.ctx))
	h.talk(out, in)
	if heard := strings.Join([]string{out.Transcript(), in.Transcript()}, " "); strings.Contains(heard, "ask-name") || strings.Contains(heard, "call-from") {
		t.Errorf("a contact was treated as a stranger: %s", heard)
	}
	h.hangsUp(out)
	h.ended(in)
	if c := h.lastCall("ring", "talked"); c.Reasons[0].Code != "contact" || c.Name != "Daughter" || c.Ended == nil {
		t.Errorf("the log says %+v", c)
	}
}

func TestHouseholdHangsUpFirst(t *testing.T) {
	h := openHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	out := h.dials("02079460001")
	in := h.picksUp(h.hall)
	h.talk(out, in)
	h.hangsUp(in)
	h.ended(out)
	h.lastCall("ring", "talked")
}

func TestListedNumberHearsTheInspectionMessage(t *testing.T) {
	h := openHouse(t)
	list := h.TempDir() + "/parish.csv"
	h.must(os.WriteFile(list, []byte("number,note\n"+scammer+",tech support\n"), 0o600))
	h.run("list", "import", list)
	out := h.dials(scammer)
	h.hears(out, "inspection")
	h.ended(out)
	if got := out.Transcript(); got != "inspection" {
		t.Errorf("the caller heard %s", got)
	}
	h.neverRang(h.hall)
	if c := h.lastCall("turn-away", "turned-away"); c.Reasons[0].Code != "list" {
		t.Errorf("the log says %+v", c)
	}
}

func TestOwnBlockWithItsOwnMessage(t *testing.T) {
	h := openHouse(t)
	h.run("block", "add", "0909879", "--prefix", "--farewell", "not-wanted")
	out := h.dials("09098790123")
	h.hears(out, "not-wanted")
	h.ended(out)
	h.neverRang(h.hall)
	h.lastCall("turn-away", "turned-away")
}

func TestTurningAwayGoesOnWithoutTheApplication(t *testing.T) {
	h := openHouse(t)
	h.run("block", "add", scammer)
	out := h.dials(scammer)
	h.beginsToHear(out, "inspection")
	h.kill()
	h.ended(out)
	if heard := out.Heard(); len(heard) != 1 || !heard[0].Whole() {
		t.Errorf("the caller heard %s", out.Transcript())
	}
	h.neverRang(h.hall)
}

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

func TestSilentCallerIsAskedOnceMoreAndLetGo(t *testing.T) {
	h := openHouse(t)
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
	if len(c.Recordings) != 1 || c.Recordings[0].Seconds > 6 {
		t.Errorf("the recording went on: %+v", c.Recordings)
	}
}

func TestLongWindedCallerIsCutAtTenSeconds(t *testing.T) {
	h := openHouse(t)
	out := h.dials(neighbour)
	h.hears(out, "ask-name")
	go func() { _ = out.Say(h.ctx, h.voice("long-winded")) }() // 18 s, before the tone already: silence is trimmed
	h.hears(out, "beep", "please-hold")
	in := h.picksUp(h.hall)
	h.hears(in, "call-from", "long-winded")
	h.hangsUp(out)
	h.hears(in, "caller-gone")
	c := h.lastCall("screen", "caller-gone")
	if len(c.Recordings) != 1 || c.Recordings[0].Seconds < 9 || c.Recordings[0].Seconds > 10.5 {
		t.Errorf("the recording is %+v", c.Recordings)
	}
}

// within checks that something took no longer than it may, less what the machine stood still meanwhile. Who shares the machine with twenty
// other testbeds is given more.
func (h *house) within(limit time.Duration, from, to time.Time, what string) {
	h.Helper()
	limit = lenient(limit)
	d, lost := to.Sub(from), machine.lost(from, to)
	h.Logf("%s took %v of %v; the machine stood still for %v", what, d, limit, lost)
	if d-lost > limit {
		h.Errorf("%s took %v, of which the machine stood still for %v", what, d, lost)
	}
}

func TestCallerGoneWhileItRings(t *testing.T) {
	h := openHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	out := h.dials("02079460001")
	in := h.rings(h.hall)
	h.hangsUp(out)
	gone, err := out.Ended(h.ctx)
	h.must(err)
	stopped := h.ended(in)
	h.within(time.Second, gone.At, stopped.At, "the telephone's falling silent")
	h.lastCall("ring", "caller-gone")
}

func TestScreenedCallerGoneWhileItRings(t *testing.T) {
	h := openHouse(t)
	out := h.dials(neighbour)
	h.statesName(out, "neighbour")
	in := h.rings(h.hall)
	_, err := out.Hears(h.ctx, "ringing tone")
	h.must(err)
	h.hangsUp(out)
	gone, err := out.Ended(h.ctx)
	h.must(err)
	stopped := h.ended(in)
	h.within(time.Second, gone.At, stopped.At, "the telephone's falling silent")
	h.lastCall("screen", "caller-gone")
}

func TestCallerGoneWhileAskedAndWhileRecorded(t *testing.T) {
	h := openHouse(t)
	out := h.dials(neighbour)
	h.beginsToHear(out, "ask-name")
	h.hangsUp(out)
	h.lastCall("screen", "caller-gone")

	out = h.dials(neighbour)
	h.hears(out, "ask-name", "beep")
	h.hangsUp(out)
	h.lastCall("screen", "caller-gone")
	h.neverRang(h.hall)
}

func TestBusy(t *testing.T) {
	h := openHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	h.hall.Refuse(486)
	out := h.dials("02079460001")
	h.hears(out, "on-another-call", "leave-message", "beep")
	h.hangsUp(out)
	h.lastCall("ring", "busy")
}

func TestBusyForAScreenedCaller(t *testing.T) {
	h := openHouse(t)
	h.hall.Refuse(486)
	out := h.dials(neighbour)
	h.statesName(out, "neighbour")
	h.hears(out, "on-another-call", "leave-message", "beep")
	h.hangsUp(out)
	h.lastCall("screen", "busy")
}

func TestDeclinedAndUnregistered(t *testing.T) {
	h := openHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	out := h.dials("02079460001")
	h.must(h.rings(h.hall).Decline(h.ctx, 603))
	h.hears(out, "nobody-home", "leave-message", "beep")
	h.hangsUp(out)
	h.lastCall("ring", "nobody-home")

	h.must(h.hall.Unregister(h.ctx))
	out = h.dials("02079460001")
	h.hears(out, "nobody-home", "leave-message", "beep")
	h.hangsUp(out)
	h.lastCall("ring", "nobody-home")
}

func TestNobodyAnswers(t *testing.T) {
	h := openLongHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	out := h.dials("02079460001")
	in := h.rings(h.hall)
	h.hears(out, "nobody-home", "leave-message", "beep") // after a minute
	h.ended(in)
	h.says(out, "leaves-message")
	h.presses(out, "#")
	h.hears(out, "message-kept")
	h.ended(out)
	h.lastCall("ring", "message-left")
}

func TestFirstTelephoneToAnswerWins(t *testing.T) {
	h := openHouse(t, func(o *testbed.Options) {
		o.Phones = []testbed.Phone{{Name: "hall"}, {Name: "bedroom", Address: "127.0.0.5:5060"}, {Name: "away"}}
	})
	bedroom := h.telephone("bedroom")
	h.run("contact", "add", "Daughter", daughter)
	out := h.dials("02079460001")
	inHall, inBedroom := h.rings(h.hall), h.rings(bedroom)
	h.must(inBedroom.Answer(h.ctx))
	h.ended(inHall)
	h.talk(out, inBedroom)
	h.hangsUp(out)
	h.ended(inBedroom)
}

func TestKnownOnlyTakesAMessage(t *testing.T) {
	h := openHouse(t)
	h.run("mode", "known-only")
	out := h.dials(neighbour)
	h.hears(out, "known-only", "leave-message", "beep")
	h.says(out, "leaves-message")
	h.presses(out, "#")
	h.hears(out, "message-kept")
	h.ended(out)
	h.neverRang(h.hall)
	h.lastCall("message", "message-left")
}

func TestWatchRingsAndLogsWhatWouldHaveHappened(t *testing.T) {
	h := openHouse(t)
	h.run("mode", "watch")
	h.run("block", "add", scammer)
	out := h.dials(scammer)
	in := h.picksUp(h.hall)
	h.talk(out, in)
	h.hangsUp(out)
	if c := h.lastCall("ring", "talked"); c.Would != "turn-away" || c.Reasons[0].Code != "watch" {
		t.Errorf("the log says %+v", c)
	}
}
