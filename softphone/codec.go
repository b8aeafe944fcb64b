package softphone

import (
	"cmp"
	"fmt"

	"github.com/zaf/g711"

	"ringfence/softphone/audio"
	"ringfence/softphone/g722"
)

// Codec is a way to send speech, named by its RTP payload type (RFC 3551, table 4).
type Codec uint8

// The codecs that a telephone here can use.
const (
	PCMU Codec = 0
	PCMA Codec = 8
	G722 Codec = 9
)

// rtpClock is the rate of RTP timestamps: 8000 for all three, since RFC 3551 section 4.5.2 keeps an old mistake for
// G.722.
const rtpClock = 8000

func (c Codec) String() string {
	return cmp.Or(map[Codec]string{PCMU: "PCMU", PCMA: "PCMA", G722: "G722"}[c], fmt.Sprintf("codec %d", uint8(c)))
}

// rate of the speech that the codec carries.
func (c Codec) rate() int {
	if c == G722 {
		return audio.Wide
	}
	return audio.Narrow
}

// encoder returns a function that codes 20 ms after 20 ms.
func (c Codec) encoder() func(pcm []int16) []byte {
	switch c {
	case PCMU:
		return func(pcm []int16) []byte { return each(pcm, g711.EncodeUlawFrame) }
	case PCMA:
		return func(pcm []int16) []byte { return each(pcm, g711.EncodeAlawFrame) }
	}
	return g722.NewEncoder().Encode
}

// decoder returns a function that decodes packet after packet.
func (c Codec) decoder() func(payload []byte) []int16 {
	switch c {
	case PCMU:
		return func(payload []byte) []int16 { return each(payload, g711.DecodeUlawFrame) }
	case PCMA:
		return func(payload []byte) []int16 { return each(payload, g711.DecodeAlawFrame) }
	}
	return g722.NewDecoder().Decode
}

func each[From, To any](in []From, convert func(From) To) []To {
	out := make([]To, len(in))
	for i, v := range in {
		out[i] = convert(v)
	}
	return out
}
