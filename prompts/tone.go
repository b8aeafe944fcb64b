package prompts

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"
)

// The tone: 1000 Hz as in answering machines, loud enough for old ears and soft enough not to startle.
const (
	toneLength = 350 * time.Millisecond
	toneHertz  = 1000
	toneLevel  = -14 // dBFS
	toneFade   = 10 * time.Millisecond
)

// tone makes the tone as a WAV file.
func tone(rate Rate) []byte {
	n := int(toneLength * time.Duration(rate) / time.Second)
	fade := float64(toneFade * time.Duration(rate) / time.Second)
	peak := math.Pow(10, toneLevel/20.0) * math.Sqrt2
	samples := make([]int16, n)
	for i := range samples {
		edge := min(1, float64(i)/fade, float64(n-1-i)/fade)
		samples[i] = int16(32767 * peak * edge * math.Sin(2*math.Pi*toneHertz*float64(i)/float64(rate)))
	}
	var b bytes.Buffer
	b.WriteString("RIFF")
	for _, field := range []any{
		uint32(header - 8 + 2*n), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate),
		uint16(2), uint16(16), []byte("data"), uint32(2 * n), samples,
	} {
		_ = binary.Write(&b, binary.LittleEndian, field) // a buffer takes everything
	}
	return b.Bytes()
}
