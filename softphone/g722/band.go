package g722

// band predicts one of the two bands, with the step size of its quantizer (the Recommendation's blocks 3 and 4, the
// same in encoder and decoder).
type band struct {
	det int // step size (DETL, DETH)
	nb  int // its logarithm
	s   int // predicted sample
	sz  int // the part of it that comes from the zeros

	r [3]int // reconstructed samples, newest first
	p [3]int // partially reconstructed ones
	a [3]int // pole coefficients a[1], a[2]
	d [7]int // quantized differences, newest first
	b [7]int // zero coefficients b[1] to b[6]
}

// scale moves the step size: weight comes from table 18 or 20, most is the largest logarithm, shift tells the bands
// apart (LOGSCL and SCALEL, LOGSCH and SCALEH).
func (b *band) scale(weight, most, shift int) {
	b.nb = max(0, min(most, b.nb*127>>7+weight))
	fraction, exponent := ilb[b.nb>>6&31], shift-b.nb>>11
	if exponent < 0 {
		b.det = fraction << -exponent << 2
	} else {
		b.det = fraction >> exponent << 2
	}
}

func (b *band) scaleLow(code int)  { b.scale(wl[rl42[code]], 18432, 8) }
func (b *band) scaleHigh(code int) { b.scale(wh[rh2[code]], 22528, 10) }

// predict takes in the newest quantized difference and predicts the next sample.
func (b *band) predict(difference int) {
	b.d[0] = difference
	b.r[0] = saturate(b.s + difference)
	b.p[0] = saturate(b.sz + difference)
	a2 := b.secondPole()
	a1 := b.firstPole(a2)
	zeros := b.zeros()
	for i := 6; i > 0; i-- {
		b.d[i] = b.d[i-1]
		b.b[i] = zeros[i]
	}
	b.r[2], b.r[1] = b.r[1], b.r[0]
	b.p[2], b.p[1] = b.p[1], b.p[0]
	b.a[1], b.a[2] = a1, a2

	sp := saturate(b.a[1]*saturate(2*b.r[1])>>15 + b.a[2]*saturate(2*b.r[2])>>15)
	b.sz = 0
	for i := 1; i <= 6; i++ {
		b.sz += b.b[i] * saturate(2*b.d[i]) >> 15
	}
	b.sz = saturate(b.sz)
	b.s = saturate(sp + b.sz)
}

// secondPole is UPPOL2.
func (b *band) secondPole() int {
	step := saturate(4 * b.a[1])
	if sameSign(b.p[0], b.p[1]) {
		step = -step
	}
	step = min(step, 32767) >> 7
	if sameSign(b.p[0], b.p[2]) {
		step += 128
	} else {
		step -= 128
	}
	return max(-12288, min(12288, step+b.a[2]*32512>>15))
}

// firstPole is UPPOL1.
func (b *band) firstPole(a2 int) int {
	step := -192
	if sameSign(b.p[0], b.p[1]) {
		step = 192
	}
	limit := saturate(15360 - a2)
	return max(-limit, min(limit, saturate(step+b.a[1]*32640>>15)))
}

// zeros is UPZERO.
func (b *band) zeros() (next [7]int) {
	step := 128
	if b.d[0] == 0 {
		step = 0
	}
	for i := 1; i <= 6; i++ {
		change := -step
		if sameSign(b.d[i], b.d[0]) {
			change = step
		}
		next[i] = saturate(change + b.b[i]*32640>>15)
	}
	return next
}

func sameSign(x, y int) bool { return (x < 0) == (y < 0) }

func saturate(v int) int { return max(-32768, min(32767, v)) }
