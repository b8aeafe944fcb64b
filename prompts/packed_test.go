//go:build packed

package prompts

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"ringfence/sound"
)

// What a package's program unpacks is what was recorded: at 16 kHz to the bit, at 8 kHz to what nobody hears, 64 dB below full scale.
func TestPackedRecordingsAreThoseThatWereRecorded(t *testing.T) {
	const furthest = 20 // in the mean, of 32,768
	for _, language := range Languages() {
		for _, id := range All() {
			narrow, wide := both(language, id)
			if file, err := os.ReadFile(filepath.Join(language, string(id)+".wav16")); err != nil || !bytes.Equal(file, wide) {
				t.Errorf("%s/%s is not the recording at 16 kHz (%v)", language, id, err)
			}
			file, err := os.ReadFile(filepath.Join(language, string(id)+".wav"))
			if err != nil {
				t.Fatal(err)
			}
			one, other := samplesOf(t, narrow), samplesOf(t, file)
			var squares float64
			for i := range min(len(one), len(other)) {
				d := float64(one[i]) - float64(other[i])
				squares += d * d
			}
			if difference := squares / float64(len(other)); difference > furthest*furthest || len(other)-len(one) > 1 || len(one) > len(other) {
				t.Errorf("%s/%s at 8 kHz: %d samples, not %d, with a mean difference of %.1f", language, id, len(one), len(other), difference)
			}
		}
	}
}

func samplesOf(t *testing.T, wav []byte) []int16 {
	t.Helper()
	_, data, err := sound.Read(wav)
	if err != nil {
		t.Fatal(err)
	}
	samples := make([]int16, len(data)/2)
	if _, err := binary.Decode(data, binary.LittleEndian, samples); err != nil {
		t.Fatal(err)
	}
	return samples
}
