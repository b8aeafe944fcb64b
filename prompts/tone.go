package prompts

import (
	"encoding/binary"
	"math"
	"time"

	"ringfence/sound"
)

// signal is made here, not recorded: notes one behind the other, and again after a pause.
type signal struct {
	notes []note
	level float64 // dBFS (RMS) of a note
	times int
	pause time.Duration // between the times
}

// note is a beep of one pitch.
type note struct {
	hertz  float64
	length time.Duration
}

// fade is how long a beep fades in and out. Without that it would begin and end with a click.
const fade = 10 * time.Millisecond

// made lists the signals.
var made = []ID{Tone, Waiting, Silence, NotInService, NotInServiceAmerica}

// signals are the same in every language.
var signals = map[ID]signal{
	// As in answering machines: loud enough for old ears, and soft enough not to startle.
	Tone: {notes: []note{{1000, 350 * time.Millisecond}}, level: -14, times: 1},
	// Pitch and length are those that ITU-T E.180 lists for Britain. It is heard while people talk, so it is a little softer than speech.
	Waiting: {notes: []note{{400, 100 * time.Millisecond}}, level: -23, times: 2, pause: 400 * time.Millisecond},
	// Twice nothing, with a pause between.
	Silence: {times: 2, pause: 10 * time.Second},
	// The special information tone of ITU-T E.180: three notes, each a third of a second long.
	NotInService: {
		notes: []note{{950, 330 * time.Millisecond}, {1400, 330 * time.Millisecond}, {1800, 330 * time.Millisecond}},
		level: -20, times: 2, pause: time.Second,
	},
	// In North America, pitch and length of the notes say why. These are those of "vacant code", a number that nobody has
	// (en.wikipedia.org/wiki/Special_information_tone).
	NotInServiceAmerica: {
		notes: []note{{985.2, 380 * time.Millisecond}, {1370.6, 274 * time.Millisecond}, {1776.7, 380 * time.Millisecond}},
		level: -20, times: 2, pause: time.Second,
	},
}

func (s signal) length() time.Duration {
	length := time.Duration(s.times-1) * s.pause
	for _, n := range s.notes {
		length += time.Duration(s.times) * n.length
	}
	return length
}

// wav makes the signal as a WAV file.
func (s signal) wav(rate Rate) []byte {
	peak := 32767 * math.Pow(10, s.level/20) * math.Sqrt2
	var pcm []int16
	for i := range s.times {
		if i > 0 {
			pcm = append(pcm, make([]int16, rate.samples(s.pause))...)
		}
		for _, n := range s.notes {
			pcm = append(pcm, n.pcm(rate, peak)...)
		}
	}
	data, _ := binary.Append(nil, binary.LittleEndian, pcm) // it takes all numbers
	return sound.WAV(int(rate), data)
}

func (n note) pcm(rate Rate, peak float64) []int16 {
	pcm := make([]int16, rate.samples(n.length))
	edge := float64(rate.samples(fade))
	for i := range pcm {
		loud := min(1, float64(i)/edge, float64(len(pcm)-1-i)/edge)
		pcm[i] = int16(peak * loud * math.Sin(2*math.Pi*n.hertz*float64(i)/float64(rate)))
	}
	return pcm
}

func (r Rate) samples(d time.Duration) int { return int(d * time.Duration(r) / time.Second) }
