package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ringfence/demo/testbed"
)

// rawCaller sends INVITEs byte by byte, which no SIP library would, and hangs up on whoever answers. It is the far side of the trunk.
type rawCaller struct {
	conn net.PacketConn
	to   net.Addr

	mu      sync.Mutex
	stays   bool       // on the line, until hangsUp
	calls   []*rawCall // by CSeq, from 1 on
	changed chan struct{}
}

// rawCall is one INVITE. Asterisk's answers are found by its CSeq, the one header in which no byte is out of place.
type rawCall struct {
	seq    int
	uri    string
	lines  []string // headers but CSeq, Content-Type and Content-Length, each "Name: value"
	body   string
	status int      // of the last answer; 0: none
	dialog []string // lines, once it has been answered
	rang   bool     // 180 or 183: a telephone rings, or the caller hears that it does
}

// final says that Asterisk has said its last word.
func (c rawCall) final() bool { return c.status >= 200 }

func newRawCaller(t *testing.T, asterisk string) *rawCaller {
	t.Helper()
	conn, err := net.ListenPacket("udp4", testbed.TrunkIP+":0")
	if err != nil {
		t.Fatal(err)
	}
	to, err := net.ResolveUDPAddr("udp4", asterisk)
	if err != nil {
		t.Fatal(err)
	}
	r := &rawCaller{conn: conn, to: to, changed: make(chan struct{})}
	read := make(chan struct{})
	go func() {
		defer close(read)
		r.read()
	}()
	t.Cleanup(func() {
		_ = conn.Close() // nothing is left to send
		<-read
	})
	return r
}

func (r *rawCaller) address() string { return r.conn.LocalAddr().String() }

// dial sends an INVITE and returns its number.
func (r *rawCaller) dial(t *testing.T, c rawCall) int {
	t.Helper()
	r.mu.Lock()
	c.seq = len(r.calls) + 1
	r.calls = append(r.calls, &c)
	r.mu.Unlock()
	r.send(t, c.request("INVITE", c.lines, c.body))
	return c.seq
}

func (r *rawCaller) send(t *testing.T, message []byte) {
	t.Helper()
	if _, err := r.conn.WriteTo(message, r.to); err != nil {
		t.Fatal(err)
	}
}

func (c rawCall) request(method string, lines []string, body string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s SIP/2.0\r\n", method, c.uri)
	for _, line := range lines {
		b.WriteString(line + "\r\n")
	}
	seq := c.seq
	if method == "BYE" {
		seq += 1 << 24
	}
	fmt.Fprintf(&b, "CSeq: %d %s\r\n", seq, method)
	if body != "" {
		b.WriteString("Content-Type: application/sdp\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return b.Bytes()
}

var (
	statusLine = regexp.MustCompile(`^SIP/2\.0 (\d{3}) `)
	cseqLine   = regexp.MustCompile(`(?m)^CSeq: (\d+) ([A-Z]+)\r$`)
	toLine     = regexp.MustCompile(`(?m)^To: [^\r]*\r$`)
)

// read answers what Asterisk sends, until the socket is closed.
func (r *rawCaller) read() {
	buffer := make([]byte, 1<<16)
	for {
		n, _, err := r.conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		message := bytes.Clone(buffer[:n])
		if status := statusLine.FindSubmatch(message); status != nil {
			code, _ := strconv.Atoi(string(status[1])) // three digits
			r.answered(code, message)
		} else if !bytes.HasPrefix(message, []byte("ACK ")) {
			r.accept(message)
		}
	}
}

// accept says yes to a request: a BYE, or the question whether the trunk is there.
func (r *rawCaller) accept(request []byte) {
	head, _, _ := bytes.Cut(request, []byte("\r\n\r\n"))
	answer := []byte("SIP/2.0 200 OK")
	for _, line := range bytes.Split(head, []byte("\r\n"))[1:] {
		for _, name := range []string{"Via:", "From:", "To:", "Call-ID:", "CSeq:"} {
			if bytes.HasPrefix(line, []byte(name)) {
				answer = append(append(answer, "\r\n"...), line...)
			}
		}
	}
	_, _ = r.conn.WriteTo(append(answer, "\r\nContent-Length: 0\r\n\r\n"...), r.to) // it is asked again where this is lost
}

// answered acknowledges a last answer to an INVITE, and hangs up where it was a yes.
func (r *rawCaller) answered(code int, message []byte) {
	cseq := cseqLine.FindSubmatch(message)
	if cseq == nil || string(cseq[2]) != "INVITE" {
		return
	}
	seq, _ := strconv.Atoi(string(cseq[1])) // digits
	r.mu.Lock()
	if seq < 1 || seq > len(r.calls) {
		r.mu.Unlock()
		return
	}
	c := r.calls[seq-1]
	c.status = max(c.status, code)
	c.rang = c.rang || code == 180 || code == 183
	for _, line := range c.lines {
		if strings.HasPrefix(line, "To:") {
			line = strings.TrimSuffix(string(toLine.Find(message)), "\r")
		}
		if code >= 200 && len(c.dialog) < len(c.lines) {
			c.dialog = append(c.dialog, line)
		}
	}
	call, stays := *c, r.stays
	close(r.changed)
	r.changed = make(chan struct{})
	r.mu.Unlock()
	if code < 200 {
		return
	}
	_, _ = r.conn.WriteTo(call.request("ACK", call.dialog, ""), r.to) // Asterisk repeats its answer where this is lost
	if code < 300 && !stays {
		_, _ = r.conn.WriteTo(call.request("BYE", call.dialog, ""), r.to)
	}
}

// hangsUp ends every call that was answered.
func (r *rawCaller) hangsUp(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.calls {
		if c.status >= 200 && c.status < 300 {
			r.send(t, c.request("BYE", c.dialog, ""))
		}
	}
}

// until waits until what is known of the calls is enough.
func (r *rawCaller) until(ctx context.Context, enough func(calls []rawCall) bool) error {
	for {
		r.mu.Lock()
		calls := make([]rawCall, len(r.calls))
		for i, c := range r.calls {
			calls[i] = *c
		}
		changed := r.changed
		r.mu.Unlock()
		if enough(calls) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return errors.New("Asterisk has not said what was waited for")
		}
	}
}

// one waits for the last word about a call.
func (r *rawCaller) one(ctx context.Context, seq int) (c rawCall, err error) {
	err = r.until(ctx, func(calls []rawCall) bool {
		c = calls[seq-1]
		return c.final()
	})
	return c, err
}

// invite is one of a well-behaved network, whose headers may then be changed.
func (r *rawCaller) invite(from, callID string, more ...string) rawCall {
	return rawCall{
		uri: "sip:" + testbed.Number + "@127.0.0.1",
		lines: append([]string{
			"Via: SIP/2.0/UDP " + r.address() + ";branch=z9hG4bK" + callID,
			"Max-Forwards: 70",
			"From: " + from,
			"To: <sip:" + testbed.Number + "@127.0.0.1>",
			"Call-ID: " + callID,
			"Contact: <sip:caller@" + r.address() + ">",
		}, more...),
		body: "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n",
	}
}

// callID changes the Call-ID alone; the branch of Via, which began as the same, has to be a token.
func (c *rawCall) callID(id string) {
	for i, line := range c.lines {
		if strings.HasPrefix(line, "Call-ID: ") {
			c.lines[i] = "Call-ID: " + id
		}
	}
}
