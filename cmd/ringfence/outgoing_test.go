package main_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/asterisk"
	"ringfence/demo/testbed"
	"ringfence/softphone"
	"ringfence/softphone/audio"
)

// network is where calls that the household makes arrive.
func (h *house) network() *softphone.Provider {
	h.Helper()
	n, err := h.Network(nil)
	h.must(err)
	h.Cleanup(func() { _ = n.Close() }) // Asterisk may be gone by now
	return n
}

// reaches dials, and has the network answer.
func (h *house) reaches(network *softphone.Provider, number string) (inside, outside *softphone.Call) {
	h.Helper()
	in, err := h.hall.Call(h.ctx, number)
	h.must(err)
	out, err := network.Rings(h.ctx)
	h.must(err)
	h.must(out.Answer(h.ctx))
	h.must(in.Answered(h.ctx))
	return in, out
}

const alarmCentre = "01632960222"

// What a pendant and its alarm centre say to each other in tones passes as it is, both ways, with every key, and the
// centre rings back through everything.
func TestTelecareAlarm(t *testing.T) {
	h := openLongHouse(t, func(o *testbed.Options) { o.Household = "telecare = [\"" + alarmCentre + "\"]" })
	network := h.network()
	h.run("mode", "known-only")
	pendant, centre := h.reaches(network, alarmCentre)

	const keys = "*7*1*2#B"
	h.presses(pendant, strings.TrimSuffix(keys, "B"))
	h.must(centre.HearsKeys(h.ctx, "*7*1*2#"))
	h.presses(centre, "*7*2#")
	h.must(pendant.HearsKeys(h.ctx, "*7*2#"))

	tones := telecareTones()
	h.must(pendant.Say(h.ctx, tones))
	h.samePower(centre, tones)
	h.must(centre.Say(h.ctx, tones))
	h.samePower(pendant, tones)
	h.hangsUp(pendant)
	h.ended(centre)

	// The centre rings back, under whatever number: its keys and the pendant's pass, and nobody else gets a sound in.
	h.run("contact", "add", "Daughter", daughter)
	back := h.dials(scammer)
	rung := h.picksUp(h.hall)
	h.talk(back, rung)
	h.presses(rung, "*7*1*2#")
	h.must(back.HearsKeys(h.ctx, "*7*1*2#"))
	second := h.dialsFrom(h.somebody("second"), "02079460001")
	h.hears(second, "on-another-call")
	h.hangsUp(second)
	h.talk(back, rung)
	if heard := rung.Transcript(); strings.Contains(heard, "beep") || strings.Contains(heard, "another-call") {
		t.Errorf("a call for help was disturbed: %s", heard)
	}
	h.hangsUp(back)
	h.ended(rung)
	for h.ctx.Err() == nil && h.calls()[1].Outcome == "" {
		time.Sleep(50 * time.Millisecond) // each look starts a program
	}
	if c := h.calls()[1]; c.Action != "ring" || c.Outcome != "talked" || c.Reasons[0].Code != "emergency" {
		t.Errorf("the log says %+v", c)
	}
}

// telecareTones are bursts of two tones, as alarms send them, and 20 s of one.
func telecareTones() audio.Sound {
	var pcm []int16
	burst := func(length time.Duration, hz ...float64) {
		for i := range audio.Samples(length, audio.Narrow) {
			var x float64
			for _, f := range hz {
				x += math.Sin(2*math.Pi*f*float64(i)/audio.Narrow) * 6000 / float64(len(hz))
			}
			pcm = append(pcm, int16(x))
		}
	}
	for range 8 {
		burst(100*time.Millisecond, 941, 1633) // DTMF D
		burst(100 * time.Millisecond)
	}
	burst(20*time.Second, 1400)
	return audio.Sound{PCM: pcm, Rate: audio.Narrow}
}

// samePower checks that what was said reached the other end: as long and as loud, give or take half of the bursts. A busy machine makes many pauses.
func (h *house) samePower(heard *softphone.Call, said audio.Sound) {
	h.Helper()
	got, want := loud(heard.Sound().At(audio.Narrow)), loud(said)
	if (got - want).Abs() > 400*time.Millisecond {
		h.Errorf("of %v of tones %v arrived", want, got)
	}
}

// loud is how long the tones sound, in windows of 10 ms. The windows are short because softphones of a busy machine make pauses within a
// tone: each costs the window at its edge.
func loud(s audio.Sound) (long time.Duration) {
	const each = 10 * time.Millisecond
	window := audio.Samples(each, s.Rate)
	for at := 0; at+window <= len(s.PCM); at += window {
		var sum float64
		for _, x := range s.PCM[at : at+window] {
			sum += float64(x) * float64(x)
		}
		if math.Sqrt(sum/float64(window)) > 2000 {
			long += each
		}
	}
	return long
}

// An emergency call is told to the carers at once, and also when the application was down.
func TestEmergencyCallsAreTold(t *testing.T) {
	h := openHouse(t)
	network := h.network()
	in, out := h.reaches(network, "112")
	h.hangsUp(in)
	h.ended(out)
	h.notice("emergency-dialled")
}

