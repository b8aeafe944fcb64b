package main_test

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/icholy/digest"
	"golang.org/x/sync/errgroup"

	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// neighbours sets a second household with a trunk of its own, and returns the house with that trunk's far side.
func neighbours(t *testing.T, onEvent func(softphone.Event)) (*house, *softphone.Provider) {
	t.Helper()
	library, err := testbed.Library("en-GB")
	if err != nil {
		t.Fatal(err)
	}
	other, err := softphone.NewProvider(softphone.ProviderConfig{
		Config: softphone.Config{Name: "other network", Address: "127.0.0.5:0", Library: library, OnEvent: onEvent},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() }) // Asterisk may be gone by now
	h := openLongHouse(t, func(o *testbed.Options) {
		o.Extra = fmt.Sprintf(`
[[trunk]]
name = "other"
address = %q
[[household]]
name = "other"
trunk = "other"
number = "020 7946 0200"
[[household.phone]]
name = "attic"
password = "wet herons on 7 walls"
`, other.Address())
	})
	return h, other
}

// escaped is what is dialled, as it stands in the user part of an address (RFC 3261, section 25.1).
func escaped(dialled string) string {
	var b strings.Builder
	for _, c := range []byte(dialled) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// isRefused dials something, and checks that the telephone is told that it cannot be dialled. That is done two hundred times, six at a time, so that now and
// then sound is lost on a busy machine: such a call is made again.
func (h *house) isRefused(dialled string) error {
	const tries = 3
	for i := 1; ; i++ {
		err := h.dialsInVain(dialled)
		if err == nil || i == tries {
			return err
		}
		h.Logf("dialled again: %v", err)
	}
}

func (h *house) dialsInVain(dialled string) error {
	call, err := h.hall.Call(h.ctx, escaped(dialled))
	if err != nil {
		return fmt.Errorf("%q: %w", dialled, err)
	}
	if _, err := call.Hears(h.ctx, "undialable"); err != nil {
		return fmt.Errorf("%q: %w", dialled, err)
	}
	return call.Hangup(h.ctx)
}

// What a telephone dials reaches no trunk unless all of it are signs of a number: whatever else stands in it, and wherever.
//
// Long: one table.
func TestOnlyNumbersAreDialled(t *testing.T) {
	h, other := neighbours(t, nil)
	h.excuse("dialled something that is not a phone number")
	network := h.network()
	logged := h.Logged("The phone home-hall dialled something that is not a phone number.")
	dialled := []string{
		"0&PJSIP/09098790000@trunk-other,30", "0&Local/999@emergency-other,30", "0,30,g", "0):0&PJSIP/09098790000@trunk-other",
		`0" = "0" | "1`, "0?dial-other,s,1:", "${RF_TO}0", "$[1+1]", "*31&PJSIP/09098790000@trunk-other", "999&PJSIP/1@trunk-other", "s", "h", "i",
		"T", "talk", "0\r\nVia: x", "0\t1", "0\xff1", "(-)", "( )", "0 (0) &1", "9.9.9,1", "(0):0&PJSIP/1@trunk-other",
	}
	for sign := byte(' '); sign <= '~'; sign++ {
		if strings.IndexByte("0123456789+*#", sign) >= 0 {
			continue
		}
		if strings.IndexByte(" -.();", sign) < 0 { // those are written in numbers, or begin a parameter
			dialled = append(dialled, "0"+string(sign)+"09098790123")
		}
		if sign != '-' && sign != ';' { // Asterisk passes over the one at the start, and a parameter: nothing was dialled, and it answers 484
			dialled = append(dialled, string(sign))
		}
	}
	var calls errgroup.Group
	calls.SetLimit(6)
	for _, d := range dialled {
		calls.Go(func() error { return h.isRefused(d) })
	}
	h.must(calls.Wait())
	for _, unprintable := range []string{"\xc3\xbc", "\x7f0", "\t0", "\x010"} {
		call, err := h.hall.Call(h.ctx, escaped(unprintable))
		h.must(err)
		if e := h.ended(call); e.Code != 404 {
			h.Errorf("%q ended with %s", unprintable, e)
		}
	}
	select {
	case <-logged:
	case <-h.ctx.Done():
		h.Error("nothing was logged")
	}
	if made := append(network.Calls(), other.Calls()...); len(made) > 0 {
		h.Errorf("calls were made: %v", made)
	}
	// And a number with every sign of one still goes out.
	in, out := h.reaches(network, escaped("+0123#456789*"))
	if out.Dialled() != "+0123#456789*" && out.Dialled() != "+0123%23456789*" {
		h.Errorf("the network was asked for %q", out.Dialled())
	}
	h.hangsUp(in)
	h.ended(out)
	// So does one in a form that phones and address books send, without what is not the number.
	for written, number := range map[string]string{
		"020-7946-0000": "02079460000", "(020) 7946.0000": "02079460000", "02079460000;phone-context=+44": "02079460000",
		"02079460000;phone-context=)}${RF_TO}@x;y": "02079460000", "999;phone-context=+44": "999", "999 ": "999", " 999": "999", "9-9-9": "999",
		"(9) 99": "999", "9.9.9": "999", "999#": "999", "020 7946 0000##": "02079460000",
	} {
		in, out := h.reaches(network, escaped(written))
		if out.Dialled() != number {
			h.Errorf("%q: the network was asked for %q", written, out.Dialled())
		}
		h.hangsUp(in)
		h.ended(out)
	}
}

// A telephone that answers with a 302 makes Asterisk dial nothing, whether the application rings it or the dialplan. One way
// is left: where the application rings a telephone, Asterisk dials an address such as PJSIP/number@trunk before anybody can
// forbid it. That call is taken back at once.
func TestNoTelephoneSendsCallsElsewhere(t *testing.T) {
	const takenBack = "09098790001" // is dialled where a call may arrive before it is taken back, at some time after that
	var reached atomic.Int32
	count := func(e softphone.Event) {
		if e.Kind == softphone.Rings && e.Call.Dialled() != takenBack {
			reached.Add(1)
		}
	}
	h, other := neighbours(t, count)
	network, err := h.Network(count)
	h.must(err)
	h.Cleanup(func() { _ = network.Close() }) // Asterisk may be gone by now
	h.run("--household", "home", "contact", "add", "Daughter", daughter)
	byNumber := []string{
		"sip:09098790000@127.0.0.9", "sip:999@127.0.0.9", "sip:*31@127.0.0.9", "sip:s@127.0.0.9", "sip:busy@127.0.0.9",
		"sip:09098790000@" + other.Address(), "sip:09098790000@" + h.Provider, "sip:Local/09098790000%40dial-home@127.0.0.9",
		"sip:Local/09098790000%40house-other@127.0.0.9", "sip:Local/*35%40house-other@127.0.0.9", "sip:Local/999%40emergency-home@127.0.0.9",
	}
	byAddress := []string{"sip:PJSIP%2F09098790000%40trunk-line@127.0.0.9", "sip:PJSIP/09098790000%40trunk-other@127.0.0.9"}
	sentOn := func(to, heard string) {
		h.hall.Redirect(to)
		out := h.dials(daughter)
		h.hears(out, heard)
		h.hangsUp(out)
	}
	for _, to := range byNumber {
		sentOn(to, "nobody-home")
	}
	if n := reached.Load(); n > 0 {
		h.Errorf("%d calls reached a network", n)
	}
	for _, to := range byAddress {
		logged := h.Logged("a telephone wanted to send a call elsewhere")
		sentOn(strings.Replace(to, "09098790000", takenBack, 1), "nobody-home")
		select {
		case <-logged:
		case <-h.ctx.Done():
			h.Errorf("%s: nothing was logged", to)
		}
	}
	for len(network.Calls())+len(other.Calls()) > 0 && h.ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond) // they are taken back at once
	}
	h.kill()
	for _, to := range slices.Concat(byNumber, byAddress) {
		sentOn(to, "busy")
	}
	if n := reached.Load(); n > 0 {
		h.Errorf("%d calls of the dialplan's reached a network", n)
	}
}

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

// guessesUntilRefused guesses from an address until that is refused, and waits until the log says so.
func (h *house) guessesUntilRefused(from, words string) {
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
}

// Who guesses passwords is refused and told of. Who forges the address of a telephone or of the trunk silences neither.
func TestGuessingOfPasswordsIsSlowed(t *testing.T) {
	h := openLongHouse(t)
	h.run("contact", "add", "Daughter", daughter)
	h.guessesUntilRefused("127.0.0.66", "127.0.0.66 gave a wrong name or password")
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
		select {
		case <-logged:
		case <-h.ctx.Done():
			h.Error("nothing was logged")
		}
	}
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
