package recognise

import (
	"math"

	"ringfence/softphone/audio"
)

// Sounds are compared at 8 kHz, and below 1.4 kHz. That is where voices differ most; above it the recordings that Asterisk plays at 8 and at 16 kHz differ from
// one another, codecs add noise, and a shift of half a sample matters.
const (
	smoothCutoff = 1400.0
	smoothReach  = 16 // samples at 8 kHz to either side
)

// smoother turns PCM at 8 or 16 kHz into such sound.
type smoother struct {
	step int // samples of PCM for one at 8 kHz
	taps []float32
}

func newSmoother(rate int) smoother {
	step := rate / audio.Narrow
	return smoother{step, lowPass(smoothCutoff/float64(rate), smoothReach*step)}
}

// reach is how many samples of PCM after a sample are needed for it.
func (s smoother) reach() int { return len(s.taps) / 2 }

// extend extends smooth up to a sample, from PCM. Beyond the PCM there is silence.
func (s smoother) extend(smooth, pcm []int16, to int) []int16 {
	for at := len(smooth) * s.step; at < to; at += s.step {
		smooth = append(smooth, int16(math.Round(float64(filter(s.taps, pcm, at)))))
	}
	return smooth
}

// lowPass is a sinc under a Hamming window, with the cut-off as a share of the rate.
func lowPass(cutoff float64, reach int) []float32 {
	taps := make([]float32, 2*reach+1)
	var sum float32
	for i := range taps {
		k := float64(i - reach)
		sinc := 2 * cutoff
		if k != 0 {
			sinc = math.Sin(2*math.Pi*cutoff*k) / (math.Pi * k)
		}
		taps[i] = float32(sinc * (0.54 + 0.46*math.Cos(math.Pi*k/float64(reach))))
		sum += taps[i]
	}
	for i := range taps {
		taps[i] /= sum
	}
	return taps
}

// filter is the filtered sample at a place of pcm.
func filter(taps []float32, pcm []int16, at int) float32 {
	begin := at - len(taps)/2
	var sum float32
	if begin >= 0 && begin+len(taps) <= len(pcm) {
		for i, v := range pcm[begin : begin+len(taps)] {
			sum += taps[i] * float32(v)
		}
		return sum
	}
	for i, tap := range taps {
		if at := begin + i; at >= 0 && at < len(pcm) {
			sum += tap * float32(pcm[at])
		}
	}
	return sum
}

// coarseTaps are for the coarse search: speech has much of its energy below 400 Hz, and half a coarse sample of
// misalignment turns 400 Hz by a fifth of its period.
var coarseTaps = lowPass(400.0/audio.Narrow, 47)

// coarse takes count samples at 1 kHz from smooth sound, beginning at a sample of that.
func coarse(smooth []int16, from, count int) []float32 {
	out := make([]float32, count)
	for n := range out {
		out[n] = filter(coarseTaps, smooth, from+n*coarseStep)
	}
	return out
}
