package lossless

import "math"

// Halver makes a recording of half the rate: each sample is the sum of those around it, with their weights.
type Halver []int32

const (
	halverOne = 18 // bits behind the point of a weight
	halverCut = 1 << (halverOne - 1)
)

// NewHalver is one with these weights.
func NewHalver(weights []float64) Halver {
	h := make(Halver, len(weights))
	for i, w := range weights {
		h[i] = int32(math.Round(w * (1 << halverOne)))
	}
	return h
}

// Halve makes count samples.
func (h Halver) Halve(samples []int16, count int) []int16 {
	half := make([]int16, count)
	middle := len(h) / 2
	for i := range half {
		var sum int64 = halverCut
		first := 2*i - middle
		for j := max(0, -first); j < len(h) && first+j < len(samples); j++ {
			sum += int64(h[j]) * int64(samples[first+j])
		}
		half[i] = int16(max(math.MinInt16, min(math.MaxInt16, sum>>halverOne)))
	}
	return half
}
