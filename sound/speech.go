package sound

import (
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// What Measure takes for sound. A person on a telephone speaks at -20 to -35 dBFS; a quiet line is below -50.
const (
	frame      = Rate / 50 // 20 ms
	soundLevel = -42.0     // dBFS of a frame
	toneShare  = 0.85      // of a frame's energy, and of the frames with sound
	toneSteady = 3.0       // dB: the tones of a network do not get louder or softer
	toneLeast  = 10        // fewer frames than this are never taken for tones
	fullScale  = 32768.0
	dBFloor    = -120.0
)

// networkTones are the tones, in Hz, that an analogue line plays once the caller has hung up (BT SIN 350; ITU-T E.180 for other countries).
var networkTones = []float64{350, 400, 425, 440, 450, 480, 620}

// Measure says how long a recording is and how much of it is speech: sound other than the steady tones of a network. An analogue line does not always say that
// the caller has hung up, so tones must not be announced as a person. The recording is a WAV file, 8 kHz, 16-bit, mono.
func Measure(wav []byte) (length, spoken time.Duration, err error) {
	data, err := recorded(wav)
	if err != nil {
		return 0, 0, err
	}
	samples := samplesOf(data)
	length = time.Duration(len(samples)) * time.Second / Rate
	var levels []float64
	tones := 0
	for at := 0; at+frame <= len(samples); at += frame {
		part := samples[at : at+frame]
		level := decibels(energy(part))
		if level < soundLevel {
			continue
		}
		levels = append(levels, level)
		if isTone(part) {
			tones++
		}
	}
	if len(levels) >= toneLeast && float64(tones) >= toneShare*float64(len(levels)) && spread(levels) < toneSteady {
		return length, 0, nil
	}
	return length, time.Duration(len(levels)*frame) * time.Second / Rate, nil
}

func energy(part []float64) float64 {
	var sum float64
	for _, x := range part {
		sum += x * x
	}
	return sum / float64(len(part))
}

func decibels(power float64) float64 {
	if power <= 0 {
		return dBFloor
	}
	return 10 * math.Log10(power)
}

// isTone says whether nearly all of a frame's energy is at the frequencies of network tones, one or two of them. Two that are too close to be told apart in
// 20 ms count as one.
func isTone(part []float64) bool {
	total := energy(part) * float64(len(part))
	var best float64
	for _, low := range networkTones {
		for _, high := range networkTones {
			if share := (goertzel(part, low) + apart(low, high)*goertzel(part, high)) / total; share > best && high >= low {
				best = share
			}
		}
	}
	return best > toneShare
}

// apart is 1 for two frequencies that can be told apart in one frame, else 0.
func apart(low, high float64) float64 {
	if high-low < Rate/frame {
		return 0
	}
	return 1
}

// goertzel is the energy of a frame at one frequency.
func goertzel(part []float64, frequency float64) float64 {
	k := 2 * math.Cos(2*math.Pi*frequency/Rate)
	var s1, s2 float64
	for _, x := range part {
		s1, s2 = x+k*s1-s2, s1
	}
	return 2 * (s1*s1 + s2*s2 - k*s1*s2) / float64(len(part))
}

// spread is the standard deviation of the levels, in dB.
func spread(levels []float64) float64 {
	var sum, squares float64
	for _, l := range levels {
		sum += l
		squares += l * l
	}
	n := float64(len(levels))
	return math.Sqrt(max(0, squares/n-(sum/n)*(sum/n)))
}

// samplesOf reads 16-bit samples, from -1 to 1.
func samplesOf(data []byte) []float64 {
	samples := make([]float64, len(data)/2)
	for i := range samples {
		samples[i] = float64(int16(binary.LittleEndian.Uint16(data[2*i:]))) / fullScale
	}
	return samples
}

// recorded is the sound of a recording of 8 kHz, as Asterisk makes it. Its end may be missing.
func recorded(wav []byte) ([]byte, error) {
	rate, data, err := Read(wav)
	if err == nil && rate != Rate {
		err = errTelephone
	}
	return data, err
}

const (
	margin    = 300 * time.Millisecond // silence that is left at either end of the speech
	edgeLeast = 3                      // frames of speech; a click, or the edge of a network's tone, is shorter
)

// Trim cuts off the silence before and after the speech in a recording, and the tones that a network plays once the caller has hung up. ok is false for a
// recording without speech, or one that Measure would refuse: it stays as it is.
func Trim(wav []byte) (trimmed []byte, length time.Duration, ok bool) {
	data, err := recorded(wav)
	if err != nil {
		return wav, 0, false
	}
	samples := samplesOf(data)
	first, last := voiced(samples)
	if first == last {
		return wav, 0, false
	}
	const perFrame = time.Second * frame / Rate
	from := max(0, first-int(margin/perFrame)) * frame
	to := min(len(samples), (last+int(margin/perFrame))*frame)
	return WAV(Rate, data[2*from:2*to]), time.Duration(to-from) * time.Second / Rate, true
}

// voiced are the first frame of speech and the one after the last; they are equal if there is none.
func voiced(samples []float64) (first, last int) {
	run := 0
	for f := range len(samples) / frame {
		part := samples[f*frame : (f+1)*frame]
		if decibels(energy(part)) < soundLevel || isTone(part) {
			run = 0
			continue
		}
		if run++; run < edgeLeast {
			continue
		}
		if last == 0 {
			first = f + 1 - edgeLeast
		}
		last = f + 1
	}
	return first, last
}

const (
	// LastPart is how long somebody has been silent who has come to an end. A speaker pauses for less between two sentences.
	LastPart  = 800 * time.Millisecond
	lastLeast = 5    // frames of speech in it; less is a breath, or the end of a word
	nearly    = 12.0 // dB: how much softer than the loudest of the speech a speaker may be; a television in the room is softer still
)

// RunsOn says whether the speech in a recording goes on to its very end, at the level that it had before. It does not for what is much softer than the
// speaker, such as a television in their room, for the tones of a network, or for a recording that Measure would refuse.
func RunsOn(wav []byte) bool {
	data, err := recorded(wav)
	if err != nil {
		return false
	}
	samples := samplesOf(data)
	levels := make([]float64, len(samples)/frame)
	for f := range levels {
		levels[f] = decibels(energy(samples[f*frame : (f+1)*frame]))
	}
	loud := loudest(levels)
	found, from := 0, max(0, len(levels)-int(LastPart*Rate/frame/time.Second))
	for f := from; f < len(levels); f++ {
		if levels[f] >= max(soundLevel, loud-nearly) && !isTone(samples[f*frame:(f+1)*frame]) {
			found++
		}
	}
	return found >= lastLeast
}

// loudest is the level that a tenth of the frames with sound reach: one click counts for nothing.
func loudest(levels []float64) float64 {
	heard := slices.DeleteFunc(slices.Clone(levels), func(level float64) bool { return level < soundLevel })
	if len(heard) == 0 {
		return soundLevel
	}
	slices.Sort(heard)
	return heard[len(heard)*9/10]
}
