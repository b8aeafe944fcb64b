package prompts

import (
	"math"
	"testing"
	"time"
)

func TestTone(t *testing.T) {
	for _, rate := range []Rate{Narrow, Wide} {
		s := parse(t, Recording("en-GB", Tone, rate))
		if s.rate != rate || s.length() != 350*time.Millisecond {
			t.Errorf("the tone at %d Hz is %s long at %d Hz", rate, s.length(), s.rate)
		}
		beep(t, s, 1000, -14)
	}
}

// Two beeps of 0.1 s with a pause of 0.4 s between them, softer than the speech that they lie under.
func TestWaiting(t *testing.T) {
	for _, rate := range []Rate{Narrow, Wide} {
		s := parse(t, Recording("en-GB", Waiting, rate))
		if s.rate != rate || s.length() != 600*time.Millisecond {
			t.Fatalf("the waiting tone at %d Hz is %s long at %d Hz", rate, s.length(), s.rate)
		}
		tenth := int(rate) / 10
		beep(t, recording{rate, s.samples[:tenth]}, 400, -23)
		beep(t, recording{rate, s.samples[5*tenth:]}, 400, -23)
		if l := decibels(level(s.samples[tenth : 5*tenth])); l > -90 {
			t.Errorf("between the beeps of the waiting tone at %d Hz there is recording at %.1f dBFS", rate, l)
		}
	}
}

func TestSilence(t *testing.T) {
	for _, rate := range []Rate{Narrow, Wide} {
		s := parse(t, Recording("en-GB", Silence, rate))
		if s.rate != rate || s.length() != 10*time.Second || Duration("en-GB", Silence) != s.length() {
			t.Errorf("the silence at %d Hz is %s long at %d Hz", rate, s.length(), s.rate)
		}
		if l := decibels(level(s.samples)); l > -90 {
			t.Errorf("the silence at %d Hz is at %.1f dBFS", rate, l)
		}
	}
}

func TestTheTonesAreTheSameInEveryLanguage(t *testing.T) {
	for _, language := range Languages() {
		for _, id := range made {
			if string(Recording(language, id, Narrow)) != string(Recording("en-GB", id, Narrow)) {
				t.Errorf("%s is another one in %s", id, language)
			}
		}
	}
}

// beep checks that a sound is one beep.
func beep(t *testing.T, s recording, hertz, dBFS float64) {
	t.Helper()
	fade := int(s.rate) / 100
	n := len(s.samples)
	if middle := decibels(level(s.samples[fade : n-fade])); math.Abs(middle-dBFS) > 0.2 {
		t.Errorf("the beep at %d Hz is at %.1f dBFS, want %.0f", s.rate, middle, dBFS)
	}
	if got := pitch(s); math.Abs(got-hertz) > hertz/100 {
		t.Errorf("the beep at %d Hz has %.0f Hz, want %.0f", s.rate, got, hertz)
	}
	// It swells and dies away over 10 ms: a beep that is cut begins and ends with a click.
	for name, edge := range map[string][]float64{"beginning": s.samples[:fade/5], "end": s.samples[n-fade/5:]} {
		if l := decibels(level(edge)); l > dBFS-15 {
			t.Errorf("the %s of the beep at %d Hz is at %.1f dBFS: it clicks", name, s.rate, l)
		}
	}
}

// pitch is measured from the first wave to the last: a cut at either end does not count.
func pitch(s recording) float64 {
	first, last, waves := 0, 0, -1
	for i := 1; i < len(s.samples); i++ {
		if s.samples[i-1] < 0 && s.samples[i] >= 0 {
			if waves++; waves == 0 {
				first = i
			}
			last = i
		}
	}
	return float64(waves) / s.time(last-first).Seconds()
}

// Three notes, twice: what diallers take for "not in service" before anything is answered.
func TestNotInService(t *testing.T) {
	type want struct {
		hertz  float64
		length time.Duration
	}
	for id, notes := range map[ID][]want{
		NotInService:        {{950, 330 * time.Millisecond}, {1400, 330 * time.Millisecond}, {1800, 330 * time.Millisecond}},
		NotInServiceAmerica: {{985.2, 380 * time.Millisecond}, {1370.6, 274 * time.Millisecond}, {1776.7, 380 * time.Millisecond}},
	} {
		for _, rate := range []Rate{Narrow, Wide} {
			s := parse(t, Recording("en-GB", id, rate))
			if s.length() != Duration("en-GB", id) {
				t.Errorf("%s at %d Hz is %s long, not %s", id, rate, s.length(), Duration("en-GB", id))
			}
			at := 0
			for range 2 {
				for _, n := range notes {
					end := at + int(n.length*time.Duration(rate)/time.Second)
					beep(t, recording{rate, s.samples[at:end]}, n.hertz, -20)
					at = end
				}
				at += int(rate) // the pause
			}
		}
	}
}
