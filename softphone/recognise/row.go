package recognise

import (
	"math"
	"sort"
	"sync"

	"gonum.org/v1/gonum/dsp/fourier"
)

// Sizes of the coarse search, in samples at 1 kHz.
const (
	coarseStep = 8    // samples at 8 kHz for one
	querySize  = 600  // what is searched for in all recordings, 0.6 s
	startSize  = 300  // and in their first sounds
	startReach = 100  // by how much the first sound may be taken for earlier or later
	blockSize  = 4096 // of an FFT
)

const (
	coarseLeast = 0.45 // correlation below which a place is not looked at closely
	candidates  = 12   // places that are looked at closely
)

// row is pieces of recordings, one after another, in which queries of one size are found.
type row struct {
	size    int // of a query
	pieces  []piece
	energy  []float64      // sums of squares before each sample
	spectra [][]complex128 // of blocks that overlap by a query
	fourier sync.Pool      // of *fourier.FFT, which is not safe for several goroutines
}

// piece says that queries from begin to end of the row lie in a template, starting at one of its samples (if that is negative, the query begins before the
// template).
type piece struct {
	template         *template
	begin, end, from int
}

// newRow makes a row of the samples of each template at which a query may begin; what lies outside it is silence.
func newRow(templates []*template, size int, bounds func(*template) (from, span int)) *row {
	r := &row{size: size, fourier: sync.Pool{New: func() any { return fourier.NewFFT(blockSize) }}}
	var samples []float64
	for _, t := range templates {
		from, span := bounds(t)
		r.pieces = append(r.pieces, piece{t, len(samples), len(samples) + span, from})
		for i := from; i < from+span+size; i++ {
			v := 0.0
			if i >= 0 && i < len(t.low) {
				v = float64(t.low[i])
			}
			samples = append(samples, v)
		}
	}
	r.energy = make([]float64, len(samples)+1)
	for i, v := range samples {
		r.energy[i+1] = r.energy[i] + v*v
	}
	transform := fourier.NewFFT(blockSize)
	for begin := 0; begin < len(samples); begin += r.lags() {
		block := make([]float64, blockSize)
		copy(block, samples[begin:])
		r.spectra = append(r.spectra, transform.Coefficients(nil, block))
	}
	return r
}

// lags is how many places one block tries.
func (r *row) lags() int { return blockSize - r.size + 1 }

// candidate is a place that may be the right one.
type candidate struct {
	index       int
	correlation float64
}

// at is the template at a place, and which of its samples.
func (r *row) at(index int) (t *template, sample int, ok bool) {
	i := sort.Search(len(r.pieces), func(i int) bool { return r.pieces[i].end > index })
	if i == len(r.pieces) || index < r.pieces[i].begin {
		return nil, 0, false
	}
	p := r.pieces[i]
	return p.template, p.from + index - p.begin, true
}

// search returns the best places for a query, which must not be longer than the row is made for.
func (r *row) search(query []float32) []candidate {
	block := make([]float64, blockSize)
	var energy float64
	for i, v := range query {
		block[i] = float64(v)
		energy += block[i] * block[i]
	}
	transform := r.fourier.Get().(*fourier.FFT)
	defer r.fourier.Put(transform)
	spectrum := transform.Coefficients(nil, block)
	product := make([]complex128, len(spectrum))
	var best []candidate
	for b, theirs := range r.spectra {
		for i, q := range spectrum {
			product[i] = theirs[i] * complex(real(q), -imag(q))
		}
		// gonum leaves out the division by the size.
		for i, cross := range transform.Sequence(block, product)[:r.lags()] {
			cross /= blockSize
			index := b*r.lags() + i
			if cross <= 0 || index+len(query) >= len(r.energy) {
				continue
			}
			there := r.energy[index+len(query)] - r.energy[index]
			if cross*cross < coarseLeast*coarseLeast*there*energy || there < quiet*quiet*float64(len(query)) {
				continue
			}
			if _, _, ok := r.at(index); ok {
				best = keep(best, candidate{index, cross / math.Sqrt(there*energy)})
			}
		}
	}
	return best
}

// keep adds a candidate to the best ones. Neighbours are one place.
func keep(best []candidate, c candidate) []candidate {
	const neighbour = 4
	worst := 0
	for i, b := range best {
		if c.index-b.index < neighbour && b.index-c.index < neighbour {
			if c.correlation > b.correlation {
				best[i] = c
			}
			return best
		}
		if b.correlation < best[worst].correlation {
			worst = i
		}
	}
	if len(best) < candidates {
		return append(best, c)
	}
	if c.correlation > best[worst].correlation {
		best[worst] = c
	}
	return best
}
