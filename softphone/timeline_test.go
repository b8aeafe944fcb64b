package softphone

import (
	"testing"

	"github.com/pion/rtp"
)

// packet is the header of a packet with so many 20 ms before it in RTP time.
func packet(source uint32, number uint16, beats int) rtp.Header {
	return rtp.Header{SSRC: source, SequenceNumber: number, Timestamp: uint32(1<<32 - 320 + beats*160)}
}

func TestTimeline(t *testing.T) {
	const ms = 8 // samples
	type step struct {
		header  rtp.Header
		arrived int
		want    int // -1: no place
	}
	for name, steps := range map[string][]step{
		"late to begin":             {{packet(1, 9, 0), 130 * ms, 130 * ms}, {packet(1, 10, 1), 150 * ms, 150 * ms}},
		"across the end of numbers": {{packet(1, 65535, 1), 0, 0}, {packet(1, 0, 2), 20 * ms, 20 * ms}},
		"jitter":                    {{packet(1, 1, 0), 0, 0}, {packet(1, 2, 1), 70 * ms, 20 * ms}, {packet(1, 3, 2), 70 * ms, 40 * ms}},
		"lost packets":              {{packet(1, 1, 0), 0, 0}, {packet(1, 4, 3), 65 * ms, 60 * ms}},
		"silence that is not sent":  {{packet(1, 1, 0), 0, 0}, {packet(1, 2, 100), 2010 * ms, 2000 * ms}},
		"twice":                     {{packet(1, 1, 0), 0, 0}, {packet(1, 1, 0), 1 * ms, -1}, {packet(1, 2, 1), 20 * ms, 20 * ms}},
		"too late":                  {{packet(1, 1, 0), 0, 0}, {packet(1, 3, 2), 40 * ms, 40 * ms}, {packet(1, 2, 1), 45 * ms, -1}},
		"silence outside RTP time":  {{packet(1, 1, 0), 0, 0}, {packet(1, 2, 1), 3020 * ms, 3020 * ms}},
		"another source":            {{packet(1, 1, 0), 0, 0}, {packet(2, 50, 900), 500 * ms, 500 * ms}},
		"RTP time jumps":            {{packet(1, 1, 0), 0, 0}, {packet(1, 2, 90000), 25 * ms, 20 * ms}, {packet(1, 3, 50), 45 * ms, 40 * ms}},
		"numbers begin again":       {{packet(1, 40000, 0), 0, 0}, {packet(1, 5, 1), 20 * ms, 20 * ms}},
	} {
		line := timeline{rate: 8000}
		for i, s := range steps {
			at, ok := line.place(s.header, 160, s.arrived)
			if !ok {
				at = -1
			}
			if at != s.want {
				t.Errorf("%s: packet %d has the place %d, not %d", name, i, at, s.want)
			}
		}
	}
	wide := timeline{rate: 16000}
	wide.place(packet(1, 1, 0), 320, 0)
	if at, _ := wide.place(packet(1, 3, 2), 320, 640); at != 640 {
		t.Errorf("at 16 kHz the third packet has the place %d", at)
	}
}
