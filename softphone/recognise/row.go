package recognise

import (
	"math"
	"sort"
)

// Sizes of the coarse search, in samples at 1 kHz.
const (
	coarseStep = 8   // samples at 8 kHz for one
	querySize  = 600 // what is searched for in all recordings, 0.6 s
	startSize  = 300 // and in their first sounds
	startReach = 100 // by how much the first sound may be taken for earlier or later
)

const (
	coarseLeast = 0.45 // correlation below which a place is not looked at closely
	candidates  = 12   // places that are looked at closely
)

// row is pieces of recordings, one after another, in which queries of one size are found.
type row struct {
	size      int // of a query
	pieces    []piece
	energy    []float64  // sums of squares before each sample
	spectra   []spectrum // of blocks that overlap by a query, two together: the second one's samples are imaginary
	transform transform
}

// piece says that queries from begin to end of the row lie in a template, starting at one of its samples (if that is negative, the query begins before the
// template).
type piece struct {
	template         *template
	begin, end, from int
}

// newRow makes a row of the samples of each template at which a query may begin; what lies outside it is silence.
func newRow(templates []*template, size int, bounds func(*template) (from, span int)) *row {
	r := &row{size: size, transform: newTransform()}
	var samples []float32
	for _, t := range templates {
		from, span := bounds(t)
		r.pieces = append(r.pieces, piece{t, len(samples), len(samples) + span, from})
		for i := from; i < from+span+size; i++ {
			v := float32(0)
			if i >= 0 && i < len(t.low) {
				v = t.low[i]
			}
			samples = append(samples, v)
		}
	}
	r.energy = make([]float64, len(samples)+1)
	for i, v := range samples {
		r.energy[i+1] = r.energy[i] + float64(v)*float64(v)
	}
	for begin := 0; begin < len(samples); begin += 2 * r.lags() {
		two := make(spectrum, blockSize)
		for i := range two {
			two[i] = complex(at(samples, begin+i), at(samples, begin+r.lags()+i))
		}
		r.transform.forward(two)
		r.spectra = append(r.spectra, two)
	}
	return r
}

// at is a sample, and silence after the last one.
func at(samples []float32, i int) float32 {
	if i < len(samples) {
		return samples[i]
	}
	return 0
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
	ours, product := make(spectrum, blockSize), make(spectrum, blockSize)
	var energy float64
	for i, v := range query {
		ours[i] = complex(v, 0)
		energy += float64(v) * float64(v)
	}
	r.transform.forward(ours)
	f := finder{row: r, length: len(query), energy: energy}
	for i, theirs := range r.spectra {
		for k, q := range ours {
			product[k] = timesConj(theirs[k], q)
		}
		r.transform.backward(product)
		first := 2 * i * r.lags()
		for k, both := range product[:r.lags()] {
			f.found(first+k, real(both))
		}
		for k, both := range product[:r.lags()] {
			f.found(first+r.lags()+k, imag(both))
		}
	}
	return f.best
}

// finder keeps the best places for a query.
type finder struct {
	row    *row
	length int     // of the query
	energy float64 // its sum of squares
	best   []candidate
}

// found takes a place where the query has been multiplied with the row.
func (f *finder) found(index int, product float32) {
	if product <= 0 || index+f.length >= len(f.row.energy) {
		return
	}
	cross := float64(product) / blockSize // which the transform leaves out
	there := f.row.energy[index+f.length] - f.row.energy[index]
	if cross*cross < coarseLeast*coarseLeast*there*f.energy || there < quiet*quiet*float64(f.length) {
		return
	}
	if _, _, ok := f.row.at(index); ok {
		f.best = keep(f.best, candidate{index, cross / math.Sqrt(there*f.energy)})
	}
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
