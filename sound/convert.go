package sound

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/zaf/g711"
)

// Limits of files that people upload.
const (
	// MaxFile is how many bytes a file may have. A minute of stereo at 48 kHz and 32 bit is 23 MB.
	MaxFile = 24 << 20
	// Shortest and Longest are how long a phrase may be: callers hear all of it.
	Shortest = time.Second
	Longest  = 60 * time.Second

	lowestRate, highestRate = 4000, 192000
	maxChannels             = 8
)

// Convert turns a WAV file that somebody has recorded or chosen into a recording that Asterisk can play. The file may have any usual rate, width and number of
// channels, in PCM, floating point, or G.711 as telephones store it. Whatever is not speech at either end is removed, and the loudness becomes that of the
// other phrases. It takes at most MaxFile bytes, and returns between Shortest and Longest. The file is hostile input. Errors are plain sentences that say
// what to do.
func Convert(upload []byte) (wav []byte, length time.Duration, err error) {
	f, err := usable(upload)
	if err != nil {
		return nil, 0, err
	}
	samples := level(Resample(mono(f), f.rate, Rate))
	wav = WAV(Rate, Bytes(samples))
	trimmed, length, heard := Trim(wav)
	switch {
	case !heard:
		return nil, 0, errors.New("nothing can be heard in this recording: speak closer to the microphone, and record it again")
	case length < Shortest:
		return nil, 0, errors.New("this recording is shorter than a second: record a whole sentence")
	case length > Longest:
		return nil, 0, errLong
	}
	return trimmed, length, nil
}

var errLong = fmt.Errorf("this recording is longer than %d seconds: record a shorter one, because callers hear all of it", Longest/time.Second)

// usable reads an uploaded WAV file, and returns an error if its sound cannot be used or is too long.
func usable(upload []byte) (file, error) {
	if len(upload) > MaxFile {
		return file{}, fmt.Errorf("this file is larger than %d MB: save it with 16 bits and one channel, or record it here", MaxFile>>20)
	}
	if len(upload) == 0 {
		return file{}, errors.New("there is no file: choose one, or record it here")
	}
	f, err := read(upload)
	if errors.Is(err, errNoWAV) {
		return f, errors.New(otherKind(upload) + ": record the phrase here, or save it as WAV and choose that file")
	}
	if err != nil {
		return f, errors.New("there is no sound in this WAV file: record it, or save it, again")
	}
	if f.decoder() == nil || f.channels < 1 || f.channels > maxChannels || f.rate < lowestRate || f.rate > highestRate {
		return f, fmt.Errorf("Ringfence can't read this kind of WAV file (kind %d, %d bit, %d channels, %d Hz): save it with 16 bits and one channel",
			f.kind, f.bits, f.channels, f.rate)
	}
	f.data = f.data[:len(f.data)/f.frame()*f.frame()]
	// With a margin for silence at its ends, which is removed.
	if time.Duration(len(f.data)/f.frame())*time.Second/time.Duration(f.rate) > Longest+10*time.Second {
		return f, errLong
	}
	return f, nil
}

// otherKind says by its first bytes what a file that is not a WAV file is.
func otherKind(upload []byte) string {
	begins := func(at int, magic string) bool {
		return len(upload) > at && bytes.HasPrefix(upload[at:], []byte(magic))
	}
	switch {
	case begins(0, "ID3"), len(upload) > 1 && upload[0] == 0xff && upload[1]&0xe6 == 0xe2:
		return "this is an MP3 file, which cannot be used"
	case begins(4, "ftyp"):
		return "this is an M4A or MP4 file, which cannot be used"
	case begins(0, "OggS"):
		return "this is an Ogg file, which cannot be used"
	case begins(0, "\x1aE\xdf\xa3"):
		return "this is a WebM file, which cannot be used"
	case begins(0, "fLaC"):
		return "this is a FLAC file, which cannot be used"
	}
	return "this is not a WAV file"
}

// decoder returns a function that reads one sample, from -1 to 1; nil if this kind and width cannot be read.
func (f format) decoder() func([]byte) float64 {
	switch [2]int{f.kind, f.bits} {
	case [2]int{kindPCM, 8}:
		return func(b []byte) float64 { return (float64(b[0]) - 128) / 128 } // the only one without a sign
	case [2]int{kindPCM, 16}:
		return func(b []byte) float64 { return float64(int16(binary.LittleEndian.Uint16(b))) / fullScale }
	case [2]int{kindPCM, 24}:
		return func(b []byte) float64 {
			return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
		}
	case [2]int{kindPCM, 32}:
		return func(b []byte) float64 { return float64(int32(binary.LittleEndian.Uint32(b))) / (1 << 31) }
	case [2]int{kindFloat, 32}:
		return func(b []byte) float64 { return sane(float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))) }
	case [2]int{kindFloat, 64}:
		return func(b []byte) float64 { return sane(math.Float64frombits(binary.LittleEndian.Uint64(b))) }
	case [2]int{kindALaw, 8}:
		return func(b []byte) float64 { return float64(g711.DecodeAlawFrame(b[0])) / fullScale }
	case [2]int{kindMuLaw, 8}:
		return func(b []byte) float64 { return float64(g711.DecodeUlawFrame(b[0])) / fullScale }
	}
	return nil
}

