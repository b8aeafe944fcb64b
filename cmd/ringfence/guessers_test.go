package main_test

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"

	"ringfence/cmd/faults/figures"
	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// guesses tries to register as the telephone in the hall with wrong passwords, from an address, until that is refused without a look
// at the password, and tells how often it tried; at most so often.
func (h *house) guesses(from string, most int) (tries int, refused bool) {
	h.Helper()
	library, err := testbed.Library("en-GB")
	h.must(err)
	for tries = 1; tries <= most && h.ctx.Err() == nil; tries++ {
		phone, err := softphone.NewPhone(softphone.PhoneConfig{
			Config: softphone.Config{Name: "guesser", Address: from + ":0", Library: library}, Server: h.SIP, User: "home-hall", Password: fmt.Sprint("wrong", tries),
		})
		h.must(err)
		err = phone.Register(h.ctx)
		_ = phone.Unplug() // it was never registered
		switch {
		case err == nil:
			h.Fatal("a wrong password was taken")
		case strings.Contains(err.Error(), "403"):
			return tries, true
		case !strings.Contains(err.Error(), "401"):
			h.Fatal(err)
		}
	}
	return tries, false
}

// guessesUntilRefused guesses from an address until that is refused, waits until the log says so, and tells how often it tried.
func (h *house) guessesUntilRefused(from, words string) (tries int) {
	h.Helper()
	logged := h.Logged(words)
	tries, refused := h.guesses(from, 100_000)
	if !refused {
		h.Fatalf("after %d tries a guesser is not refused", tries)
	}
	h.Logf("refused after %d tries", tries)
	select {
	case <-logged:
	case <-h.ctx.Done():
		h.Error("nothing was logged")
	}
	return tries
}

// Who guesses passwords is refused and told of. Who forges the address of a telephone or of the trunk silences neither.
func TestGuessingOfPasswordsIsSlowed(t *testing.T) {
	h := openLongHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	tries := h.guessesUntilRefused("127.0.0.66", "127.0.0.66 gave a wrong name or password")
	figures.Note(t, "whoever guesses is refused after %d wrong passwords", tries)
	for _, from := range []string{testbed.HomeIP, testbed.TrunkIP} {
		if _, refused := h.guesses(from, 40); refused {
			h.Errorf("%s is refused", from)
		}
	}
	// Another guesser is refused later than the two would have been.
	if _, refused := h.guesses("127.0.0.67", 100_000); !refused {
		h.Error("a second guesser is not refused")
	}
	for _, from := range []string{testbed.HomeIP, testbed.TrunkIP} {
		if _, refused := h.guesses(from, 1); refused {
			h.Errorf("%s is refused", from)
		}
	}
	for range 2 { // with the registration from before, and with one that is made now
		out := h.dials(daughter)
		in := h.picksUp(h.hall)
		h.talk(out, in)
		h.hangsUp(out)
		h.must(h.hall.Unregister(h.ctx))
		h.must(h.hall.Register(h.ctx))
	}
	h.notice("password-guessing")
}

// registration is a REGISTER of the telephone in the hall, as a stranger may have recorded it.
type registration struct {
	*house
	conn  *net.UDPConn
	proof string
	from  string // its name
	id    string // its Call-ID; "": an ordinary one
	sent  int
}

// register sends it, and returns the answer's status and what it asks for.
func (r *registration) register() (status, challenge string) {
	r.Helper()
	r.sent++
	request := fmt.Sprintf("REGISTER sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK-%d;rport\r\nFrom: %[5]s<sip:home-hall@%[1]s>;tag=a\r\nTo: <sip:home-hall@%[1]s>\r\n"+
		"Call-ID: %[6]s\r\nCSeq: %[3]d REGISTER\r\nContact: <sip:home-hall@%[2]s>\r\nExpires: 60\r\n%[4]sContent-Length: 0\r\n\r\n", r.SIP, r.conn.LocalAddr(), r.sent, r.proof, r.from, cmp.Or(r.id, "recorded"))
	for r.ctx.Err() == nil {
		_, err := r.conn.Write([]byte(request))
		r.must(err)
		for r.must(r.conn.SetReadDeadline(time.Now().Add(time.Second))); ; {
			answer := make([]byte, 4096)
			n, err := r.conn.Read(answer)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				break // it was lost, as packets are, and is sent again
			}
			r.must(err)
			text := string(answer[:n])
			if status, is := strings.CutPrefix(text, "SIP/2.0 "); is && strings.Contains(text, fmt.Sprintf("CSeq: %d REGISTER", r.sent)) {
				_, challenge, _ = strings.Cut(text, "WWW-Authenticate: ")
				challenge, _, _ = strings.Cut(challenge, "\r\n")
				return status[:3], challenge
			}
		}
	}
	r.Fatal("no answer to a REGISTER")
	return "", ""
}

