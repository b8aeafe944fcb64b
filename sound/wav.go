// Package sound is speech as the telephone network carries it: WAV files of 8 kHz, 16 bit and one channel, how much of one
// is speech, and how other WAV files become one. Whoever keeps or plays a recording meets it here: the calls, the store, the
// pages, the prompts and the simulated telephones.
package sound

import (
	"encoding/binary"
	"errors"
	"time"
)

// What a recording has that Asterisk plays: 8 kHz, 16 bit, one channel.
const (
	Rate           = 8000     // samples a second
	BytesPerSecond = 2 * Rate // of its sound
	headSize       = 44       // bytes before the sound in a file that WAV has made
)

// The kinds of WAV files (mmreg.h of Microsoft's SDK, WAVE_FORMAT_*).
const (
	kindPCM        = 1
	kindFloat      = 3
	kindALaw       = 6
	kindMuLaw      = 7
	kindExtensible = 0xfffe // the real kind is in its extension
)

// format is what a WAV file says of its sound.
type format struct {
	kind, channels, bits int
	rate                 int // samples a second
}

// frame is how many bytes a moment of all channels has.
func (f format) frame() int { return f.channels * f.bits / 8 }

// plain is the format of all that Asterisk plays and records, whatever its rate.
func (f format) plain() bool { return f.kind == kindPCM && f.channels == 1 && f.bits == 16 }

// file is a WAV file, as far as its sound is concerned.
type file struct {
	format
	data []byte
	cut  bool // a chunk claims to be longer than what is there
}

var (
	errNoWAV     = errors.New("not a WAV file")
	errPlain     = errors.New("this is not a WAV file of 16 bit and one channel: save it as one")
	errTelephone = errors.New("this is not a WAV file of 8000 Hz, 16 bit and one channel: save it as one")
)

// read finds the sound in a WAV file, without whatever else programs write into it. A size may be wrong in a recording that was cut off, or 0 in one
// that Asterisk has not finished: what is there is read, and cut is set, even with an error.
func read(wav []byte) (file, error) {
	var f file
	if len(wav) < 12 || string(wav[:4]) != "RIFF" || string(wav[8:12]) != "WAVE" {
		return f, errNoWAV
	}
	for rest := wav[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		if size > int64(len(rest)) || (name == "data" && size == 0 && len(rest) > 0) {
			f.cut, size = true, int64(len(rest))
		}
		chunk := rest[:size]
		switch name {
		case "fmt ":
			if f.format = formatOf(chunk); f.kind == 0 {
				return f, errNoWAV
			}
		case "data":
			if f.kind == 0 {
				return f, errors.New("a WAV file without its format")
			}
			f.data = chunk
			return f, nil
		}
		rest = rest[min(size+size%2, int64(len(rest))):] // a chunk of an odd size is followed by a padding byte
	}
	return f, errors.New("a WAV file without sound")
}

// formatOf reads a "fmt " chunk; it returns the zero format if that is too short.
func formatOf(chunk []byte) format {
	if len(chunk) < 16 {
		return format{}
	}
	f := format{
		kind: int(binary.LittleEndian.Uint16(chunk)), channels: int(binary.LittleEndian.Uint16(chunk[2:])),
		rate: int(binary.LittleEndian.Uint32(chunk[4:])), bits: int(binary.LittleEndian.Uint16(chunk[14:])),
	}
	// The real kind is the beginning of a GUID, after the extension's size, the valid bits and the loudspeakers.
	if f.kind == kindExtensible && len(chunk) >= 26 {
		f.kind = int(binary.LittleEndian.Uint16(chunk[24:]))
	}
	return f
}

// Read finds the sound in a WAV file of 16 bit and one channel, as Asterisk makes them; the end of it may be missing.
func Read(wav []byte) (rate int, data []byte, err error) {
	f, err := read(wav)
	if err == nil && !f.plain() {
		err = errPlain
	}
	return f.rate, f.data[:len(f.data)/2*2], err
}

// Data is the sound of a whole WAV file of 8 kHz, 16 bit and one channel. Its errors are plain sentences.
func Data(wav []byte) ([]byte, error) {
	f, err := read(wav)
	switch {
	case f.cut:
		return nil, errors.New("this WAV file has been cut off: record it, or copy it, again")
	case err != nil || !f.plain() || f.rate != Rate || len(f.data)%2 != 0:
		return nil, errTelephone
	}
	return f.data, nil
}

// WAV puts 16-bit samples into a file with the simplest header.
func WAV(rate int, data []byte) []byte {
	size := uint32(len(data))
	wav := make([]byte, 0, headSize+len(data))
	wav = append(wav, "RIFF"...)
	wav = binary.LittleEndian.AppendUint32(wav, headSize-8+size)
	wav = append(wav, "WAVEfmt "...)
	wav = binary.LittleEndian.AppendUint32(wav, 16)
	wav = binary.LittleEndian.AppendUint16(wav, kindPCM)
	wav = binary.LittleEndian.AppendUint16(wav, 1)
	wav = binary.LittleEndian.AppendUint32(wav, uint32(rate))
	wav = binary.LittleEndian.AppendUint32(wav, uint32(2*rate))
	wav = binary.LittleEndian.AppendUint16(wav, 2)
	wav = binary.LittleEndian.AppendUint16(wav, 16)
	wav = append(wav, "data"...)
	wav = binary.LittleEndian.AppendUint32(wav, size)
	return append(wav, data...)
}

// SizeOfFile is how many bytes a file has that WAV made from so many samples.
func SizeOfFile(samples int) int64 { return headSize + 2*int64(samples) }

// LengthOfFile is how long a file of so many bytes plays, if it was made by WAV at the telephone's rate.
func LengthOfFile(bytes int64) time.Duration {
	return time.Duration(max(bytes-headSize, 0)) * time.Second / BytesPerSecond
}
