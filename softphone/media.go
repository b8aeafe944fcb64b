package softphone

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"ringfence/softphone/audio"
	"ringfence/softphone/recognise"
)

const packetTime = 20 * time.Millisecond

// sound is one call's sound in both directions. It sends a packet every 20 ms, with silence if there is nothing to say.
type sound struct {
	conn     *net.UDPConn
	arrivals *arrivals
	onKey    func(key string, at time.Time)
	remote   atomic.Pointer[netip.AddrPort]
	mute     atomic.Bool // sends nothing at all
	closed   chan struct{}
	done     sync.WaitGroup

	// Set when sound begins to flow, and not changed after.
	begun    time.Time
	incoming *recognise.Track
	outgoing *recognise.Track // hears what this side says
	rate     int              // of what is heard

	mu     sync.Mutex
	codec  Codec // of what is sent
	events uint8
	encode func([]int16) []byte
	speech *speech
	keys   []*keypress

	heldUntil time.Time // what is sent before this arrives at this time
}

// speech is a recording that is being said.
type speech struct {
	pcm  []int16
	said chan struct{} // closed at its end
}

func newSound(ip netip.Addr, onKey func(key string, at time.Time)) (*sound, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, 0)))
	if err != nil {
		return nil, fmt.Errorf("opening a port for sound: %w", err)
	}
	arrivals, err := newArrivals(conn)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &sound{conn: conn, arrivals: arrivals, onKey: onKey, closed: make(chan struct{})}, nil
}

func (s *sound) address() netip.AddrPort {
	return s.conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// connect sets where sound goes and in which codec. The first time it starts both directions. It fails if the sound is closed, as when a call is cancelled
// while it is being answered.
func (s *sound) connect(to netip.AddrPort, codec Codec, events uint8, library *recognise.Library) bool {
	s.remote.Store(&to)
	s.mu.Lock()
	defer s.mu.Unlock()
	if isClosed(s.closed) {
		return false
	}
	if s.encode == nil || codec != s.codec {
		s.codec, s.encode = codec, codec.encoder()
	}
	s.events = events
	if s.incoming == nil {
		s.begun, s.rate = time.Now(), codec.rate()
		s.incoming, s.outgoing = recognise.NewTrack(library, s.rate), recognise.NewTrack(nil, s.rate)
		s.done.Go(s.receive)
		s.done.Go(s.send)
	}
	return true
}

// close is called once.
func (s *sound) close() {
	s.mu.Lock()
	close(s.closed)
	s.mu.Unlock()
	// Closing the socket wakes the receiver. It does not matter if it is closed already.
	_ = s.conn.Close()
	s.done.Wait()
	if s.incoming != nil {
		s.incoming.Close()
		s.outgoing.Close()
	}
}

// send keeps to a beat of 20 ms counted from the start, so that it makes up for waking late; but silence may wait.
func (s *sound) send() {
	out := &sender{sound: s, packet: rtp.Packet{Header: rtp.Header{Version: 2, SSRC: rand.Uint32()}}}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for beat := s.begun; ; {
		select {
		case <-s.closed:
			return
		case <-timer.C:
		}
		for now := time.Now(); !now.Before(beat); now = time.Now() {
			if wait := out.waits(now.Sub(beat)); wait > 0 {
				out.waited += wait
				beat = beat.Add(wait)
				continue
			}
			out.beat()
			beat = beat.Add(packetTime)
		}
		timer.Reset(time.Until(beat))
	}
}

// lateness is how late a packet may arrive and still be heard in its place.
const lateness = 250 * time.Millisecond

func (s *sound) receive() {
	line := timeline{rate: s.rate}
	decoders := map[Codec]func([]byte) []int16{}
	var keys keyListener
	buffer := make([]byte, 2048)
	for {
		n, arrived, err := s.arrivals.next(buffer)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			// Asterisk sends nothing while it records or waits. That is heard as silence.
			s.incoming.Put(audio.Samples(arrived.Sub(s.begun)-lateness, s.rate), nil)
			continue
		}
		if err != nil {
			select {
			case <-s.closed:
				return
			default:
				continue // an ICMP message about a packet of ours; the socket lives
			}
		}
		var packet rtp.Packet
		if packet.Unmarshal(buffer[:n]) != nil {
			continue // anybody can send anything to a port
		}
		codec := Codec(packet.PayloadType)
		if !known(codec) {
			if key, ok := keys.hear(packet); ok {
				s.onKey(key, arrived)
			}
			continue
		}
		if decoders[codec] == nil {
			decoders[codec] = codec.decoder()
		}
		heard := audio.Sound{Rate: codec.rate(), PCM: decoders[codec](packet.Payload)}.At(s.rate)
		if at, ok := line.place(packet.Header, len(heard.PCM), audio.Samples(arrived.Sub(s.begun), s.rate)); ok {
			s.incoming.Put(at, heard.PCM)
		}
	}
}

// say sends a recording and returns when it has been said. Two at a time are said one after the other.
func (s *sound) say(ctx context.Context, recording audio.Sound) error {
	mine := &speech{said: make(chan struct{})}
	for {
		s.mu.Lock()
		current := s.speech
		if current == nil {
			mine.pcm = recording.At(s.codec.rate()).PCM
			s.speech = mine
		}
		s.mu.Unlock()
		if current == nil {
			break
		}
		select {
		case <-current.said:
		case <-s.closed:
			return errCallOver
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	select {
	case <-mine.said:
		return nil
	case <-s.closed:
		return errCallOver
	case <-ctx.Done():
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.speech == mine {
			s.speech = nil
			close(mine.said)
		}
		return ctx.Err()
	}
}

// press sends keys, one after another, and returns when the last was released.
func (s *sound) press(ctx context.Context, keys string) error {
	var last *keypress
	s.mu.Lock()
	for _, k := range keys {
		event, ok := eventOf(k)
		if !ok {
			s.mu.Unlock()
			return fmt.Errorf("a telephone has no key %q", k)
		}
		last = &keypress{event: event, released: make(chan struct{})}
		s.keys = append(s.keys, last)
	}
	s.mu.Unlock()
	if last == nil {
		return nil
	}
	select {
	case <-last.released:
		return nil
	case <-s.closed:
		return errCallOver
	case <-ctx.Done():
		return ctx.Err()
	}
}
