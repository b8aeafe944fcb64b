package prompts

import (
	"encoding/binary"
	"math"
	"time"

	"ringfence/sound"
)

// signal is a tone that is made here, not recorded: beeps of one pitch.
type signal struct {
	hertz int
	level float64 // dBFS (RMS) of a beep
	beeps int
	beep  time.Duration
	pause time.Duration // between beeps
}

// fade is how long a beep fades in and out. Without that it would begin and end with a click.
const fade = 10 * time.Millisecond

// signals are the same in every language.
var signals = map[ID]signal{
	// As in answering machines: loud enough for old ears, and soft enough not to startle.
	Tone: {hertz: 1000, level: -14, beeps: 1, beep: 350 * time.Millisecond},
	// Pitch and length are those that ITU-T E.180 lists for Britain. It is heard while people talk, so it is a little softer than speech.
	Waiting: {hertz: 400, level: -23, beeps: 2, beep: 100 * time.Millisecond, pause: 400 * time.Millisecond},
	// Two beeps of no length, with a pause between them.
	Silence: {beeps: 2, pause: 10 * time.Second},
}

func (s signal) length() time.Duration {
	return time.Duration(s.beeps)*s.beep + time.Duration(s.beeps-1)*s.pause
}

// wav makes the signal as a WAV file.
func (s signal) wav(rate Rate) []byte {
	samples := func(d time.Duration) int { return int(d * time.Duration(rate) / time.Second) }
	n, beep, every := samples(s.length()), samples(s.beep), samples(s.beep+s.pause)
	peak := math.Pow(10, s.level/20) * math.Sqrt2
	pcm := make([]int16, n)
	for i := range pcm {
		at := i % every
		if at >= beep {
			continue
		}
		edge := min(1, float64(at)/float64(samples(fade)), float64(beep-1-at)/float64(samples(fade)))
		pcm[i] = int16(32767 * peak * edge * math.Sin(2*math.Pi*float64(s.hertz)*float64(at)/float64(rate)))
	}
	data, _ := binary.Append(nil, binary.LittleEndian, pcm) // it takes all numbers
	return sound.WAV(int(rate), data)
}
