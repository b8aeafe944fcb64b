package softphone

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"ringfence/softphone/audio"
)

// received is a packet, and when it came.
type received struct {
	rtp.Packet
	at time.Time
}

// listenTo starts a sound and returns the packets that it sends.
func listenTo(t *testing.T, codec Codec) (s *sound, next func() received) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	s, err = newSound(netip.MustParseAddr("127.0.0.1"), func(string, time.Time) {})
	must(t, err)
	s.connect(conn.LocalAddr().(*net.UDPAddr).AddrPort(), codec, eventPayload, nil)
	t.Cleanup(func() {
		s.close()
		must(t, conn.Close())
	})
	return s, func() received {
		must(t, conn.SetReadDeadline(time.Now().Add(time.Minute)))
		buffer := make([]byte, 2048)
		n, err := conn.Read(buffer)
		must(t, err)
		p := received{at: time.Now()}
		must(t, p.Unmarshal(buffer[:n]))
		return p
	}
}

func TestPacing(t *testing.T) {
	t.Parallel()
	for _, codec := range []Codec{PCMA, PCMU, G722} {
		s, next := listenTo(t, codec)
		last := next()
		for i := 1; i < 60; i++ {
			p := next()
			if p.SequenceNumber != last.SequenceNumber+1 || p.Timestamp != last.Timestamp+160 || p.SSRC != last.SSRC || Codec(p.PayloadType) != codec || len(p.Payload) != 160 {
				t.Fatalf("%s: after %v came %v", codec, last.Packet, p.Packet)
			}
			// A packet never comes before its time; that one comes late on a busy machine is no fault.
			if due := s.begun.Add(time.Duration(i) * packetTime); p.at.Before(due) {
				t.Fatalf("%s: packet %d came %v too early", codec, i, due.Sub(p.at))
			}
			last = p
		}
	}
}

// Long: one story, each step of which rests on those before it.
func TestSpeechAndKeysAsPackets(t *testing.T) {
	t.Parallel()
	s, next := listenTo(t, PCMA)
	first := next()
	if slices.ContainsFunc(PCMA.decoder()(first.Payload), func(v int16) bool { return v > 8 || v < -8 }) {
		t.Errorf("silence is %v", first.Payload)
	}
	ctx := patience(t)
	pressed := make(chan error, 1)
	go func() { pressed <- s.press(ctx, "5#") }()
	type key struct {
		begin, last      received
		duration         uint16
		updates, endings int
	}
	var keys []key
	for done := false; !done; {
		p := next()
		if p.PayloadType != eventPayload {
			select {
			case err := <-pressed:
				must(t, err)
				done = true
			default:
			}
			continue
		}
		if len(p.Payload) != 4 || p.Payload[1]&0x7f != keyVolume {
			t.Fatalf("a key is sent as % x", p.Payload)
		}
		event, ended, duration := p.Payload[0], p.Payload[1]&keyEnd != 0, binary.BigEndian.Uint16(p.Payload[2:])
		if p.Marker {
			keys = append(keys, key{begin: p})
		}
		k := &keys[len(keys)-1]
		k.last, k.updates = p, k.updates+1
		if p.Timestamp != k.begin.Timestamp || duration < k.duration {
			t.Errorf("an update of the key that began at %d is of %d, %d after %d", k.begin.Timestamp, p.Timestamp, duration, k.duration)
		}
		k.duration = duration
		if ended {
			k.endings++
		}
		if want := []uint8{5, 11}[len(keys)-1]; event != want {
			t.Errorf("key %d is sent as event %d", want, event)
		}
	}
	if len(keys) != 2 {
		t.Fatalf("%d keys were sent", len(keys))
	}
	for _, k := range keys {
		if k.duration < 100*8 || k.endings != 3 || k.updates < 8 {
			t.Errorf("a key of %d samples in %d packets, %d of them its end", k.duration, k.updates, k.endings)
		}
	}
	if gap := keys[1].begin.Timestamp - keys[0].begin.Timestamp - uint32(keys[0].duration); gap < 70*8 {
		t.Errorf("%d samples between two keys", gap)
	}
	if err := s.press(ctx, "1x"); err == nil {
		t.Error("the key x was pressed")
	}
}

// Each key comes in many packets and is heard once; what is not a key is not heard.
func TestKeysAreHeardOnce(t *testing.T) {
	t.Parallel()
	var keys keyListener
	for _, test := range []struct {
		at      uint32
		payload []byte
		want    string
	}{
		{0, []byte{11, keyVolume, 0, 160}, "#"}, {0, []byte{11, keyEnd | keyVolume, 1, 64}, ""}, {800, []byte{11, keyVolume, 0, 160}, "#"},
		{1600, nil, ""}, {1600, []byte{5, 0, 0}, ""}, {1600, []byte{16, 0, 0, 0}, ""}, {1600, []byte{255, 0, 0, 0}, ""},
		{1600, []byte{15, 0, 0, 0, 0}, "D"}, {2400, []byte{0, 0, 0, 0}, "0"},
	} {
		if got, ok := keys.hear(rtp.Packet{Header: rtp.Header{Timestamp: test.at}, Payload: test.payload}); got != test.want || ok != (got != "") {
			t.Errorf("% x at %d is heard as %q", test.payload, test.at, got)
		}
	}
}

