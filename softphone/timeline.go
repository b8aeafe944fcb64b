package softphone

import (
	"time"

	"github.com/pion/rtp"

	"ringfence/softphone/audio"
)

// timeline finds the place of each packet in what was heard, so that silence that was not sent, and packets that were lost, leave gaps of the right length.
type timeline struct {
	rate  int // samples a second
	began bool
	last  rtp.Header
	spans int // samples in the last packet
	end   int // where the next packet belongs if nothing is missing
}

// A source that starts over, as Asterisk does at the beginning of a bridge, numbers its packets or its time afresh. A larger difference than these is taken
// for that; then the packet's arrival decides.
const (
	strayPackets = 1000
	strayTime    = 300 * time.Millisecond
	jitter       = 60 * time.Millisecond
)

// place returns the index of a packet's first sample. arrived is the index that belongs to the moment of its arrival.
// A packet that comes twice, or too late, has no place.
func (t *timeline) place(h rtp.Header, samples, arrived int) (at int, ok bool) {
	step := int(int16(h.SequenceNumber - t.last.SequenceNumber))
	if t.began && h.SSRC == t.last.SSRC && step <= 0 && step > -strayPackets {
		return 0, false
	}
	at = t.start(h, arrived)
	t.began, t.last, t.spans, t.end = true, h, samples, at+samples
	return at, true
}

func (t *timeline) start(h rtp.Header, arrived int) int {
	waited := arrived - t.end
	if t.began && h.SSRC == t.last.SSRC {
		gap := int(int32(h.Timestamp-t.last.Timestamp))*(t.rate/rtpClock) - t.spans
		stray := gap - waited
		if gap == 0 && waited < audio.Samples(lateness, t.rate) || gap > 0 && max(stray, -stray) < audio.Samples(strayTime, t.rate) {
			return t.end + gap
		}
		if waited < audio.Samples(jitter, t.rate) {
			return t.end
		}
	}
	return max(t.end, arrived)
}