// Whatever a guesser writes into its requests, it is refused, and nobody else for it.
func TestAGuesserCannotHideInTheLog(t *testing.T) {
	h := openLongHouse(t)
	const framed = `x' failed for '127.0.0.44:5060' (callid: y`
	at, err := net.ResolveUDPAddr("udp4", h.SIP)
	h.must(err)
	from := func(address string) *registration {
		conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.ParseIP(address)}, at)
		h.must(err)
		t.Cleanup(func() { _ = conn.Close() }) // nothing waits for it
		return &registration{house: h, conn: conn}
	}
	most := 0
	for address, as := range map[string]registration{
		"127.0.0.77": {id: `x] SECURITY[1]: y security_event_stasis_cb: SecurityEvent="SuccessfulAuth",RemoteAddress="IPV4/UDP/127.0.0.77/5060"`},
		"127.0.0.78": {id: framed},
		"127.0.0.79": {from: `"` + framed + `" `, id: "\xff" + framed},
	} {
		logged := h.Logged(address + " gave a wrong name or password")
		r := from(address)
		r.from, r.id = as.from, as.id
		status, tries := "401", 0
		for ; status == "401" && tries < 100_000 && h.ctx.Err() == nil; tries++ {
			var asked string
			status, asked = r.register()
			if challenge, err := digest.ParseChallenge(asked); err == nil {
				proof, err := digest.Digest(challenge, digest.Options{Method: "REGISTER", URI: "sip:" + h.SIP, Username: "home-hall", Password: fmt.Sprint(tries)})
				h.must(err)
				r.proof = "Authorization: " + proof.String() + "\r\n"
			}
		}
		if status != "403" {
			h.Errorf("%s: %s after %d tries", address, status, tries)
			continue
		}
		t.Logf("%s is refused after %d tries", address, tries)
		most = max(most, tries)
		select {
		case <-logged:
		case <-h.ctx.Done():
			h.Error("nothing was logged")
		}
	}
	figures.Note(t, "whoever writes lines of Asterisk's log into their requests is refused after %d wrong passwords at most", most)
	if status, _ := from("127.0.0.44").register(); status != "401" {
		h.Errorf("the address that they named gets %s", status)
	}
}

// A proof that somebody has recorded on the way is good for a few seconds.
func TestARecordedProofIsSoonRefused(t *testing.T) {
	h := openLongHouse(t)
	at, err := net.ResolveUDPAddr("udp4", h.SIP)
	h.must(err)
	conn, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.ParseIP("127.0.0.66")}, at)
	h.must(err)
	t.Cleanup(func() { _ = conn.Close() }) // nothing waits for it
	r := &registration{house: h, conn: conn}
	_, asked := r.register()
	var made time.Time
	for status, tries := "", 0; status != "200"; tries++ { // a slow machine may prove too late
		made = time.Now()
		challenge, err := digest.ParseChallenge(asked)
		h.must(err)
		proof, err := digest.Digest(challenge, digest.Options{Method: "REGISTER", URI: "sip:" + h.SIP, Username: "home-hall", Password: h.Passwords["hall"]})
		h.must(err)
		r.proof = "Authorization: " + proof.String() + "\r\n"
		if status, asked = r.register(); status != "200" && tries == 5 {
			t.Fatalf("the password is refused: %s", status)
		}
	}
	var last time.Duration // for how long the proof was taken
	for status := "200"; status == "200"; {
		last = time.Since(made)
		time.Sleep(200 * time.Millisecond) // it is the passing of time that this is about
		status, _ = r.register()
	}
	if last > 15*time.Second { // 5 are meant, Asterisk's own would be 32
		t.Errorf("a proof was taken for %v", last)
	}
}

// Over IPv6 a guesser's whole network is refused, and phones elsewhere go on working.
func TestGuessingOverIPv6IsSlowed(t *testing.T) {
	six := ""
	h := openHouse(t, func(o *testbed.Options) {
		six = free(t, "udp", "::1")
		o.Asterisks = fmt.Sprintf("sip6 = %q", six)
	})
	h.run("mode", "off")
	four := h.SIP
	h.SIP = six
	h.guessesUntilRefused("[::1]", "::/64 gave a wrong name or password")
	h.SIP = four
	out := h.dials(neighbour)
	in := h.picksUp(h.hall)
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
}
