package lossless

import (
	"encoding/binary"
	"math"
)

// Encode makes samples smaller; Decode returns them.
func Encode(samples []int16) []byte {
	out, rest := &writer{to: binary.AppendUvarint(nil, uint64(len(samples)))}, newRice()
	for at := 0; at < len(samples); at += block {
		end := min(at+block, len(samples))
		var best *writer
		var after rice
		for _, order := range []int{0, 2, 8, 12, 16, 20, mostOrder} {
			tried, state := &writer{}, *rest
			tried.block(samples, at, end, fit(samples, at, end, order), &state)
			if best == nil || tried.length() < best.length() {
				best, after = tried, state
			}
		}
		*rest = after
		out.append(best)
	}
	out.bits(0, (8-out.n)%8)
	return out.to
}

// fit finds the best predictor of an order for a block, by the autocorrelation of its samples (Levinson and Durbin's recursion).
func fit(samples []int16, at, end, order int) predictor {
	from := max(0, at-order)
	n := end - from
	windowed := make([]float64, n)
	for i := range windowed {
		edge := math.Min(float64(i)+0.5, float64(n-i)-0.5) / (0.3 * float64(n)) // the window is flat but for three tenths at either end
		weight := 1.0
		if edge < 1 {
			weight = 0.5 - 0.5*math.Cos(math.Pi*edge)
		}
		windowed[i] = float64(samples[from+i]) * weight
	}
	correlation := make([]float64, order+1)
	for lag := range correlation {
		for i := lag; i < n; i++ {
			correlation[lag] += windowed[i] * windowed[i-lag]
		}
	}
	if order == 0 || correlation[0] == 0 {
		return predictor{}
	}
	return quantised(levinson(correlation))
}

func levinson(correlation []float64) []float64 {
	order := len(correlation) - 1
	a := make([]float64, order)
	left := correlation[0] * (1 + 1e-9)
	for i := range order {
		k := correlation[i+1]
		for j := range i {
			k -= a[j] * correlation[i-j]
		}
		if left <= 0 {
			break
		}
		k /= left
		before := append([]float64(nil), a[:i]...)
		for j := range i {
			a[j] = before[j] - k*before[i-1-j]
		}
		a[i] = k
		left *= 1 - k*k
	}
	return a
}

// quantised writes weights as whole numbers. The error of one is made up for by the next.
func quantised(weights []float64) predictor {
	highest := 0.0
	for _, w := range weights {
		highest = max(highest, math.Abs(w))
	}
	const most = 1<<(precision-1) - 1
	p := predictor{weights: make([]int32, len(weights))}
	for p.shift < 15 && highest*float64(int(2)<<p.shift) < most {
		p.shift++
	}
	carried := 0.0
	for i, w := range weights {
		exact := w*float64(int(1)<<p.shift) + carried
		p.weights[i] = int32(max(-most, min(most, math.Round(exact))))
		carried = exact - float64(p.weights[i])
	}
	return p
}

// writer writes bits, the highest of a byte first.
type writer struct {
	to   []byte
	part uint64 // bits that are no whole byte yet
	n    uint   // how many of them
}

func (w *writer) length() int { return 8*len(w.to) + int(w.n) }

func (w *writer) bits(value uint32, n uint) {
	w.part, w.n = w.part<<n|uint64(value)&(1<<n-1), w.n+n
	for w.n >= 8 {
		w.n -= 8
		w.to = append(w.to, byte(w.part>>w.n))
	}
}

func (w *writer) block(samples []int16, at, end int, p predictor, state *rice) {
	w.bits(uint32(len(p.weights)), 5) //nolint:gosec // at most mostOrder
	w.bits(uint32(p.shift), 4)        //nolint:gosec // at most 15
	for _, weight := range p.weights {
		w.bits(uint32(weight), precision) //nolint:gosec // cut to its lowest bits
	}
	for i := at; i < end; i++ {
		left := int32(int16(int32(samples[i]) - p.next(samples[:i]))) //nolint:gosec // it wraps around, and back in Decode
		w.rice(uint32(left<<1)^uint32(left>>31), state)               //nolint:gosec // positive values become even
	}
}

func (w *writer) rice(value uint32, state *rice) {
	k := state.bits()
	if quotient := value >> k; quotient < longest {
		for range quotient {
			w.bits(1, 1)
		}
		w.bits(0, 1)
		w.bits(value, k)
	} else {
		for range longest + 1 {
			w.bits(1, 1)
		}
		w.bits(value, 18)
	}
	state.note(value)
}

// append writes what another writer has.
func (w *writer) append(other *writer) {
	for _, b := range other.to {
		w.bits(uint32(b), 8)
	}
	if other.n > 0 {
		w.bits(uint32(other.part&(1<<other.n-1)), other.n) //nolint:gosec // fewer than 8 bits
	}
}
