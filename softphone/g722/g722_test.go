package g722

import (
	"hash/crc32"
	"math"
	"os"
	"testing"

	"ringfence/softphone/audio"
)

// delay of the two mirror filters together, in samples.
const delay = 22

// snr is how far the error of coded and decoded sound is below the sound, in dB.
func snr(original []int16) float64 {
	decoded := NewDecoder().Decode(NewEncoder().Encode(original))
	var signal, noise float64
	for i := 800; i+delay < len(decoded); i++ {
		s := float64(original[i])
		e := float64(decoded[i+delay]) - s
		signal += s * s
		noise += e * e
	}
	return 10 * math.Log10(signal/noise)
}

func tone(hz, level float64) []int16 {
	pcm := make([]int16, audio.Wide)
	for i := range pcm {
		pcm[i] = int16(level * math.Sin(2*math.Pi*hz*float64(i)/audio.Wide))
	}
	return pcm
}

func TestTones(t *testing.T) {
	// The lower band, to 4 kHz, has six bits a sample, the upper two. What was measured, less 2 dB.
	for hz, least := range map[float64]float64{300: 34, 1000: 34, 2000: 35, 3000: 32, 5000: 19, 6500: 21} {
		for _, level := range []float64{300, 3000, 20000} {
			if got := snr(tone(hz, level)); got < least {
				t.Errorf("%.0f Hz at %.0f: error %.1f dB below it, not %.0f", hz, level, got, least)
			}
		}
	}
}

func TestSpeech(t *testing.T) {
	file, err := os.ReadFile("../../prompts/en-GB/inspection.wav16")
	if err != nil {
		t.Fatal(err)
	}
	speech, err := audio.ReadWAV(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := snr(speech.PCM); got < 20 {
		t.Errorf("the error of speech is %.1f dB below it", got)
	}
}

// noise is made of whole numbers only, so that it is the same on every machine: loud and quiet by turns.
func noise() []int16 {
	pcm := make([]int16, 4*audio.Wide)
	state := uint32(1)
	for i := range pcm {
		state = state*1664525 + 1013904223
		pcm[i] = int16(int32(state) >> (17 + i/audio.Wide*3))
	}
	return pcm
}

// TestBits pins every bit to what Asterisk 22's own G.722 makes of the same noise ("file convert" to .g722 and
// back).
func TestBits(t *testing.T) {
	code := NewEncoder().Encode(noise())
	code = code[:len(code)-delay/2] // which Asterisk keeps for what comes next
	if sum := crc32.ChecksumIEEE(code); sum != 0xf1edb361 {
		t.Errorf("coded noise has the checksum %#x", sum)
	}
	sum := crc32.NewIEEE()
	for _, v := range NewDecoder().Decode(code) {
		_, _ = sum.Write([]byte{byte(v), byte(v >> 8)}) // a hash never fails
	}
	if sum.Sum32() != 0x41ca502f {
		t.Errorf("decoded noise has the checksum %#x", sum.Sum32())
	}
}

func TestPacketsAreOneStream(t *testing.T) {
	pcm := noise()
	whole := NewDecoder().Decode(NewEncoder().Encode(pcm))
	encoder, decoder := NewEncoder(), NewDecoder()
	var pieces []int16
	for at := 0; at < len(pcm); at += 320 {
		pieces = append(pieces, decoder.Decode(encoder.Encode(pcm[at:at+320]))...)
	}
	for i := range whole {
		if pieces[i] != whole[i] {
			t.Fatalf("sample %d is %d, not %d", i, pieces[i], whole[i])
		}
	}
	if got := NewEncoder().Encode([]int16{1, 2, 3}); len(got) != 1 {
		t.Errorf("three samples are %d bytes", len(got))
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte{0, 255, 128, 3})
	f.Fuzz(func(t *testing.T, code []byte) {
		if got := NewDecoder().Decode(code); len(got) != 2*len(code) {
			t.Errorf("%d bytes are %d samples", len(code), len(got))
		}
	})
}
