package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"

	"ringfence/sound"
)

// line is what happens to sound on its way.
type line struct {
	name  string
	aim   int // per cent of words that may be wrong
	carry func(ctx context.Context, samples []float64, seed uint64) ([]float64, error)
	along bool // what was said is read while it is, too (see grows)
}

var lines = []line{
	{"G.711", 4, g711Alone, false},
	{"G.711, read along", 4, g711Alone, true},
	{"GSM", 6, gsm, false},
	{"5 % of packets lost", 6, lossy, false},
	{"white noise at 10 dB", 18, noisy, false},
	{"the same, read along", 18, noisy, true},
}

// g711Alone is how the recordings are.
func g711Alone(_ context.Context, samples []float64, _ uint64) ([]float64, error) {
	return samples, nil
}

// gsm sends sound through the codec of mobile phones, GSM 06.10, with sox.
func gsm(ctx context.Context, samples []float64, _ uint64) ([]float64, error) {
	raw := []string{"-t", "raw", "-r", "8000", "-e", "signed", "-b", "16", "-c", "1", "-"}
	packed, err := sox(ctx, sound.Bytes(samples), append(raw, "-t", "gsm", "-")...)
	if err != nil {
		return nil, err
	}
	data, err := sox(ctx, packed, append([]string{"-t", "gsm", "-r", "8000", "-c", "1", "-"}, raw...)...)
	if err != nil {
		return nil, err
	}
	return sound.Samples(sound.WAV(sound.Rate, data), sound.Rate)
}

func sox(ctx context.Context, in []byte, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "sox", append([]string{"-D"}, args...)...)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("sox: %w", err)
	}
	return out, nil
}

// lossy silences one packet of 20 ms in twenty.
func lossy(_ context.Context, samples []float64, seed uint64) ([]float64, error) {
	const packet = sound.Rate / 50
	random := rand.New(rand.NewPCG(seed, 5)) //nolint:gosec // the same each time
	out := append([]float64(nil), samples...)
	for at := 0; at+packet <= len(out); at += packet {
		if random.Float64() < 0.05 {
			clear(out[at : at+packet])
		}
	}
	return out, nil
}

// noisy adds noise that has a tenth of the speech's power.
func noisy(_ context.Context, samples []float64, seed uint64) ([]float64, error) {
	random := rand.New(rand.NewPCG(seed, 10)) //nolint:gosec // the same each time
	var power float64
	for _, x := range samples {
		power += x * x
	}
	level := math.Sqrt(power / float64(len(samples)) / 10)
	out := make([]float64, len(samples))
	for i, x := range samples {
		out[i] = x + level*random.NormFloat64()
	}
	return out, nil
}
