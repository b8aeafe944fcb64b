package recognise

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"
)

// The product of two spectra is what gonum's transform says, and there and back is where it was.
func TestTransform(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // samples
	transform := newTransform()
	one, other := make(spectrum, blockSize), make(spectrum, blockSize)
	long, short := make([]complex128, blockSize), make([]complex128, blockSize)
	for i := range one {
		one[i] = complex(float32(random.IntN(60000)-30000), float32(random.IntN(60000)-30000))
		long[i] = complex128(one[i])
		if i < querySize {
			other[i] = complex(float32(random.IntN(60000)-30000), 0)
			short[i] = complex128(other[i])
		}
	}
	transform.forward(one)
	transform.forward(other)
	for i := range one {
		one[i] = timesConj(one[i], other[i])
	}
	transform.backward(one)
	theirs := fourier.NewCmplxFFT(blockSize)
	a, b := theirs.Coefficients(nil, long), theirs.Coefficients(nil, short)
	for i := range a {
		a[i] *= cmplx.Conj(b[i])
	}
	most, apart := 0.0, 0.0
	for i, want := range theirs.Sequence(nil, a) {
		most, apart = max(most, cmplx.Abs(want)), max(apart, cmplx.Abs(want-complex128(one[i])))
	}
	if most == 0 || math.IsNaN(apart) || apart > 1e-4*most {
		t.Errorf("it is %g away from gonum's, of %g", apart, most)
	}
}
