package lossless

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// sounds are what may be hard: silence, noise of full scale, edges, a tone, no samples, a single one, and not whole blocks.
func sounds() map[string][]int16 {
	random := rand.New(rand.NewPCG(1, 2))
	noise, edges, tone, rising := make([]int16, 5000), make([]int16, 3000), make([]int16, 4097), make([]int16, 2*block)
	for i := range noise {
		noise[i] = int16(random.IntN(1<<16) - 1<<15)
	}
	for i := range edges {
		edges[i] = []int16{math.MinInt16, math.MaxInt16, 0}[random.IntN(3)]
	}
	for i := range tone {
		tone[i] = int16(12000*math.Sin(float64(i)/7) + 3000*math.Sin(float64(i)/3))
	}
	for i := range rising {
		rising[i] = int16(i)
	}
	return map[string][]int16{"none": {}, "one": {-7}, "silence": make([]int16, 3000), "noise": noise, "edges": edges, "tone": tone, "rising": rising}
}

func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	for name, samples := range sounds() {
		encoded := Encode(samples)
		decoded, err := Decode(encoded)
		if err != nil || !slices.Equal(decoded, samples) {
			t.Errorf("%s: not what it was (%v)", name, err)
		}
		if name == "tone" && len(encoded) > len(samples) {
			t.Errorf("a tone of %d bytes takes %d", 2*len(samples), len(encoded))
		}
	}
}

// A tone stays the tone that it is, at half the rate; and at the ends and at full scale nothing wraps around.
func TestHalve(t *testing.T) {
	t.Parallel()
	h := NewHalver([]float64{0.25, 0.5, 0.25})
	if got, want := h.Halve([]int16{0, 100, 200, 100, 0}, 3), []int16{25, 150, 25}; !slices.Equal(got, want) {
		t.Errorf("halved to %v, want %v", got, want)
	}
	if got, want := NewHalver([]float64{1, 1, 1}).Halve([]int16{30000, 30000, -30000, -30000, -30000}, 3), []int16{math.MaxInt16, -30000, math.MinInt16}; !slices.Equal(got, want) {
		t.Errorf("at full scale %v, want %v", got, want)
	}
}

// A program whose file is damaged says so, and does not end.
func TestDamageIsNoticed(t *testing.T) {
	t.Parallel()
	samples := sounds()["noise"]
	tooMany := []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}
	encoded := Encode(samples)
	for _, damaged := range [][]byte{nil, encoded[:1], encoded[:len(encoded)/2], tooMany} {
		if _, err := Decode(damaged); err == nil {
			t.Errorf("%d bytes of %d were read", len(damaged), len(encoded))
		}
	}
}
