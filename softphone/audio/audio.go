// Package audio holds recordings in memory, as telephones use them: 16 bit, one channel, 8 or 16 kHz.
package audio

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"ringfence/sound"
)

// The two sample rates of telephones, in samples a second.
const (
	Narrow = 8000  // G.711: 300 to 3400 Hz
	Wide   = 16000 // G.722: 50 to 7000 Hz
)

// Sound is a recording.
type Sound struct {
	Rate int // samples a second: Narrow or Wide
	PCM  []int16
}

// Length is how long the recording is.
func (s Sound) Length() time.Duration { return Length(len(s.PCM), s.Rate) }

// Length is how long so many samples are at a rate.
func Length(samples, rate int) time.Duration {
	return time.Duration(samples) * time.Second / time.Duration(rate)
}

// Samples is how many samples there are in so much time at a rate.
func Samples(d time.Duration, rate int) int {
	return int(d.Seconds()*float64(rate) + 0.5)
}

// Silence is a recording of silence.
func Silence(d time.Duration, rate int) Sound {
	return Sound{Rate: rate, PCM: make([]int16, Samples(d, rate))}
}

// At converts the sound to Narrow or Wide.
func (s Sound) At(rate int) Sound {
	if s.Rate == rate {
		return s
	}
	samples := make([]float64, len(s.PCM))
	for i, v := range s.PCM {
		samples[i] = float64(v)
	}
	samples = sound.Resample(samples, s.Rate, rate)
	converted := Sound{Rate: rate, PCM: make([]int16, len(samples))}
	for i, v := range samples {
		converted.PCM[i] = int16(math.Round(max(math.MinInt16, min(math.MaxInt16, v))))
	}
	return converted
}

// ReadWAV reads a WAV file of 16 bit, one channel, 8 or 16 kHz.
func ReadWAV(file []byte) (Sound, error) {
	rate, data, err := sound.Read(file)
	if err != nil {
		return Sound{}, err
	}
	if rate != Narrow && rate != Wide {
		return Sound{}, fmt.Errorf("a WAV file must have 8000 or 16000 Hz, not %d", rate)
	}
	pcm := make([]int16, len(data)/2)
	_, err = binary.Decode(data, binary.LittleEndian, pcm)
	return Sound{Rate: rate, PCM: pcm}, err
}

// WAV is the sound as a WAV file.
func (s Sound) WAV() []byte {
	data, _ := binary.Append(nil, binary.LittleEndian, s.PCM) // it takes all numbers
	return sound.WAV(s.Rate, data)
}