// notice waits for a notice to the carers of some kind.
func (h *house) notice(kind string) {
	h.Helper()
	for h.ctx.Err() == nil {
		decoder := json.NewDecoder(strings.NewReader(h.run("notices", "--json")))
		for decoder.More() {
			var n struct{ Kind, Text string }
			h.must(decoder.Decode(&n))
			if n.Kind == kind {
				return
			}
		}
		time.Sleep(50 * time.Millisecond) // each look starts a program
	}
	h.Errorf("there is no notice of the kind %s", kind)
}

func TestNumbersThatTheHouseholdRingsRing(t *testing.T) {
	h := openHouse(t)
	network := h.network()
	h.run("option", "ring-dialled", "on")
	in, out := h.reaches(network, neighbour)
	h.talk(in, out)
	h.hangsUp(in)
	h.ended(out)
	for h.ctx.Err() == nil && !strings.Contains(h.run("dialled", "list"), "020 7946 0009") {
		time.Sleep(50 * time.Millisecond) // the same
	}
	back := h.dials(neighbour)
	h.must(back.Ringing(h.ctx))
	rung := h.picksUp(h.hall)
	h.talk(back, rung)
	h.hangsUp(back)
	if c := h.lastCall("ring", "talked"); c.Reasons[0].Code != "dialled" {
		t.Errorf("the log says %+v", c)
	}
}

// guard switches the warning on and waits until the dialplan knows.
func (h *house) guard() {
	h.Helper()
	h.run("option", "dial-guard", "on")
	for h.ctx.Err() == nil {
		text, err := asterisk.Console(h.ctx, filepath.Join(h.Dir, "data", "asterisk"), "dialplan show globals")
		h.must(err)
		if strings.Contains(text, "RF_GUARD_home=1") {
			return
		}
		time.Sleep(100 * time.Millisecond) // it is asked for every 5 s
	}
}

func TestWarningBeforeAScamNumberIsDialled(t *testing.T) {
	h := openHouse(t)
	network := h.network()
	list := filepath.Join(h.TempDir(), "parish.txt")
	h.must(os.WriteFile(list, []byte(scammer+"\n"), 0o600))
	h.run("list", "import", list)
	h.guard()

	in := h.dialsOut(h.hall, scammer)
	h.hears(in, "warn-dial-scam")
	h.presses(in, "1")
	out, err := network.Rings(h.ctx)
	h.must(err)
	h.must(out.Answer(h.ctx))
	h.talk(in, out)
	h.hangsUp(in)
	h.ended(out)

	in = h.dialsOut(h.hall, "09098790123")
	h.hears(in, "warn-dial-premium", "warn-dial-premium", "goodbye")
	h.ended(in)

	in, out = h.reaches(network, neighbour)
	if heard := in.Transcript(); strings.Contains(heard, "warn") {
		t.Errorf("an honest number is warned of: %s", heard)
	}
	h.hangsUp(in)
	h.ended(out)
	h.kill()
	in, out = h.reaches(network, scammer) // dialling out never depends on the application
	h.hangsUp(in)
	h.ended(out)
	h.neverRang(h.hall)
}

func TestTheCarerIsAskedWhenNobodyAnswers(t *testing.T) {
	h := openHouse(t, func(o *testbed.Options) { o.Phones = []testbed.Phone{{Name: "bedroom"}} }) // which is not there
	network := h.network()
	h.run("option", "carer-number", "01632 960333")
	h.run("option", "carer-when", "no-answer")
	out := h.dials(neighbour)
	h.statesName(out, "neighbour")
	h.hears(out, "please-hold")
	carer, err := network.Rings(h.ctx)
	h.must(err)
	if carer.Dialled() != "01632960333" || carer.CallerID().Number != testbed.Number {
		t.Errorf("the network was asked for %s by %s", carer.Dialled(), carer.CallerID())
	}
	h.must(carer.Answer(h.ctx))
	h.hears(carer, "carer-call-from", "neighbour", "choices")
	h.presses(carer, "1")
	h.hears(carer, "connecting")
	h.talk(out, carer)
	h.hangsUp(out)
	h.ended(carer)
	h.lastCall("screen", "accepted")
}

func TestTheCarerIsAskedInsteadOfTheHousehold(t *testing.T) {
	h := openLongHouse(t)
	network := h.network()
	h.run("option", "carer-number", "01632 960333")
	h.run("option", "carer-when", "always")
	out := h.dials(neighbour)
	h.statesName(out, "microsoft")
	carer, err := network.Rings(h.ctx)
	h.must(err)
	h.must(carer.Answer(h.ctx))
	h.hears(carer, "carer-call-from", "microsoft", "choices")
	h.presses(carer, "3")
	h.hears(out, "inspection")
	h.hears(carer, "sent-away")
	h.ended(out)
	h.neverRang(h.hall)
	h.lastCall("screen", "sent-away")
}

func TestCarerAndHouseholdAreAskedTogether(t *testing.T) {
	h := openHouse(t)
	network := h.network()
	h.run("option", "carer-number", "01632 960333")
	h.run("option", "carer-when", "unknown")
	out := h.dials(neighbour)
	h.statesName(out, "neighbour")
	carer, err := network.Rings(h.ctx)
	h.must(err)
	in := h.picksUp(h.hall)
	h.ended(carer) // stops ringing
	h.hears(in, "call-from", "neighbour", "choices")
	h.presses(in, "1")
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
}
