// Package audio holds recordings in memory, and reads and writes them as WAV files of 16 bit and one channel.
package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
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
	switch {
	case s.Rate == rate:
		return s
	case s.Rate == Wide && rate == Narrow:
		return Sound{Rate: rate, PCM: Halve(s.PCM)}
	default:
		return Sound{Rate: rate, PCM: double(s.PCM)}
	}
}

// Join puts sounds one after another, at the rate of the first.
func Join(first Sound, more ...Sound) Sound {
	joined := Sound{Rate: first.Rate, PCM: append([]int16(nil), first.PCM...)}
	for _, s := range more {
		joined.PCM = append(joined.PCM, s.At(first.Rate).PCM...)
	}
	return joined
}

// ReadWAV reads a WAV file of 16 bit, one channel, 8 or 16 kHz.
func ReadWAV(file []byte) (Sound, error) {
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return Sound{}, errors.New("this is not a WAV file")
	}
	var sound Sound
	for rest := file[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:8]))
		rest = rest[8:]
		// Asterisk writes the size when it closes the file, so it is 0 in a recording that is still open.
		if size > len(rest) || (name == "data" && size == 0) {
			size = len(rest)
		}
		chunk := rest[:size]
		rest = rest[min(size+size%2, len(rest)):]
		switch name {
		case "fmt ":
			rate, err := wavRate(chunk)
			if err != nil {
				return Sound{}, err
			}
			sound.Rate = rate
		case "data":
			if sound.Rate == 0 {
				return Sound{}, errors.New("this WAV file has its sound before its format")
			}
			sound.PCM = make([]int16, len(chunk)/2)
			for i := range sound.PCM {
				sound.PCM[i] = int16(binary.LittleEndian.Uint16(chunk[2*i:]))
			}
			return sound, nil
		}
	}
	return Sound{}, errors.New("this WAV file holds no sound")
}

func wavRate(format []byte) (int, error) {
	if len(format) < 16 {
		return 0, errors.New("this WAV file is cut short in its format")
	}
	kind, channels := binary.LittleEndian.Uint16(format), binary.LittleEndian.Uint16(format[2:])
	rate, bits := int(binary.LittleEndian.Uint32(format[4:])), binary.LittleEndian.Uint16(format[14:])
	if kind != 1 || channels != 1 || bits != 16 || (rate != Narrow && rate != Wide) {
		return 0, fmt.Errorf("a WAV file must be PCM with 16 bit, 1 channel, 8000 or 16000 Hz; this one is format %d with %d bit, %d channels, %d Hz",
			kind, bits, channels, rate)
	}
	return rate, nil
}

// WAV is the sound as a WAV file.
func (s Sound) WAV() []byte {
	var file bytes.Buffer
	size := uint32(2 * len(s.PCM))
	// Writing to a bytes.Buffer never fails.
	write := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&file, binary.LittleEndian, v)
		}
	}
	write([]byte("RIFF"), 36+size, []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1),
		uint32(s.Rate), uint32(2*s.Rate), uint16(2), uint16(16), []byte("data"), size, s.PCM)
	return file.Bytes()
}
