package ivr

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// wavOf writes samples from -1 to 1 as Asterisk does.
func wavOf(samples []float64) []byte {
	var b bytes.Buffer
	b.WriteString("RIFF\x00\x00\x00\x00WAVEfmt ")
	for _, field := range []any{uint32(16), uint16(1), uint16(1), uint32(8000), uint32(16000), uint16(2), uint16(16)} {
		_ = binary.Write(&b, binary.LittleEndian, field)
	}
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, uint32(2*len(samples)))
	for _, x := range samples {
		_ = binary.Write(&b, binary.LittleEndian, int16(x*32767))
	}
	return b.Bytes()
}

// tone is 5 s of frequencies at a level, on and off in the given rhythm.
func tone(level float64, on, off float64, frequencies ...float64) []float64 {
	samples := make([]float64, 5*8000)
	for i := range samples {
		at := float64(i) / 8000
		if math.Mod(at, on+off) >= on {
			continue
		}
		for _, f := range frequencies {
			samples[i] += level * math.Sin(2*math.Pi*f*at)
		}
	}
	return samples
}

func TestVoicesAreSpeech(t *testing.T) {
	files, err := filepath.Glob("../softphone/voices/*.wav")
	if err != nil || len(files) < 15 {
		t.Fatalf("where are the voices? %v %v", files, err)
	}
	for _, file := range files {
		wav, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		length, spoken, err := Measure(wav)
		if err != nil || spoken < leastSpoken || spoken > length {
			t.Errorf("%s: %v of %v is speech, %v", filepath.Base(file), spoken, length, err)
		}
	}
}

func TestSilenceAndNetworkTonesAreNotSpeech(t *testing.T) {
	noise := make([]float64, 5*8000)
	for i := range noise {
		noise[i] = 0.003 * math.Sin(float64(i*i)) // -53 dBFS
	}
	for name, samples := range map[string][]float64{
		"nothing":            {},
		"silence":            make([]float64, 40000),
		"a quiet line":       noise,
		"UK dial tone":       tone(0.2, 5, 0, 350, 440),
		"UK busy tone":       tone(0.2, 0.375, 0.375, 400),
		"UK congestion tone": tone(0.1, 0.4, 0.35, 400),
		"UK ringing tone":    tone(0.1, 0.4, 0.2, 400, 450),
		"unobtainable tone":  tone(0.3, 5, 0, 400),
		"US busy tone":       tone(0.1, 0.5, 0.5, 480, 620),
		"French busy tone":   tone(0.1, 0.5, 0.5, 440),
	} {
		if _, spoken, err := Measure(wavOf(samples)); err != nil || spoken >= leastSpoken {
			t.Errorf("%s: %v is taken for speech, %v", name, spoken, err)
		}
	}
}

func TestMeasureLength(t *testing.T) {
	if length, _, err := Measure(wavOf(make([]float64, 12000))); err != nil || length != 1500*time.Millisecond {
		t.Errorf("%v %v", length, err)
	}
}

func TestNotAWAVFile(t *testing.T) {
	for _, text := range []string{"", "RIFF", "RIFF0000WAVE", "RIFF0000WAVEdata\xff\xff\xff\xff", "<html>404</html>"} {
		if _, _, err := Measure([]byte(text)); err == nil {
			t.Errorf("%q was taken for a WAV file", text)
		}
	}
}

func FuzzMeasure(f *testing.F) {
	f.Add(wavOf([]float64{0, 1, -1}))
	f.Add([]byte("RIFF0000WAVEfmt \x10\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, wav []byte) {
		if length, spoken, err := Measure(wav); err == nil && (spoken < 0 || spoken > length+20*time.Millisecond) {
			t.Errorf("%v of %v", spoken, length)
		}
	})
}
