package audio

import "math"

// halfBand is a low-pass at a quarter of the higher rate (a sinc under a Blackman window): the even taps but the middle
// one are zero, so only the odd ones are kept, from the middle outwards. 16 of them pass 3.3 kHz and stop 4.7 kHz at
// 16 kHz by more than 60 dB.
var halfBand = func() [16]float32 {
	var taps [16]float32
	const reach = 2.0 * 16
	for i := range taps {
		k := float64(2*i + 1)
		window := 0.42 + 0.5*math.Cos(math.Pi*k/reach) + 0.08*math.Cos(2*math.Pi*k/reach)
		taps[i] = float32(math.Sin(math.Pi*k/2) / (math.Pi * k) * window)
	}
	return taps
}()

// Reach is how many samples on either side Halve looks at.
const Reach = 2*len(halfBand) - 1

// Halve converts PCM from 16 to 8 kHz without shifting it in time. Beyond its ends there is silence.
func Halve(pcm []int16) []int16 {
	out := make([]int16, (len(pcm)+1)/2)
	for i := range out {
		out[i] = HalveAt(pcm, 2*i)
	}
	return out
}

// HalveAt is the sample of the halved PCM at pcm[at].
func HalveAt(pcm []int16, at int) int16 {
	sum := 0.5 * float32(pcm[at])
	if at >= Reach && at+Reach < len(pcm) {
		for i, tap := range halfBand {
			sum += tap * (float32(pcm[at-2*i-1]) + float32(pcm[at+2*i+1]))
		}
		return clip(sum)
	}
	for i, tap := range halfBand {
		sum += tap * (sample(pcm, at-2*i-1) + sample(pcm, at+2*i+1))
	}
	return clip(sum)
}

// double converts PCM from 8 to 16 kHz without shifting it in time.
func double(pcm []int16) []int16 {
	out := make([]int16, 2*len(pcm))
	for n := range pcm {
		out[2*n] = pcm[n]
		var sum float32
		for i, tap := range halfBand {
			sum += 2 * tap * (sample(pcm, n-i) + sample(pcm, n+1+i))
		}
		out[2*n+1] = clip(sum)
	}
	return out
}

func sample(pcm []int16, at int) float32 {
	if at < 0 || at >= len(pcm) {
		return 0
	}
	return float32(pcm[at])
}

func clip(v float32) int16 {
	return int16(math.Round(float64(max(-32768, min(32767, v)))))
}
