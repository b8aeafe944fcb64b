package softphone

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// wire sends SIP messages as they are, for what no telephone here says by itself.
type wire struct {
	t    *testing.T
	conn *net.UDPConn
	tag  string // of the other side, from its answers
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	address, err := net.ResolveUDPAddr("udp4", to)
	must(t, err)
	conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2)}, address)
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close()) })
	return &wire{t: t, conn: conn}
}

// send fills in what every message has. number names the transaction.
func (w *wire) send(method string, number int, headers, body string) {
	w.t.Helper()
	local := w.conn.LocalAddr().String()
	branch, to := fmt.Sprint(number), "<sip:1@127.0.0.3>"
	if w.tag != "" {
		to += ";tag=" + w.tag
		if method == "ACK" { // of a 200 it is a transaction of its own: RFC 3261, 17.1.1.3
			branch += "ack"
		}
	}
	message := fmt.Sprintf("%s sip:1@%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\r\nFrom: <sip:2@%s>;tag=ours\r\nTo: %s\r\n"+
		"Call-ID: one\r\nCSeq: %d %s\r\nMax-Forwards: 70\r\n%sContent-Length: %d\r\n\r\n%s",
		method, w.conn.RemoteAddr(), local, branch, local, to, number, method, headers, len(body), body)
	_, err := w.conn.Write([]byte(message))
	must(w.t, err)
}

// answer waits for an answer to a method.
func (w *wire) answer(method string, status int) *sip.Response {
	w.t.Helper()
	must(w.t, w.conn.SetReadDeadline(time.Now().Add(time.Minute)))
	buffer := make([]byte, 65536)
	for {
		n, err := w.conn.Read(buffer)
		must(w.t, err)
		message, err := sip.ParseMessage(buffer[:n])
		must(w.t, err)
		res, ok := message.(*sip.Response)
		if !ok || res.CSeq().MethodName != sip.RequestMethod(method) || res.IsProvisional() && status >= 200 {
			continue
		}
		if res.StatusCode != status {
			w.t.Fatalf("%s was answered %s, not %d", method, res.StartLine(), status)
		}
		return res
	}
}

func (w *wire) contact() string { return fmt.Sprintf("Contact: <sip:2@%s>\r\n", w.conn.LocalAddr()) }

func TestReasonOfCancel(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	phone := newPhone(t, PhoneConfig{})
	w := newWire(t, phone.Address())
	w.send("INVITE", 1, w.contact(), "")
	w.answer("INVITE", 180)
	in, err := phone.Rings(ctx)
	must(t, err)
	w.send("CANCEL", 1, "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n", "")
	w.answer("INVITE", 487)
	ending, err := in.Ended(ctx)
	if err != nil || ending.Reason != `SIP;cause=200;text="Call completed elsewhere"` {
		t.Errorf("%+v, %v", ending, err)
	}
	events := in.Events()
	contains(t, events[len(events)-1].Text, "Call completed elsewhere")
	contains(t, events[0].Text, "2")
	w.send("ACK", 1, "", "")
}

func TestMessagesOutsideACall(t *testing.T) {
	t.Parallel()
	w := newWire(t, newPhone(t, PhoneConfig{}).Address())
	w.send("OPTIONS", 1, "", "")
	w.answer("OPTIONS", 200)
	w.send("BYE", 2, "", "")
	w.answer("BYE", 481)
	w.send("CANCEL", 3, "", "")
	w.answer("CANCEL", 481)
	w.send("REGISTER", 4, "", "")
	w.answer("REGISTER", 405)
	w.send("INVITE", 5, "", "")
	w.answer("INVITE", 400)
	w.tag = "over"
	w.send("INVITE", 6, w.contact(), "")
	w.answer("INVITE", 481)
}

func TestAnswerWithoutSound(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	phone := newPhone(t, PhoneConfig{CallWaiting: true})
	w := newWire(t, phone.Address())
	w.send("INVITE", 1, w.contact()+"Content-Type: application/sdp\r\n", "v=0\r\nc=IN IP4 127.0.0.2\r\nm=audio 4000 RTP/AVP 3\r\n")
	in, err := phone.Rings(ctx)
	must(t, err)
	if err := in.Answer(ctx); err == nil {
		t.Error("a call without a codec in common was answered")
	}
	w.answer("INVITE", 488)
}

// Asterisk moves the sound of a call with a second INVITE.
func TestReinvite(t *testing.T) {
	t.Parallel()
	ctx := patience(t)
	phone := newPhone(t, PhoneConfig{})
	w := newWire(t, phone.Address())
	invite := func(number int) *net.UDPConn {
		sound, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2)})
		must(t, err)
		t.Cleanup(func() { must(t, sound.Close()) })
		offer := fmt.Sprintf("v=0\r\nc=IN IP4 127.0.0.2\r\nm=audio %d RTP/AVP 8\r\n", sound.LocalAddr().(*net.UDPAddr).Port)
		w.send("INVITE", number, w.contact()+"Content-Type: application/sdp\r\n", offer)
		return sound
	}
	arrives := func(sound *net.UDPConn) {
		t.Helper()
		must(t, sound.SetReadDeadline(time.Now().Add(time.Minute)))
		_, err := sound.Read(make([]byte, 2048))
		must(t, err)
	}
	first := invite(1)
	in, err := phone.Rings(ctx)
	must(t, err)
	answered := make(chan error, 1)
	go func() { answered <- in.Answer(ctx) }()
	w.tag, _ = w.answer("INVITE", 200).To().Params.Get("tag")
	// Without an ACK the answer is repeated.
	w.answer("INVITE", 200)
	w.send("ACK", 1, "", "")
	must(t, <-answered)
	arrives(first)
	second := invite(2)
	if answer := w.answer("INVITE", 200); !strings.Contains(string(answer.Body()), "m=audio") || answer.Contact() == nil {
		t.Errorf("the second INVITE was answered\n%s", answer)
	}
	w.send("ACK", 2, "", "")
	arrives(second)
	w.send("BYE", 3, "", "")
	w.answer("BYE", 200)
	if ending, err := in.Ended(ctx); err != nil || ending.By != Them {
		t.Errorf("%v, %v", ending, err)
	}
}
