package audio

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func tone(hz float64, rate, samples int) Sound {
	s := Sound{Rate: rate, PCM: make([]int16, samples)}
	for i := range s.PCM {
		s.PCM[i] = int16(8000 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
	}
	return s
}

// difference of two sounds against the first, in dB, apart from their ends.
func difference(a, b Sound) float64 {
	var signal, error float64
	for i := 50; i < min(len(a.PCM), len(b.PCM))-50; i++ {
		x, y := float64(a.PCM[i]), float64(b.PCM[i])
		signal += x * x
		error += (x - y) * (x - y)
	}
	return 10 * math.Log10(error/signal)
}

func TestRates(t *testing.T) {
	for _, hz := range []float64{100, 1000, 2000, 3000} {
		narrow, wide := tone(hz, Narrow, 8000), tone(hz, Wide, 16000)
		if d := difference(narrow, wide.At(Narrow)); d > -45 {
			t.Errorf("%.0f Hz from 16 to 8 kHz: %.0f dB of error", hz, d)
		}
		if d := difference(wide, narrow.At(Wide)); d > -45 {
			t.Errorf("%.0f Hz from 8 to 16 kHz: %.0f dB of error", hz, d)
		}
	}
	// What 8 kHz cannot hold must not come back as something else.
	var loudest int16
	for _, v := range tone(5500, Wide, 16000).At(Narrow).PCM[50:7900] {
		loudest = max(loudest, v, -v)
	}
	if loudest > 80 {
		t.Errorf("5.5 kHz leaves %d of 8000 at 8 kHz", loudest)
	}
	if s := tone(1000, Narrow, 100); !slices.Equal(s.At(Narrow).PCM, s.PCM) {
		t.Error("a sound at its own rate was changed")
	}
}

func TestWAV(t *testing.T) {
	for _, s := range []Sound{tone(440, Narrow, 1000), tone(440, Wide, 7), {Rate: Narrow}} {
		again, err := ReadWAV(s.WAV())
		if err != nil || again.Rate != s.Rate || !slices.Equal(again.PCM, s.PCM) {
			t.Errorf("%d samples at %d came back as %d at %d, %v", len(s.PCM), s.Rate, len(again.PCM), again.Rate, err)
		}
	}
	// Some programs write more chunks, of odd length too.
	file := tone(440, Narrow, 10).WAV()
	withList := slices.Concat(file[:36], []byte("LIST\x03\x00\x00\x00abc\x00"), file[36:])
	if s, err := ReadWAV(withList); err != nil || len(s.PCM) != 10 {
		t.Errorf("with another chunk: %d samples, %v", len(s.PCM), err)
	}
	// Asterisk knows the length only at the end of a recording.
	unfinished := slices.Concat(file[:40], []byte{0, 0, 0, 0}, file[44:])
	if s, err := ReadWAV(unfinished); err != nil || len(s.PCM) != 10 {
		t.Errorf("unfinished: %d samples, %v", len(s.PCM), err)
	}
}

func TestBadWAV(t *testing.T) {
	good := tone(440, Narrow, 10).WAV()
	changed := func(at int, to byte) []byte {
		file := slices.Clone(good)
		file[at] = to
		return file
	}
	for name, file := range map[string][]byte{
		"nothing": {}, "text": []byte("This is no recording at all."), "cut short": good[:30], "without sound": good[:36],
		"A-law": changed(20, 6), "stereo": changed(22, 2), "8 bit": changed(34, 8), "11025 Hz": changed(24, 0x11),
	} {
		if s, err := ReadWAV(file); err == nil {
			t.Errorf("%s was read as %d samples", name, len(s.PCM))
		} else if !strings.Contains(err.Error(), "WAV file") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadWAV(f *testing.F) {
	f.Add(tone(440, Narrow, 10).WAV())
	f.Fuzz(func(t *testing.T, file []byte) {
		if s, err := ReadWAV(file); err == nil && s.Rate != Narrow && s.Rate != Wide {
			t.Errorf("a rate of %d", s.Rate)
		}
	})
}
