package sound

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zaf/g711"
)

// upload is a WAV file as some program writes it: the same sound in every channel.
func upload(kind, bits, channels, rate int, samples []float64, extensible bool) []byte {
	var data []byte
	for _, x := range samples {
		for range channels {
			switch [2]int{kind, bits} {
			case [2]int{kindPCM, 8}:
				data = append(data, byte(math.Round(x*127)+128))
			case [2]int{kindPCM, 16}:
				data = binary.LittleEndian.AppendUint16(data, uint16(int16(math.Round(x*32767))))
			case [2]int{kindPCM, 24}:
				v := uint32(int32(math.Round(x * (1<<23 - 1))))
				data = append(data, byte(v), byte(v>>8), byte(v>>16))
			case [2]int{kindPCM, 32}:
				data = binary.LittleEndian.AppendUint32(data, uint32(int32(math.Round(x*(1<<31-1)))))
			case [2]int{kindFloat, 32}:
				data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(x)))
			case [2]int{kindFloat, 64}:
				data = binary.LittleEndian.AppendUint64(data, math.Float64bits(x))
			case [2]int{kindALaw, 8}:
				data = append(data, g711.EncodeAlawFrame(int16(math.Round(x*32767))))
			case [2]int{kindMuLaw, 8}:
				data = append(data, g711.EncodeUlawFrame(int16(math.Round(x*32767))))
			}
		}
	}
	head := binary.LittleEndian.AppendUint16(nil, uint16(kind))
	head = binary.LittleEndian.AppendUint16(head, uint16(channels))
	head = binary.LittleEndian.AppendUint32(head, uint32(rate))
	head = binary.LittleEndian.AppendUint32(head, uint32(rate*channels*bits/8))
	head = binary.LittleEndian.AppendUint16(head, uint16(channels*bits/8))
	head = binary.LittleEndian.AppendUint16(head, uint16(bits))
	if extensible {
		binary.LittleEndian.PutUint16(head, kindExtensible)
		head = append(head, 22, 0, byte(bits), 0, 3, 0, 0, 0, byte(kind), 0)
		head = append(head, "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"...)
	}
	chunk := func(name string, content []byte) []byte {
		return append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(content))), content...)
	}
	body := slices.Concat([]byte("WAVE"), chunk("fmt ", head), chunk("LIST", []byte("made by a test")), chunk("data", data))
	return slices.Concat(chunk("RIFF", nil)[:4], binary.LittleEndian.AppendUint32(nil, uint32(len(body))), body)
}

// sine is a tone of a frequency at a rate.
func sine(hertz, amplitude float64, rate int, length time.Duration) []float64 {
	samples := make([]float64, int(length.Seconds()*float64(rate)))
	for i := range samples {
		samples[i] = amplitude * math.Sin(2*math.Pi*hertz*float64(i)/float64(rate))
	}
	return samples
}

// A voice in every kind of file that programs write comes out as a telephone would have sent it.
func TestConvertOfEveryKind(t *testing.T) {
	computes(t)
	wav, err := os.ReadFile("../softphone/voices/neighbour.wav")
	if err != nil {
		t.Fatal(err)
	}
	voice := heardIn(t, wav)
	plain, plainLength, err := Convert(wav)
	if err != nil {
		t.Fatal(err)
	}
	want := heardIn(t, plain)
	for _, kind := range [][2]int{{kindPCM, 8}, {kindPCM, 16}, {kindPCM, 24}, {kindPCM, 32}, {kindFloat, 32}, {kindFloat, 64}, {kindALaw, 8}, {kindMuLaw, 8}} {
		for channels := range 3 {
			for _, extensible := range []bool{false, true} {
				name := fmt.Sprintf("kind %d, %d bit, %d channels, extensible %v", kind[0], kind[1], channels+1, extensible)
				got, length, err := Convert(upload(kind[0], kind[1], channels+1, Rate, voice, extensible))
				if err != nil || length != plainLength {
					t.Errorf("%s: %v, not %v; %v", name, length, plainLength, err)
					continue
				}
				least := 35.0 // dB of the sound over the error
				if kind[1] == 8 {
					least = 20
				}
				if ratio := overError(want, heardIn(t, got)); ratio < least {
					t.Errorf("%s: %.0f dB", name, ratio)
				}
			}
		}
	}
}

