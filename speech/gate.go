package speech

import (
	"math"
	"time"

	"ringfence/sound"
)

// leastSpeech is how much speech a recording needs to be read. For less, and for what is no speech, recognisers invent words.
const leastSpeech = 500 * time.Millisecond

// What is taken for a voice: vocal cords repeat themselves between lowest and highest times a second, and never stay at a pitch or a loudness as
// instruments and machines do. The pitch is found as in McLeod and Wyvill, "A Smarter Way to Find Pitch" (2005).
const (
	window          = sound.Rate / 25 // 40 ms: two periods of the lowest voice
	hop             = sound.Rate / 50 // 20 ms
	heard           = -42.0           // dBFS; sound.Measure's, which decides whether somebody spoke
	lowest, highest = 65, 420         // Hz
	periodic        = 0.6             // how much a window is like itself a period later
	shortestRun     = 3               // windows: a voice lasts, a knock does not
	mostGlide       = 3.0             // semitones from one window to the next; what jumps further is another sound
	leastVoiced     = 200 * time.Millisecond
	restless        = 0.06 // semitones: a voice moves by more from one window to the next
	leastRestless   = 0.5  // of the windows of a voice
	leastSpread     = 0.5  // semitones: the standard deviation of a voice's pitch; an engine's is that of the noise around it
	plainTone       = -0.9
	mostPlain       = 0.8 // of the windows of a voice
	around          = 10  // windows: consonants this near to a voice are speech
)

// measure is how much of a recording is speech.
func measure(recording []byte) (time.Duration, error) {
	samples, err := sound.Samples(recording, sound.Rate)
	if err != nil {
		return 0, err
	}
	return spoken(tracked(samples)), nil
}

// moment is what is found in one window.
type moment struct {
	level float64 // dBFS
	pitch float64 // semitones above 1 Hz; 0 if there is none
	plain bool    // it has hardly any harmonics
}

// tracked are a recording's windows.
func tracked(samples []float64) (moments []moment) {
	for at := 0; at+window <= len(samples); at += hop {
		part := samples[at : at+window]
		m := moment{level: level(part)}
		if m.level >= heard {
			m.pitch, m.plain = pitch(part)
		}
		moments = append(moments, m)
	}
	return moments
}

func level(part []float64) float64 {
	var sum float64
	for _, x := range part {
		sum += x * x
	}
	return 10 * math.Log10(sum/float64(len(part))+1e-12)
}

// pitch is a window's, if a voice can have it, and whether it is a plain tone: half a period later it is upside down then.
func pitch(part []float64) (semitones float64, plain bool) {
	const shortest, longest = sound.Rate / highest, sound.Rate / lowest
	var likeness [longest + 2]float64
	best := 0.0
	for lag := 2; lag < len(likeness); lag++ {
		likeness[lag] = alike(part, lag)
		if lag >= shortest && lag <= longest {
			best = max(best, likeness[lag])
		}
	}
	if best < periodic {
		return 0, false
	}
	for lag := 3; lag <= longest; lag++ {
		before, here, after := likeness[lag-1], likeness[lag], likeness[lag+1]
		if here < 0.9*best || here < before || here < after {
			continue
		}
		if lag < shortest { // a whistle, or a tone
			return 0, true
		}
		shift := 0.0
		if bend := before - 2*here + after; bend < 0 {
			shift = (before - after) / (2 * bend)
		}
		return 12 * math.Log2(sound.Rate/(float64(lag)+shift)), likeness[lag/2] < plainTone
	}
	return 0, false
}

// alike is how much a window is like itself that many samples later, from -1 to 1.
func alike(part []float64, lag int) float64 {
	var product, power float64
	for i, x := range part[lag:] {
		y := part[i]
		product += x * y
		power += x*x + y*y
	}
	if power == 0 {
		return 0
	}
	return 2 * product / power
}

// spoken is how long somebody speaks.
func spoken(moments []moment) time.Duration {
	near := make([]bool, len(moments))
	voiced, moves, restlessMoves, plain := 0, 0, 0, 0
	var pitches, squares float64
	for first := 0; first < len(moments); {
		last := run(moments, first)
		if last-first < shortestRun {
			first = max(last, first+1)
			continue
		}
		voiced += last - first
		for i := first + 1; i < last; i++ {
			moves++
			if math.Abs(moments[i].pitch-moments[i-1].pitch) > restless {
				restlessMoves++
			}
		}
		for _, m := range moments[first:last] {
			if m.plain {
				plain++
			}
			pitches += m.pitch
			squares += m.pitch * m.pitch
		}
		for i := max(0, first-around); i < min(len(moments), last+around); i++ {
			near[i] = true
		}
		first = last
	}
	const period = hop * time.Second / sound.Rate
	if voiced == 0 || squares/float64(voiced)-math.Pow(pitches/float64(voiced), 2) < leastSpread*leastSpread {
		return 0
	}
	if time.Duration(voiced)*period < leastVoiced || float64(restlessMoves) < leastRestless*float64(moves) || float64(plain) > mostPlain*float64(voiced) {
		return 0
	}
	count := 0
	for i, m := range moments {
		if near[i] && m.level >= heard {
			count++
		}
	}
	return time.Duration(count) * period
}

// run is the end of what begins at first and glides from pitch to pitch.
func run(moments []moment, first int) (end int) {
	for end = first; end < len(moments) && moments[end].pitch > 0; end++ {
		if end > first && math.Abs(moments[end].pitch-moments[end-1].pitch) > mostGlide {
			break
		}
	}
	return end
}
