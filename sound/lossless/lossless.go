// Package lossless makes speech of 16 bits smaller without losing a bit of it, as FLAC does: each sample is predicted from those before it, and
// what is left is written in few bits. It is for the recordings in the program, which would be more than half of its size; a FLAC library of Go
// that writes no linear prediction would leave a third more of them.
//
// Decode works with whole numbers alone, so that it returns the same on every kind of machine.
package lossless

import (
	"encoding/binary"
	"errors"
)

const (
	block     = 640 // samples with one predictor
	mostOrder = 24  // samples that a predictor looks back at
	precision = 11  // bits of a predictor's coefficients, with their sign
	longest   = 40  // a larger quotient is written out

	most = 1 << 24 // samples of a recording
)

var errCut = errors.New("a recording in the program is damaged")

// Decode returns the samples that Encode was given.
func Decode(encoded []byte) ([]int16, error) {
	count, head := binary.Uvarint(encoded)
	if head <= 0 || count > most {
		return nil, errCut
	}
	in := &reader{from: encoded[head:]}
	samples, rest := make([]int16, count), newRice()
	for at := 0; at < len(samples); at += block {
		p := in.predictor()
		for i := at; i < min(at+block, len(samples)); i++ {
			samples[i] = int16(p.next(samples[:i]) + in.rice(rest)) //nolint:gosec // it wraps around as Encode's difference does
		}
		if in.failed {
			return nil, errCut
		}
	}
	return samples, nil
}

// predictor is a linear one: the next sample is the sum of those before it, each with its weight.
type predictor struct {
	weights []int32 // the latest sample's first
	shift   uint
}

func (p predictor) next(before []int16) int32 {
	var sum int64
	for i, w := range p.weights[:min(len(p.weights), len(before))] {
		sum += int64(w) * int64(before[len(before)-1-i])
	}
	return int32(sum >> p.shift) //nolint:gosec // weights of 11 bits and samples of 16: at most 32 bits, and Encode shifts them
}

// rice says how many bits the next difference is expected to have, from those before it.
type rice struct{ mean uint32 }

const riceSlow = 4 // the mean follows this slowly

func newRice() *rice { return &rice{mean: 64 << riceSlow} }

func (r *rice) bits() uint {
	k := uint(0)
	for r.mean>>(riceSlow+k) > 1 && k < 16 {
		k++
	}
	return k
}

func (r *rice) note(value uint32) { r.mean += min(value, 1<<17) - r.mean>>riceSlow }

// reader reads bits, the highest of a byte first.
type reader struct {
	from   []byte
	at     int // bit
	failed bool
}

func (r *reader) bit() uint32 {
	if r.at>>3 >= len(r.from) {
		r.failed = true
		return 0
	}
	bit := r.from[r.at>>3] >> (7 - r.at&7) & 1
	r.at++
	return uint32(bit)
}

func (r *reader) bits(n uint) uint32 {
	var value uint32
	for n > 0 {
		if r.at>>3 >= len(r.from) {
			r.failed = true
			return 0
		}
		free := uint(8 - r.at&7)
		take := min(n, free)
		part := uint32(r.from[r.at>>3]) >> (free - take) & (1<<take - 1)
		value, n, r.at = value<<take|part, n-take, r.at+int(take)
	}
	return value
}

func (r *reader) predictor() predictor {
	p := predictor{weights: make([]int32, r.bits(5)), shift: uint(r.bits(4))}
	for i := range p.weights {
		p.weights[i] = int32(r.bits(precision)<<(32-precision)) >> (32 - precision) //nolint:gosec // the sign is carried up
	}
	return p
}

func (r *reader) rice(state *rice) int32 {
	k := state.bits()
	quotient := uint32(0)
	for r.bit() == 1 && quotient < longest && !r.failed {
		quotient++
	}
	var value uint32
	if quotient == longest {
		value = r.bits(18)
	} else {
		value = quotient<<k | r.bits(k)
	}
	state.note(value)
	return int32(value>>1) ^ -int32(value&1) //nolint:gosec // even values are positive
}