// overError is how far a sound is above its difference from another, in dB.
func overError(want, got []float64) float64 {
	var signal, fault float64
	for i := range min(len(want), len(got)) {
		signal += want[i] * want[i]
		fault += (want[i] - got[i]) * (want[i] - got[i])
	}
	return 10 * math.Log10(signal/max(fault, 1e-12))
}

var usualRates = []int{4000, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 192000}

// What a telephone can carry keeps its loudness and pitch, from every rate.
func TestResampleKeepsWhatATelephoneCarries(t *testing.T) {
	computes(t)
	for _, rate := range append(usualRates, 44099) {
		for hertz, least := range map[float64]float64{100: 55, 1000: 55, 3000: 55, 3400: 38} {
			if hertz > 0.42*float64(rate) {
				continue
			}
			got := Resample(sine(hertz, 0.5, rate, time.Second), rate, Rate)
			if len(got) != Rate {
				t.Errorf("a second at %d Hz becomes %d samples", rate, len(got))
			}
			want := sine(hertz, 0.5, Rate, time.Second)
			if ratio := overError(want[500:7500], got[500:7500]); ratio < least {
				t.Errorf("%v Hz at %d Hz: %.0f dB", hertz, rate, ratio)
			}
		}
	}
}

// What it cannot carry is removed, and does not come back as another tone.
func TestResampleLetsNothingElseThrough(t *testing.T) {
	computes(t)
	for _, rate := range usualRates {
		for _, hertz := range []float64{4300, 5000, 7000, 9000, 15000} {
			if hertz > float64(rate)/2 {
				continue
			}
			got := Resample(sine(hertz, 0.5, rate, time.Second), rate, Rate)
			if left := decibels(energy(got[500:7500])) - decibels(0.125); left > -70 {
				t.Errorf("of %v Hz at %d Hz %.0f dB are left", hertz, rate, left)
			}
		}
	}
}

