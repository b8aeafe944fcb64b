package g722

// Encoder turns 16 kHz speech into G.722. The zero value is not ready: use NewEncoder.
type Encoder struct {
	low, high band
	window    [24]int
}

// NewEncoder makes an encoder.
func NewEncoder() *Encoder {
	return &Encoder{low: band{det: 32}, high: band{det: 8}}
}

// Encode codes two samples into each byte. The last of an odd number of samples is left out.
func (e *Encoder) Encode(pcm []int16) []byte {
	code := make([]byte, len(pcm)/2)
	for i := range code {
		low, high := e.split(int(pcm[2*i]), int(pcm[2*i+1]))
		code[i] = byte(e.codeHigh(high)<<6 | e.codeLow(low))
	}
	return code
}

// split is the transmitting mirror filter: from two samples, one of each band.
func (e *Encoder) split(first, second int) (low, high int) {
	copy(e.window[:], e.window[2:])
	e.window[22], e.window[23] = first, second
	var odd, even int
	for i, tap := range mirror {
		odd += e.window[2*i] * tap
		even += e.window[2*i+1] * mirror[11-i]
	}
	return (even + odd) >> 14, (even - odd) >> 14
}

func (e *Encoder) codeLow(sample int) int {
	difference := saturate(sample - e.low.s)
	size := difference
	if difference < 0 {
		size = -difference - 1
	}
	level := 1
	for level < 30 && size >= q6[level]*e.low.det>>12 {
		level++
	}
	code := ilp[level]
	if difference < 0 {
		code = iln[level]
	}
	quantized := e.low.det * qq4[code>>2] >> 15
	e.low.scaleLow(code >> 2)
	e.low.predict(quantized)
	return code
}

func (e *Encoder) codeHigh(sample int) int {
	difference := saturate(sample - e.high.s)
	size, sign := difference, 2
	if difference < 0 {
		size, sign = -difference-1, 0
	}
	code := sign | 1
	if size >= 564*e.high.det>>12 {
		code = sign
	}
	quantized := e.high.det * qq2[code] >> 15
	e.high.scaleHigh(code)
	e.high.predict(quantized)
	return code
}

// Decoder turns G.722 into 16 kHz speech. The zero value is not ready: use NewDecoder.
type Decoder struct {
	low, high band
	window    [24]int
}

// NewDecoder makes a decoder.
func NewDecoder() *Decoder {
	return &Decoder{low: band{det: 32}, high: band{det: 8}}
}

// Decode makes two samples of each byte.
func (d *Decoder) Decode(code []byte) []int16 {
	pcm := make([]int16, 0, 2*len(code))
	for _, c := range code {
		low, high := d.decodeLow(int(c&63)), d.decodeHigh(int(c>>6))
		first, second := d.join(low, high)
		pcm = append(pcm, first, second)
	}
	return pcm
}

func (d *Decoder) decodeLow(code int) int {
	sample := limit(d.low.s + d.low.det*qq6[code]>>15)
	quantized := d.low.det * qq4[code>>2] >> 15
	d.low.scaleLow(code >> 2)
	d.low.predict(quantized)
	return sample
}

func (d *Decoder) decodeHigh(code int) int {
	quantized := d.high.det * qq2[code] >> 15
	sample := limit(d.high.s + quantized)
	d.high.scaleHigh(code)
	d.high.predict(quantized)
	return sample
}

// join is the receiving mirror filter: two samples from one of each band.
func (d *Decoder) join(low, high int) (first, second int16) {
	copy(d.window[:], d.window[2:])
	d.window[22], d.window[23] = low+high, low-high
	var odd, even int
	for i, tap := range mirror {
		odd += d.window[2*i] * tap
		even += d.window[2*i+1] * mirror[11-i]
	}
	return int16(saturate(even >> 11)), int16(saturate(odd >> 11))
}

// limit keeps a reconstructed sample of a band within its 15 bits (LIMIT).
func limit(v int) int { return max(-16384, min(16383, v)) }
