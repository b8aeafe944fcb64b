package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// sipp reads a clock that moves in steps of the kernel's tick, 4 ms on many machines, which is about as long as an answer
// takes. So it makes the load, and beside it these probes, a fifth of the calls, measure how long an answer takes.

// probes makes n calls, rate a second, from an address, and returns in ms how long each took from INVITE to 200, and from there to the first
// sound that is none of silence.
func (b *bench) probes(ctx context.Context, from string, n, rate int) (times, sounds []float64, err error) {
	times, sounds = make([]float64, n), make([]float64, n)
	errs := make([]error, n)
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	var all sync.WaitGroup
	for i := range n {
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-tick.C:
		}
		all.Go(func() { times[i], sounds[i], errs[i] = probe(from, b.testbed.SIP, i) })
	}
	all.Wait()
	return times, sounds, errors.Join(errs...)
}

// firstSound waits for a packet of A-law that holds a sound, and tells when it came.
func firstSound(media *net.UDPConn) time.Time {
	packet := make([]byte, 2048)
	for {
		size, err := media.Read(packet)
		if err != nil {
			return time.Time{}
		}
		for _, sample := range packet[min(12, size):size] { // after the header, RFC 3550 section 5.1
			if (sample^0xd5)&0x7f > 0x10 { // more than the quietest step of A-law's first two segments
				return time.Now()
			}
		}
	}
}

// dial makes a connection that is used for half a minute at most.
func dial(from, to string) (*net.UDPConn, error) {
	remote, err := net.ResolveUDPAddr("udp4", to)
	if err != nil {
		return nil, err
	}
	conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.ParseIP(from)}, remote)
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(30 * time.Second))
}

// probe is one call: INVITE, 200, ACK, and an answer to the BYE at the end of the message.
func probe(from, to string, n int) (ms, sound float64, err error) {
	caller := scammer(scammers/2 + n%(scammers/2))
	media, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(from)})
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = media.Close() }() // it ends firstSound
	heard := make(chan time.Time, 1)
	go func() { heard <- firstSound(media) }()
	conn, err := dial(from, to)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = conn.Close() }() // nothing is left in it
	local := conn.LocalAddr().String()
	port := media.LocalAddr().(*net.UDPAddr).Port
	sdp := fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %[1]s\r\nt=0 0\r\nm=audio %d RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n", from, port)
	head := fmt.Sprintf("From: <sip:%s@%s>;tag=p%d\r\nCall-ID: probe-%d-%s\r\nContact: <sip:probe@%s>\r\nMax-Forwards: 70\r\n", caller, from, n, n, local, local)
	began := time.Now()
	_, err = fmt.Fprintf(conn, "INVITE sip:02079460100@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKi%d\r\nTo: <sip:02079460100@%s>\r\nCSeq: 1 INVITE\r\n%sContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
		to, local, n, to, head, len(sdp), sdp)
	if err != nil {
		return 0, 0, err
	}
	buffer := make([]byte, 4096)
	var answered time.Time
	for {
		size, err := conn.Read(buffer)
		if err != nil {
			return 0, 0, fmt.Errorf("a probe was not answered: %w", err)
		}
		message := string(buffer[:size])
		switch {
		case strings.HasPrefix(message, "SIP/2.0 200") && strings.Contains(message, "CSeq: 1 INVITE"):
			if ms == 0 {
				answered = time.Now()
				ms = float64(answered.Sub(began).Microseconds()) / 1000
			}
			_, err = fmt.Fprintf(conn, "ACK sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKa%d\r\n%s\r\nCSeq: 1 ACK\r\n%sContent-Length: 0\r\n\r\n",
				to, local, n, line(message, "To:"), head)
		case strings.HasPrefix(message, "BYE "):
			_, err = fmt.Fprintf(conn, "SIP/2.0 200 OK\r\n%s\r\n%s\r\n%s\r\n%s\r\n%s\r\nContent-Length: 0\r\n\r\n",
				line(message, "Via:"), line(message, "From:"), line(message, "To:"), line(message, "Call-ID:"), line(message, "CSeq:"))
			_ = media.Close()
			first := <-heard
			if first.IsZero() {
				err = errors.Join(err, errors.New("a probe heard nothing"))
			}
			return ms, float64(first.Sub(answered).Microseconds()) / 1000, err
		case strings.HasPrefix(message, "SIP/2.0 4"), strings.HasPrefix(message, "SIP/2.0 5"), strings.HasPrefix(message, "SIP/2.0 6"):
			return 0, 0, fmt.Errorf("a probe was refused: %s", strings.SplitN(message, "\r\n", 2)[0])
		}
		if err != nil {
			return 0, 0, err
		}
	}
}

// line is a header of a message, whole.
func line(message, name string) string {
	for _, l := range strings.Split(message, "\r\n") {
		if strings.HasPrefix(l, name) {
			return l
		}
	}
	return ""
}
