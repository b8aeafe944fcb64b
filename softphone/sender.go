package softphone

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"

	"github.com/pion/rtp"

	"ringfence/softphone/audio"
)

// A key press as a telephone sends it (RFC 4733): events every 20 ms for 160 ms, then its end three times, since it must
// not be lost; then nothing for 100 ms, so that two equal keys are two keys. ITU-T Q.24 asks for 40 ms at least.
const (
	keyTime    = 160 * time.Millisecond
	keyGap     = 100 * time.Millisecond
	keyVolume  = 10 // dB below full scale
	keyEndings = 3
)

// keyEvents has each key at the place of its event (RFC 4733, section 3.2).
const keyEvents = "0123456789*#ABCD"

// keyEnd marks the packets that end a key (RFC 4733, section 2.3.2).
const keyEnd = 0x80

// keypress is a key that is being pressed.
type keypress struct {
	event    uint8  // in keyEvents
	started  uint32 // RTP timestamp
	beats    int    // sent so far, the gap included
	released chan struct{}
}

// sender makes the packets of a sound.
type sender struct {
	*sound
	packet  rtp.Packet
	buffer  [2048]byte
	silence []int16
	waited  time.Duration // by how much what is sent lags behind the clock
	held    [][]byte      // packets that the network holds up
}

// sluggish is how late a listener may be before the machine is taken to be too busy for it to answer: on a quiet machine nobody is as late.
const sluggish = 300 * time.Millisecond

// waits says how long to send nothing. On a machine that is too busy, listeners here hear late what they have to answer, and the other side must not
// take that for their silence. So until they have caught up no silence is sent, and none is made up for.
func (s *sender) waits(late time.Duration) time.Duration {
	s.mu.Lock()
	idle := s.speech == nil && len(s.keys) == 0
	s.mu.Unlock()
	switch {
	case !idle:
		return 0
	case late > sluggish:
		return late
	case s.incoming.Behind() > sluggish:
		return packetTime
	}
	return 0
}

// beat sends the packet of one beat, 20 ms.
func (s *sender) beat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keys) > 0 {
		s.key(s.keys[0])
	} else {
		s.transmit(uint8(s.codec), s.packet.Timestamp, false, s.encode(s.next()))
	}
	s.packet.Timestamp += uint32(packetTime.Seconds() * rtpClock)
}

// next is the next 20 ms of what is being said, or of silence.
func (s *sender) next() []int16 {
	samples := audio.Samples(packetTime, s.codec.rate())
	if len(s.silence) != samples {
		s.silence = make([]int16, samples)
	}
	if s.speech == nil {
		return s.silence
	}
	frame := s.speech.pcm
	now := int(s.packet.Timestamp)*s.rate/rtpClock + audio.Samples(s.waited, s.rate)
	if len(frame) >= samples {
		s.speech.pcm = frame[samples:]
		s.outgoing.Put(now, audio.Sound{Rate: s.codec.rate(), PCM: frame[:samples]}.At(s.rate).PCM)
		return frame[:samples]
	}
	close(s.speech.said)
	s.speech = nil
	return append(append([]int16(nil), frame...), s.silence[len(frame):]...)
}

func (s *sender) key(k *keypress) {
	if k.beats == 0 {
		k.started = s.packet.Timestamp
	}
	k.beats++
	held := time.Duration(k.beats) * packetTime
	if held <= keyTime {
		s.event(k, held, keyVolume)
	}
	if held == keyTime {
		for range keyEndings {
			s.event(k, held, keyEnd|keyVolume)
		}
	}
	if held >= keyTime+keyGap {
		close(k.released)
		s.keys = s.keys[1:]
	}
}

func (s *sender) event(k *keypress, held time.Duration, endAndVolume uint8) {
	if s.events != 0 {
		payload := binary.BigEndian.AppendUint16([]byte{k.event, endAndVolume}, uint16(held.Seconds()*rtpClock))
		s.transmit(s.events, k.started, k.beats == 1, payload)
	}
}

func (s *sender) transmit(payload uint8, timestamp uint32, marker bool, data []byte) {
	if s.mute.Load() {
		return
	}
	packet := s.packet
	packet.PayloadType, packet.Timestamp, packet.Marker, packet.Payload = payload, timestamp, marker, data
	s.packet.SequenceNumber++
	n, err := packet.MarshalTo(s.buffer[:])
	if err != nil {
		return // only for a buffer that is too small
	}
	if time.Now().Before(s.heldUntil) {
		s.held = append(s.held, bytes.Clone(s.buffer[:n]))
		return
	}
	for _, before := range s.held {
		s.write(before)
	}
	s.held = nil
	s.write(s.buffer[:n])
}

// write sends a packet. Perhaps nobody is listening any more, but a telephone does not learn that from sending sound.
func (s *sender) write(packet []byte) {
	_, _ = s.conn.WriteToUDPAddrPort(packet, *s.remote.Load())
}

// keyListener hears key presses: each comes in many packets with the same timestamp.
type keyListener struct {
	began bool
	last  uint32
}

func (k *keyListener) hear(packet rtp.Packet) (key string, ok bool) {
	if len(packet.Payload) < 4 || int(packet.Payload[0]) >= len(keyEvents) || (k.began && packet.Timestamp == k.last) {
		return "", false
	}
	k.began, k.last = true, packet.Timestamp
	return string(keyEvents[packet.Payload[0]]), true
}

func eventOf(key rune) (event uint8, ok bool) {
	at := strings.IndexRune(keyEvents, key)
	return uint8(max(at, 0)), at >= 0
}