func TestSpeechCanBeStopped(t *testing.T) {
	t.Parallel()
	s, _ := listenTo(t, PCMA)
	ctx, cancel := context.WithCancel(patience(t))
	said := make(chan error)
	go func() { said <- s.say(ctx, audio.Silence(time.Hour, audio.Narrow)) }()
	next := make(chan error)
	go func() { next <- s.say(patience(t), audio.Silence(40*time.Millisecond, audio.Wide)) }()
	cancel()
	if err := <-said; err == nil {
		t.Error("an hour has passed")
	}
	must(t, <-next)
}

func TestRubbishInsteadOfSound(t *testing.T) {
	t.Parallel()
	s, _ := listenTo(t, PCMA)
	conn, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(s.address()))
	must(t, err)
	defer func() { must(t, conn.Close()) }()
	good := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: uint8(PCMA), SequenceNumber: 7}, Payload: make([]byte, 160)}
	bytes, err := good.Marshal()
	must(t, err)
	for _, rubbish := range [][]byte{{}, {0x80}, []byte("INVITE sip:1@127.0.0.1 SIP/2.0\r\n\r\n"), bytes[:11], append([]byte{0x9f}, bytes[1:]...),
		{0x80, eventPayload, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 99}, {0x80, eventPayload, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 0}} {
		_, err := conn.Write(rubbish)
		must(t, err)
	}
	_, err = conn.Write(bytes)
	must(t, err)
	for until := time.Now().Add(time.Minute); ; {
		if slices.Contains(s.incoming.Sound().PCM, PCMA.decoder()([]byte{0})[0]) {
			return
		}
		if time.Now().After(until) {
			t.Fatal("what came after the rubbish was not heard")
		}
		time.Sleep(time.Millisecond)
	}
}

// A telephone that was kept from listening for a while, as on a busy machine, has missed nothing: once it listens again it hears everything in its place.
func TestListenerThatWasHeldUp(t *testing.T) {
	t.Parallel()
	out, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	defer func() { must(t, out.Close()) }()
	held, goOn := make(chan struct{}), make(chan struct{})
	s, err := newSound(netip.MustParseAddr("127.0.0.1"), func(string, time.Time) { close(held); <-goOn })
	must(t, err)
	defer s.close()
	s.connect(out.LocalAddr().(*net.UDPAddr).AddrPort(), PCMA, eventPayload, nil)
	const packets = 10
	send := func(payload uint8, number int, data []byte) {
		p := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: payload, SequenceNumber: uint16(number), Timestamp: uint32(number * 160)}, Payload: data}
		bytes, err := p.Marshal()
		must(t, err)
		_, err = out.WriteToUDPAddrPort(bytes, s.address())
		must(t, err)
	}
	loud := make([]byte, 160) // a constant of A-law that is no silence
	send(eventPayload, 0, []byte{5, keyVolume, 0, 160})
	<-held // the listener has the key, and nothing else
	for i := range packets {
		send(uint8(PCMA), 1+i, loud)
	}
	time.Sleep(3 * lateness) // held up for so long, at least
	close(goOn)
	want := PCMA.decoder()([]byte{0})[0]
	for ctx := patience(t); ; {
		pcm := s.incoming.Sound().PCM
		if begin := slices.Index(pcm, want); begin >= 0 && len(pcm) >= begin+packets*160 {
			if slices.ContainsFunc(pcm[begin:begin+packets*160], func(v int16) bool { return v != want }) {
				t.Error("there is a hole in what was heard")
			}
			if at := time.Duration(begin) * time.Second / 8000; at > time.Since(s.begun)-3*lateness {
				t.Errorf("what came before it was held up was heard %v after the begin", at)
			}
			return
		}
		if ctx.Err() != nil {
			t.Fatal("what came meanwhile was not heard")
		}
		time.Sleep(time.Millisecond)
	}
}

// Late silence is not made up for; late speech and keys are.
func TestSilenceWaitsForWhoeverIsHeldUp(t *testing.T) {
	t.Parallel()
	s, _ := listenTo(t, PCMA)
	out := &sender{sound: s}
	for late, want := range map[time.Duration]time.Duration{packetTime: 0, sluggish: 0, 2 * sluggish: 2 * sluggish} {
		if got := out.waits(late); got != want {
			t.Errorf("%v late, silence waits for %v", late, got)
		}
	}
	go func() { _ = s.say(t.Context(), audio.Silence(time.Hour, audio.Narrow)) }() // until the test is over
	for until := time.Now().Add(time.Minute); out.waits(2*sluggish) != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("somebody who speaks waits")
		}
	}
}
