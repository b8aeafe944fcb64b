package g722

import (
	"math"
	"testing"
)

// snr compares decoded speech with the original, at the delay of the two mirror filters, in dB.
func snr(original, decoded []int16) float64 {
	const delay = 22
	var signal, noise float64
	for i := 800; i+delay < len(decoded) && i < len(original); i++ {
		s := float64(original[i])
		e := float64(decoded[i+delay]) - s
		signal += s * s
		noise += e * e
	}
	return 10 * math.Log10(signal/noise)
}

func tone(hz, level float64) []int16 {
	pcm := make([]int16, 16000)
	for i := range pcm {
		pcm[i] = int16(level * math.Sin(2*math.Pi*hz*float64(i)/16000))
	}
	return pcm
}

func TestRoundTrip(t *testing.T) {
	for _, hz := range []float64{300, 1000, 2000, 3000, 5000, 6500} {
		for _, level := range []float64{300, 3000, 20000} {
			original := tone(hz, level)
			t.Logf("%5.0f Hz at %5.0f: %.1f dB", hz, level, snr(original, NewDecoder().Decode(NewEncoder().Encode(original))))
		}
	}
}
