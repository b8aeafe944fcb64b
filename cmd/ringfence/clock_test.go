package main_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"ringfence/asterisk"
	"ringfence/cmd/faults/figures"
	"ringfence/demo/testbed"
)

// underAClock is a house whose Asterisk is kept as in a household, and goes by a clock that the test can move. That its telephone is there is
// known to the keeper.
func underAClock(t *testing.T, others ...testbed.Phone) (*house, *testbed.Clock) {
	t.Helper()
	clock, err := testbed.NewClock(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := openLongHouse(t, func(o *testbed.Options) { o.Keep, o.Launch, o.Phones = true, clock.Launch, append(o.Phones, others...) })
	for {
		if _, err := os.Stat(filepath.Join(h.Dir, "data", "asterisk", "contacts.json")); err == nil {
			return h, clock
		}
		if h.ctx.Err() != nil {
			h.Fatal("the keeper does not know of the telephone")
		}
		time.Sleep(50 * time.Millisecond) // it looks every few seconds
	}
}

// All registrations run out when the clock is set forward. The telephone rings all the same, with the application and without it, though it
// does not register again in this test.
func TestClockSetForwardAndTheTelephoneRings(t *testing.T) {
	t.Parallel()
	rang := notesLongest(t, ringingNoted)
	for name, without := range map[string]bool{"with the application": false, "without it": true} {
		t.Run(name, func(t *testing.T) {
			h, clock := underAClock(t)
			h.run("contact", "add", "Daughter", daughter)
			if without {
				h.kill()
			}
			for _, by := range []time.Duration{time.Hour, 2 * time.Hour} {
				h.must(clock.Move(by))
				began := time.Now()
				out := h.dials("02079460001")
				in := h.picksUp(h.hall)
				rang(time.Since(began))
				h.talk(out, in)
				h.hangsUp(out)
				h.ended(in)
			}
		})
	}
}

// A call on its way when the clock is set forward is not lost.
func TestClockSetForwardDuringACall(t *testing.T) {
	t.Parallel()
	silence := notesLongest(t, silenceNoted)
	for _, when := range []string{"asked", "recorded", "ringing", "talking"} {
		t.Run(when, func(t *testing.T) {
			h, clock := underAClock(t)
			out := h.dials(neighbour)
			h.hears(out, "ask-name")
			move := func(now string) {
				if now == when {
					h.must(clock.Move(time.Hour))
				}
			}
			move("asked")
			if when == "recorded" {
				h.hears(out, "beep")
				move("recorded")
			}
			if when == "asked" || when == "recorded" {
				in := h.picksUp(h.hall)
				h.talk(out, in)
				h.hangsUp(out)
				h.ended(in)
				silence(out.LongestSilence().Length)
				return
			}
			h.hears(out, "beep")
			h.says(out, "neighbour")
			in := h.rings(h.hall)
			if when == "ringing" {
				move("ringing")
				h.ended(in) // and it rings once more, for the dialplan
				in = h.picksUp(h.hall)
			} else {
				h.must(in.Answer(h.ctx))
				h.hears(in, "choices")
				h.presses(in, "1")
				h.talk(out, in)
				move("talking")
			}
			h.talk(out, in)
			h.hangsUp(out)
			h.ended(in)
			silence(out.LongestSilence().Length)
		})
	}
}

// Set back, the clock would put off the deadline by which Asterisk takes a call back from an application that is dead.
func TestClockSetBackWithTheApplicationDead(t *testing.T) {
	t.Parallel()
	silence := notesLongest(t, silenceNoted)
	for _, when := range []string{"ask-name", "beep"} {
		t.Run(when, func(t *testing.T) {
			h, clock := underAClock(t)
			out := h.dials(neighbour)
			h.beginsToHear(out, when)
			h.kill()
			fault := time.Now()
			h.must(clock.Move(-time.Hour))
			h.ringsAndTalks(out, fault, 20*time.Second)
			silence(out.LongestSilence().Length)
			h.must(h.Serve(h.ctx)) // which takes what the caller had said out of Asterisk
		})
	}
}

// Set back, the clock would have a caller of the seconds after a start wait until it shows that time again.
func TestClockSetBackWhileACallerWaitsForThePhones(t *testing.T) {
	h, clock := underAClock(t, testbed.Phone{Name: "attic"})
	h.kill()
	_, err := asterisk.Console(h.ctx, filepath.Join(h.Dir, "data", "asterisk"), "dialplan set global RF_PHONES_KNOWN no")
	h.must(err)
	out := h.dials(neighbour)
	h.must(out.Ringing(h.ctx))
	h.must(clock.Move(-time.Hour))
	moved := time.Now()
	in := h.picksUp(h.hall)
	figures.Note(t, "the phone rang %.1f seconds after the clock was set back just after a start", time.Since(moved).Seconds())
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
}
