package list_test

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"ringfence/screening"
	"ringfence/sharing/list"
)

// many are so many entries, every step-th of which is another than with another step.
func many(n, step int) iter.Seq2[list.Entry, error] {
	return func(yield func(list.Entry, error) bool) {
		for i := range n {
			e := entry(fmt.Sprintf("+4420%08d", i*3), 0.5)
			if i%step == 0 {
				e.Confidence = 0.75
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

const million = 1_000_000

// BenchmarkPublish writes a list of a million numbers and its delta from the one before, of which a hundredth has changed.
func BenchmarkPublish(b *testing.B) {
	_, secret := newKey(b)
	dir := b.TempDir()
	if _, err := list.Publish(b.Context(), dir, secret, parish, many(million, million), list.Options{}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := list.Publish(b.Context(), dir, secret, parish, many(million, 100), list.Options{Deltas: 1}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFull reads a list of a million numbers as a household does, guard included.
func BenchmarkFull(b *testing.B) {
	public, secret := newKey(b)
	dir := b.TempDir()
	p, err := list.Publish(b.Context(), dir, secret, parish, many(million, 100), list.Options{})
	if err != nil {
		b.Fatal(err)
	}
	full := p.Manifest.Part(0)
	b.ReportMetric(float64(full.Size)/million, "bytes/entry")
	guard := list.NewGuard(nil, screening.Household{Region: "GB"})
	for b.Loop() {
		m, err := list.OpenDir(dir, public, list.DefaultLimits())
		if err != nil {
			b.Fatal(err)
		}
		file, err := os.Open(filepath.Join(dir, full.File))
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for _, err := range guard.Allowed(m.Full(b.Context(), file, full, list.DefaultLimits()), func(e list.Entry, why error) { b.Error(e, why) }) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if err := file.Close(); err != nil || n != million {
			b.Fatal(n, err)
		}
	}
}
