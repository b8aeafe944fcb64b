package main_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/zaf/g711"

	"ringfence/softphone/audio"
)

// flooder is an attacker who rings a number again and again, from as many numbers as they like. All its calls share one socket and hear nothing: a hundred
// Callers would each listen to what they are told, and take the processor away from what they attack.
type flooder struct {
	socket *net.UDPConn // SIP
	sound  *net.UDPConn // what all calls say
	to     netip.AddrPort
	number string
	speech []byte // PCMA

	mu      sync.Mutex
	calls   map[string]*floodCall // that have not ended, by Call-ID
	counts  floodCounts
	changed chan struct{} // closed and renewed when counts change
	done    sync.WaitGroup
	closed  chan struct{}
}

// floodCounts says what became of a flood's calls.
type floodCounts struct {
	Sent, Answered, Refused int
	Ended                   int // answered calls that have ended; those below were not answered
	TakenBack               int // cancelled by Hangup
	Failed                  int // refused with anything but 486
}

// floodConfig says who rings whom.
type floodConfig struct {
	Address string      // an IP address on loopback
	To      string      // SIP address of the Asterisk that is rung
	Number  string      // that is dialled
	Speech  audio.Sound // what every caller says again and again once answered; if it is empty, nothing is sent
}

type floodCall struct {
	headers  string // the headers that all its requests have
	to       string // with the other side's tag once it has answered
	answered bool
	sound    *net.UDPAddr // of the other side, or nil
}

// newFlood opens the two sockets.
func newFlood(c floodConfig) (*flooder, error) {
	ip, err := netip.ParseAddr(c.Address)
	if err != nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%q is no IP address on loopback", c.Address)
	}
	to, err := netip.ParseAddrPort(c.To)
	if err != nil {
		return nil, err
	}
	f := &flooder{to: to, number: c.Number, calls: map[string]*floodCall{}, changed: make(chan struct{}), closed: make(chan struct{})}
	if len(c.Speech.PCM) > 0 {
		for _, sample := range c.Speech.At(audio.Narrow).PCM {
			f.speech = append(f.speech, g711.EncodeAlawFrame(sample))
		}
	}
	here := net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, 0))
	if f.socket, err = net.ListenUDP("udp4", here); err != nil {
		return nil, err
	}
	if f.sound, err = net.ListenUDP("udp4", here); err != nil {
		_ = f.socket.Close()
		return nil, err
	}
	f.done.Go(f.read)
	if f.speech != nil {
		f.done.Go(f.speak)
	}
	return f, nil
}

