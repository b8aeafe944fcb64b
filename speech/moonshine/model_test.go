package moonshine

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"

	ort "github.com/yalue/onnxruntime_go"
)

// Scores that are far below the highest are left out, and make no difference.
func TestLikeliest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		scores := make([]float32, 32768)
		var sum float64
		for i := range scores {
			scores[i] = float32(4 * random.NormFloat64())
		}
		want := random.IntN(len(scores))
		scores[want] = 25
		for _, s := range scores {
			sum += math.Exp(float64(s) - 25)
		}
		if got := likeliest(scores); got.token != int64(want) || math.Abs(got.likelihood-1/sum) > 1e-4 {
			t.Errorf("%+v, not %d with %v", got, want, 1/sum)
		}
	}
}

// loaded is the model, in this test's own process, where there is one at a time.
func loaded(t *testing.T) *model {
	t.Helper()
	m, err := load(installed(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(m.encoder.Destroy(), m.decoder.Destroy(), m.run.Destroy(), ort.DestroyEnvironment()); err != nil {
			t.Error(err)
		}
	})
	return m
}

// What a reading leaves behind has to be collected meanwhile, in a small heap. Most of it is what the library copies of each token's output; a copy of
// ours of each token's scores, 130 kB, is a quarter more.
func TestReadingLeavesLittleGarbage(t *testing.T) {
	m := loaded(t)
	recording, err := os.ReadFile("../../softphone/voices/microsoft.wav") // 8.5 s
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.hear(recording, nil); err != nil { // tables are made once
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if words, err := m.hear(recording, nil); err != nil || words.text == "" {
		t.Fatalf("read %+v, %v", words, err)
	}
	runtime.ReadMemStats(&after)
	if left := after.TotalAlloc - before.TotalAlloc; left > 20<<20 {
		t.Errorf("a reading leaves %d bytes", left)
	}
}