// Phrases that people record are as loud as the others, whether they whisper or shout; and peaks are never clipped.
func TestConvertMakesAllEquallyLoud(t *testing.T) {
	wav, err := os.ReadFile("../softphone/voices/neighbour.wav")
	if err != nil {
		t.Fatal(err)
	}
	voice := heardIn(t, wav)
	var first float64
	for i, gain := range []float64{1, 0.2, 1.3} {
		softer := make([]float64, len(voice))
		for j, x := range voice {
			softer[j] = max(-1, min(1, gain*x))
		}
		got, _, err := Convert(upload(kindFloat, 32, 1, Rate, softer, false))
		if err != nil {
			t.Fatal(err)
		}
		samples := heardIn(t, got)
		loud := decibels(energy(samples))
		if i == 0 {
			first = loud
		}
		if math.Abs(loud-first) > 1 || loud > -18 || loud < -30 {
			t.Errorf("at %v times as loud it is %.1f dBFS, not %.1f", gain, loud, first)
		}
		if highest := slices.Max(samples); highest > 0.91 {
			t.Errorf("a peak of %v", highest)
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	computes(t)
	speech := tone(0.2, 0.3, 0.1, 900, 1700)
	long := slices.Concat(slices.Repeat(speech, 13))
	broken := upload(kindPCM, 16, 1, Rate, speech, false)
	for what, test := range map[string]struct {
		file  []byte
		words string
	}{
		"nothing":              {nil, "no file"},
		"text":                 {[]byte("hello, I am a recording"), "not a WAV file: record the phrase here"},
		"MP3 with a tag":       {[]byte("ID3\x04\x00 and music"), "MP3 file, which cannot be used: record the phrase here, or save it as WAV"},
		"MP3":                  {[]byte("\xff\xfb\x90\x64 and music"), "MP3"},
		"M4A":                  {[]byte("\x00\x00\x00\x20ftypM4A "), "M4A"},
		"Ogg":                  {[]byte("OggS\x00\x02"), "Ogg"},
		"WebM":                 {[]byte("\x1aE\xdf\xa3\x01"), "WebM"},
		"FLAC":                 {[]byte("fLaC\x00"), "FLAC"},
		"a WAV file of MP3":    {upload(85, 16, 1, Rate, nil, false), "kind 85"},
		"no channel":           {upload(kindPCM, 16, 0, Rate, nil, false), "0 channels"},
		"a thousand":           {upload(kindPCM, 16, 1000, Rate, nil, false), "1000 channels"},
		"no rate":              {upload(kindPCM, 16, 1, 0, speech, false), " 0 Hz"},
		"a rate of a bat":      {upload(kindPCM, 16, 1, 400000, speech, false), "400000 Hz"},
		"13 bit":               {upload(kindPCM, 13, 1, Rate, nil, false), "13 bit"},
		"a head only":          {broken[:40], "no sound in this WAV file"},
		"no samples":           {upload(kindPCM, 16, 1, Rate, nil, false), "nothing can be heard"},
		"silence":              {upload(kindPCM, 16, 1, Rate, make([]float64, 3*Rate), false), "nothing can be heard"},
		"a room":               {upload(kindPCM, 16, 1, Rate, sine(50, 0.0001, Rate, 3*time.Second), false), "nothing can be heard"},
		"half a second":        {upload(kindPCM, 16, 1, Rate, speech[:2000], false), "shorter than a second"},
		"65 seconds":           {upload(kindPCM, 16, 1, Rate, long, false), "longer than 60 seconds"},
		"an hour, of a lie":    {upload(kindPCM, 8, 1, 4000, make([]float64, 4000*3600), false), "longer than 60 seconds"},
		"more than is read":    {make([]byte, MaxFile+1), "larger than 24 MB"},
		"what is not a number": {upload(kindFloat, 32, 1, Rate, slices.Repeat([]float64{math.NaN()}, 2*Rate), false), "nothing can be heard"},
		"a telephone's tone":   {upload(kindPCM, 16, 1, Rate, tone(0.2, 0.375, 0.375, 400), false), "nothing can be heard"},
		"infinitely loud, too": {upload(kindFloat, 64, 1, Rate, nil, false), "nothing can be heard"},
	} {
		if _, _, err := Convert(test.file); err == nil || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: %v, not %q", what, err, test.words)
		}
	}
}

// The result is always a file that Asterisk can play, and never longer than it may be.
func FuzzConvert(f *testing.F) {
	for _, kind := range [][2]int{{kindPCM, 8}, {kindPCM, 24}, {kindFloat, 32}, {kindMuLaw, 8}} {
		f.Add(upload(kind[0], kind[1], 2, 11025, tone(0.2, 0.3, 0.1, 900, 1700)[:16000], true))
	}
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		wav, length, err := Convert(bytes.Clone(file))
		if err != nil {
			return
		}
		if data, err := Data(wav); err != nil || LengthOfFile(int64(len(wav))) != length || len(data) == 0 || length > Longest {
			t.Errorf("%d bytes, %v, %v", len(data), length, err)
		}
	})
}

func BenchmarkConvertAMinute(b *testing.B) {
	minute := slices.Repeat(sine(900, 0.3, 48000, time.Second), 60)
	for i := range minute {
		minute[i] *= math.Abs(math.Sin(float64(i) / 9000)) // as speech comes and goes
	}
	file := upload(kindPCM, 16, 1, 48000, minute, false)
	for b.Loop() {
		if _, _, err := Convert(file); err != nil {
			b.Fatal(err)
		}
	}
}

// computes skips a test with -short, as "make quick" runs: it only computes, and takes long.
func computes(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long: it runs without -short")
	}
}
