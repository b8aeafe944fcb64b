package recognise

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// Names of sounds that are not recordings.
const (
	RingingTone = "ringing tone"   // 400 and 450 Hz, 0.4 s on, 0.2 off, 0.4 on, 2.0 off (BT SIN 350)
	BusyTone    = "busy tone"      // 400 Hz, on and off again and again
	Beep        = "beep"           // any other tone below 1.5 kHz of at least 0.1 s
	Unknown     = "something else" // neither one of these nor a recording in the library
)

// A tone is recognised by 100 ms of it, in which frequencies can be told apart in steps of 10 Hz. Those of British tones are multiples of 50 Hz.
const (
	toneSpan   = 800
	tonePure   = 0.95 // share of the energy in one or two frequencies
	tonePeak   = 2    // bins to either side of a frequency that belong to it, under a Hann window
	ringingGap = 2.4  // s of silence within a ringing tone, at most
	busyGap    = 0.6  // and within a busy tone
)

// pitch is what a tone consists of, in steps of 10 Hz; no second for a pure tone.
type pitch struct{ first, second int }

var (
	ringingPitch = pitch{40, 45}
	busyPitch    = pitch{40, 0}
)

// pitchOf is the one or two frequencies of 100 ms of sound, if it consists of no others.
func pitchOf(window []int16) (pitch, bool) {
	weighted := make([]float64, toneSpan)
	for i := range weighted {
		weighted[i] = float64(window[i]) * (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/toneSpan))
	}
	energy := make([]float64, toneSpan/2+1)
	total := 0.0
	for i, c := range fourier.NewFFT(toneSpan).Coefficients(nil, weighted) {
		energy[i] = real(c)*real(c) + imag(c)*imag(c)
		total += energy[i]
	}
	first, share := takePeak(energy)
	if share >= tonePure*total {
		return pitch{first, 0}, true
	}
	second, more := takePeak(energy)
	found := pitch{min(first, second), max(first, second)}
	return found, found == ringingPitch && share+more >= tonePure*total
}

// takePeak finds the strongest frequency and removes it.
func takePeak(energy []float64) (at int, sum float64) {
	for i, e := range energy {
		if e > energy[at] {
			at = i
		}
	}
	for i := max(0, at-tonePeak); i <= min(at+tonePeak, len(energy)-1); i++ {
		sum += energy[i]
		energy[i] = 0
	}
	return at, sum
}

// toneAt says whether a tone begins at a place, and how far it goes in what was heard.
func toneAt(heard []int16, at int) (pitch, int, bool) {
	begin := at + frameSize // the tone may begin anywhere in its first frame
	if begin+toneSpan > len(heard) || !sounds(heard[begin+toneSpan-frameSize:begin+toneSpan]) {
		return pitch{}, 0, false
	}
	p, ok := pitchOf(heard[begin : begin+toneSpan])
	if !ok {
		return pitch{}, 0, false
	}
	end := begin + toneSpan
	for ; end+frameSize <= len(heard) && sounds(heard[end:end+frameSize]); end += frameSize {
		if same, ok := pitchOf(heard[end+frameSize-toneSpan : end+frameSize]); !ok || same != p {
			break
		}
	}
	return p, end, true
}

// isTelephones says whether only a telephone network makes such a tone, so that no recording has to be searched for.
func (p pitch) isTelephones() bool { return p == ringingPitch || p == busyPitch }

// tone adds a tone to what was found, or extends the tone before it.
func (r *recogniser) tone(p pitch, from, to int) {
	r.pos = max(r.pos+frameSize, to)
	r.named = r.pos
	name := Beep
	if p == ringingPitch {
		name = RingingTone
	}
	if n := len(r.found); n > 0 && r.found[n-1].pitch == p {
		last := &r.found[n-1]
		gap := float64(from-last.at-last.to) / 8000
		if gap < frameSize*2/8000.0 || p == ringingPitch && gap < ringingGap {
			last.to = to - last.at
			return
		}
		if p == busyPitch && gap < busyGap {
			last.name, last.to = BusyTone, to-last.at
			return
		}
	}
	r.found = append(r.found, span{name: name, at: from, to: to - from, pitch: p})
}