// Run makes calls at a rate, the nth one from the number from(n), until it has made most calls or ctx ends.
func (f *flooder) Run(ctx context.Context, perSecond, most int, from func(n int) string) {
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for n := range most {
		f.invite(from(n))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Counts are what has become of the calls so far.
func (f *flooder) Counts() floodCounts {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts
}

// Wait returns when wanted is true of the counts.
func (f *flooder) Wait(ctx context.Context, wanted func(floodCounts) bool) error {
	for {
		f.mu.Lock()
		counts, changed := f.counts, f.changed
		f.mu.Unlock()
		if wanted(counts) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("a flood's calls: %+v: %w", counts, ctx.Err())
		}
	}
}

// Hangup ends all calls, and returns when the other side has confirmed.
func (f *flooder) Hangup(ctx context.Context) error {
	f.mu.Lock()
	for id, c := range f.calls {
		if !c.answered {
			f.send(c, "CANCEL", id, 1, nil)
			continue
		}
		f.send(c, "BYE", id+"-bye", 2, nil)
	}
	f.mu.Unlock()
	return f.Wait(ctx, func(c floodCounts) bool {
		return c.Answered == c.Ended && c.Sent == c.Answered+c.Refused+c.TakenBack+c.Failed
	})
}

// Close closes the sockets, without ending the calls.
func (f *flooder) Close() {
	close(f.closed)
	_ = f.socket.Close() // both: nobody reads or writes any more
	_ = f.sound.Close()
	f.done.Wait()
}

// count is called with mu held, as are the functions below.
func (f *flooder) count(what *int) {
	*what++
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *flooder) ended(id string) {
	delete(f.calls, id)
	f.count(&f.counts.Ended)
}

func (f *flooder) invite(from string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count(&f.counts.Sent)
	id := uuid.NewString()
	c := &floodCall{
		headers: fmt.Sprintf("From: <sip:%s@%s>;tag=%s\r\nCall-ID: %s\r\nContact: <sip:flood@%s>\r\nMax-Forwards: 70\r\n",
			from, f.address(), uuid.NewString(), id, f.address()),
		to: fmt.Sprintf("<sip:%s@%s>", f.number, f.to),
	}
	f.calls[id] = c
	at := f.sound.LocalAddr().(*net.UDPAddr)
	f.send(c, "INVITE", id, 1, fmt.Appendf(nil,
		"v=0\r\no=- 1 1 IN IP4 %[1]s\r\ns=-\r\nc=IN IP4 %[1]s\r\nt=0 0\r\nm=audio %[2]d RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n", at.IP, at.Port))
}

func (f *flooder) address() string { return f.socket.LocalAddr().String() }

// send sends a request. Nothing is retransmitted, because loopback loses nothing as long as somebody reads. branch names the transaction: CANCEL, and the
// ACK of a refusal, have the INVITE's (RFC 3261, sections 9.1 and 17.1.1.3).
func (f *flooder) send(c *floodCall, method, branch string, sequence int, body []byte) {
	kind := ""
	if body != nil {
		kind = "Content-Type: application/sdp\r\n"
	}
	f.write(fmt.Appendf(nil, "%[1]s sip:%[2]s@%[3]s SIP/2.0\r\nVia: SIP/2.0/UDP %[4]s;branch=z9hG4bK%[5]s;rport\r\n%[6]sTo: %[7]s\r\n"+
		"CSeq: %[8]d %[1]s\r\n%[9]sContent-Length: %[10]d\r\n\r\n%[11]s",
		method, f.number, f.to, f.address(), branch, c.headers, c.to, sequence, kind, len(body), body))
}

func (f *flooder) write(message []byte) {
	_, _ = f.socket.WriteToUDPAddrPort(message, f.to) // it only fails once the socket is closed
}

func header(message, name string) string {
	_, rest, found := strings.Cut("\r\n"+message, "\r\n"+name+": ")
	if !found {
		return ""
	}
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

func (f *flooder) read() {
	buffer := make([]byte, 1<<16)
	for {
		n, _, err := f.socket.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return
		}
		message := string(bytes.Clone(buffer[:n]))
		f.mu.Lock()
		if strings.HasPrefix(message, "SIP/2.0 ") {
			f.onAnswer(message)
		} else {
			f.onRequest(message)
		}
		f.mu.Unlock()
	}
}

func (f *flooder) onAnswer(message string) {
	status := message[len("SIP/2.0 "):][:3]
	id, sequence := header(message, "Call-ID"), header(message, "CSeq")
	c := f.calls[id]
	switch {
	case c == nil || status < "200":
	case strings.HasSuffix(sequence, " BYE"):
		f.ended(id)
	case !strings.HasSuffix(sequence, " INVITE"):
	case status >= "300":
		c.to = header(message, "To")
		f.send(c, "ACK", id, 1, nil)
		delete(f.calls, id)
		switch status {
		case "486":
			f.count(&f.counts.Refused)
		case "487":
			f.count(&f.counts.TakenBack)
		default:
			f.count(&f.counts.Failed)
		}
	default:
		c.to = header(message, "To")
		f.send(c, "ACK", id+"-ack", 1, nil)
		if _, body, found := strings.Cut(message, "\r\n\r\n"); found && !c.answered {
			if at := theirSound.FindStringSubmatch(body); at != nil {
				c.sound = net.UDPAddrFromAddrPort(netip.MustParseAddrPort(at[1] + ":" + at[2]))
			}
			c.answered = true
			f.count(&f.counts.Answered)
		}
	}
}

// theirSound finds where Asterisk says in its SDP that it receives sound: the address stands before the port (RFC 8866, section 5).
var theirSound = regexp.MustCompile(`(?s)c=IN IP4 ([\d.]+).*m=audio (\d+) `)

// onRequest answers everything with 200: a BYE, or an INVITE that changes nothing.
func (f *flooder) onRequest(message string) {
	method, _, _ := strings.Cut(message, " ")
	if method == "ACK" {
		return
	}
	id := header(message, "Call-ID")
	f.write(fmt.Appendf(nil, "SIP/2.0 200 OK\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\nContent-Length: 0\r\n\r\n",
		header(message, "Via"), header(message, "From"), header(message, "To"), id, header(message, "CSeq")))
	if method == "BYE" && f.calls[id] != nil {
		f.ended(id)
	}
}

// speak sends a packet for every call every 20 ms.
func (f *flooder) speak() {
	const payload = 160
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for sequence := uint16(0); ; sequence++ {
		select {
		case <-f.closed:
			return
		case <-tick.C:
		}
		at := int(sequence) * payload % (len(f.speech) - payload)
		packet := make([]byte, 12, 12+payload)
		packet[0], packet[1] = 0x80, 8 // RFC 3550, section 5.1; PCMA
		binary.BigEndian.PutUint16(packet[2:], sequence)
		binary.BigEndian.PutUint32(packet[4:], uint32(sequence)*payload)
		packet = append(packet, f.speech[at:at+payload]...)
		f.mu.Lock()
		for _, c := range f.calls {
			if c.sound != nil {
				_, _ = f.sound.WriteToUDP(packet, c.sound) // if it fails, the call is over
			}
		}
		f.mu.Unlock()
	}
}
