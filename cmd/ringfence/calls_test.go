package main_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"ringfence/demo/testbed"
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

// within checks that something took no longer than it may, less what the machine stood still meanwhile. Who shares the machine with other
// testbeds is given more.
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