// sane keeps NaN, and values beyond full scale, out of the sums.
func sane(x float64) float64 {
	if math.IsNaN(x) {
		return 0
	}
	return max(-1, min(1, x))
}

// mono is the mean of all channels.
func mono(f file) []float64 {
	decode, width := f.decoder(), f.bits/8
	samples := make([]float64, len(f.data)/f.frame())
	for i := range samples {
		moment := f.data[i*f.frame():]
		for c := range f.channels {
			samples[i] += decode(moment[c*width:])
		}
		samples[i] /= float64(f.channels)
	}
	return samples
}

const (
	crossings = 24   // the filter's zero crossings on either side: the more, the steeper
	steps     = 512  // of the filter's table between two crossings; between steps it is interpolated
	beta      = 9.0  // of the Kaiser window: whatever 8 kHz cannot hold is 90 dB down
	passBand  = 0.93 // of half the lower rate: in the rest the filter goes from everything to nothing
)

// Resample converts samples to another rate with a windowed sinc, which lets through only what both rates can hold (the band-limited interpolation of
// J. O. Smith, "Digital Audio Resampling"). It does not shift them in time; beyond their ends there is silence.
func Resample(samples []float64, from, to int) []float64 {
	if from == to {
		return samples
	}
	// The filter's own units from one sample to the next.
	unit := min(1, float64(to)/float64(from)) * passBand
	reach := int(math.Ceil(crossings / unit))
	filter := sincTable()
	out := make([]float64, int(int64(len(samples))*int64(to)/int64(from)))
	for i := range out {
		at := float64(i) * float64(from) / float64(to)
		first := max(0, int(at)-reach+1)
		last := min(len(samples), int(at)+reach+1)
		var sum float64
		for j := first; j < last; j++ {
			x := math.Abs(at-float64(j)) * unit * steps
			k := int(x)
			if k >= crossings*steps {
				continue
			}
			sum += samples[j] * (filter[k] + (filter[k+1]-filter[k])*(x-float64(k)))
		}
		out[i] = sum * unit
	}
	return out
}

// sincTable is one side of the filter.
var sincTable = sync.OnceValue(func() []float64 {
	table := make([]float64, crossings*steps+2)
	for i := range table {
		x := float64(i) / steps
		sinc := 1.0
		if i > 0 {
			sinc = math.Sin(math.Pi*x) / (math.Pi * x)
		}
		edge := x / crossings
		table[i] = sinc * bessel(beta*math.Sqrt(max(0, 1-edge*edge))) / bessel(beta)
	}
	return table
})

// bessel is the modified Bessel function of the first kind, of order 0, by its series.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= x * x / (4 * k * k)
		sum += term
	}
	return sum
}

const (
	wantedLevel = -20.0 // dBFS of the louder frames, as in the recorded phrases
	mostGain    = 24.0  // dB: more would only make a room's noise loud
	peak        = 0.9   // of full scale: no peak gets higher
	louderPart  = 0.9   // this share of the frames is softer than the louder ones
)

// level brings speech to the loudness of the other phrases, or less if that would clip its peaks.
func level(samples []float64) []float64 {
	var levels []float64
	var highest float64
	for at := 0; at+frame <= len(samples); at += frame {
		levels = append(levels, decibels(energy(samples[at:at+frame])))
	}
	for _, x := range samples {
		highest = max(highest, math.Abs(x))
	}
	if len(levels) == 0 || highest == 0 {
		return samples
	}
	slices.Sort(levels)
	loud := levels[int(louderPart*float64(len(levels)-1))]
	gain := min(math.Pow(10, min(wantedLevel-loud, mostGain)/20), peak/highest)
	for i := range samples {
		samples[i] *= gain
	}
	return samples
}

// Bytes writes samples, from -1 to 1, with 16 bit each.
func Bytes(samples []float64) []byte {
	data := make([]byte, 0, 2*len(samples))
	for _, x := range samples {
		data = binary.LittleEndian.AppendUint16(data, uint16(int16(math.Round(max(-1, min(1, x))*(fullScale-1)))))
	}
	return data
}
