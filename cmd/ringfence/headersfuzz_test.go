package main_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ringfence/cmd/faults/figures"
	"ringfence/demo/testbed"
)

const (
	hostileAtOnce = 15 // on their way to an answer at a time
	hostileInARow = 9  // and then one as a network sends it
	knownSeed     = 12
)

// hostileCalls is how many calls there are of the known seed, and of how many in all.
func hostileCalls() (known, all int) {
	if figures.Wanted() {
		return 2300, 2800
	}
	return 150, 200
}

// Whatever bytes a blocked caller puts wherever they can, no telephone rings, each call that Asterisk takes is logged, and no line of
// any log is long or does anything to a terminal.
func TestNoBytesOfABlockedCallerMakeATelephoneRing(t *testing.T) {
	known, all := hostileCalls()
	h := openHouse(t, func(o *testbed.Options) {
		// Calls that are refused because there are many would show nothing.
		o.Program, o.Quiet, o.Calls = plain, true, 100
	})
	h.excuse("") // Asterisk may complain of what it is sent
	h.run("block", "add", "0207946", "--prefix")
	fresh := uint64(time.Now().UnixNano())
	t.Logf("the seeds are %d and %d", knownSeed, fresh)
	random := hostile{rand.New(rand.NewPCG(knownSeed, 0))}
	r := newRawCaller(t, h.SIP)
	for i := range all {
		if i == known {
			random = hostile{rand.New(rand.NewPCG(fresh, 0))}
		}
		if i%(hostileInARow+1) < hostileInARow {
			r.dial(t, random.call(r, i))
			h.waitsForLine(r, hostileAtOnce)
			continue
		}
		// Of a call that Asterisk passes over nothing is heard. When this one is answered it has read all that came before.
		_, err := r.one(h.ctx, r.dial(t, r.invite(fmt.Sprintf("%s;tag=%d", hostileAddress(i), i), fmt.Sprintf("proper-%d", i))))
		h.must(err)
	}
	h.waitsForLine(r, 1)

	sent := h.logsAllTaken(r)
	untold := h.turnedAway(r)
	if sent.rang > 0 {
		t.Errorf("%d callers heard ringing", sent.rang)
	}
	h.neverRang(h.hall)
	if sent.taken < all/2 {
		t.Errorf("of %d calls Asterisk took %d: there is nothing to see", all, sent.taken)
	}
	figures.Note(t, "%d calls from blocked numbers, nine of ten with random bytes in their headers. Asterisk took %d, and could not tell the application of %d of those. It refused %d as malformed, and left %d without an answer. All that it took are in the list of calls, and the phone rang for %d of them",
		all, sent.taken, untold, sent.refused, sent.unheard, sent.rang)
	for line := range strings.SplitSeq(h.Testbed.Log.(*syncBuffer).String(), "\n") {
		if len(line) > 1100 || !utf8.ValidString(line) || strings.ContainsFunc(line, func(c rune) bool { return c < ' ' && c != '\t' }) {
			t.Errorf("a line of the log: %.300q (%d bytes)", line, len(line))
		}
	}
}

// waitsForLine waits until fewer calls than so many are without Asterisk's last word, but for those that it may have passed over.
func (h *house) waitsForLine(r *rawCaller, fewer int) {
	h.Helper()
	var open []rawCall
	err := r.until(h.ctx, func(calls []rawCall) bool {
		open = slices.DeleteFunc(calls, func(c rawCall) bool { return c.status == 0 || c.final() })
		return len(open) < fewer
	})
	if err != nil {
		h.Fatalf("Asterisk has not said its last word about %d calls, the first of which is %q", len(open), open[0].lines)
	}
}

// fates is how many calls ended in which way.
type fates struct{ taken, refused, unheard, rang int }

// logsAllTaken waits until each call that Asterisk took has its end in the log. Lines about refused calls are not counted.
func (h *house) logsAllTaken(r *rawCaller) fates {
	h.Helper()
	for {
		var all fates
		h.must(r.until(h.ctx, func(calls []rawCall) bool {
			for _, c := range calls {
				switch {
				case c.status == 0:
					all.unheard++
				case c.status < 300:
					all.taken++
				default:
					all.refused++
				}
				if c.rang {
					all.rang++
				}
			}
			return true
		}))
		logged, ended := 0, 0
		for _, c := range h.callsUpTo(10000) {
			if c.Outcome == "too-many" {
				continue
			}
			logged++
			if c.Ended != nil {
				ended++
			}
		}
		if logged == all.taken && ended == logged {
			return all
		}
		if h.ctx.Err() != nil || logged > all.taken {
			h.Fatalf("Asterisk took %d calls, %d are logged, and %d with their end", all.taken, logged, ended)
		}
		time.Sleep(500 * time.Millisecond) // the last ones are handed over by the dialplan; each look starts a program
	}
}

// turnedAway checks that whoever showed a blocked number, and did not ask for it to be withheld, was turned away. It counts
// the calls of which Asterisk could not tell the application.
func (h *house) turnedAway(r *rawCaller) (untold int) {
	h.Helper()
	numbers := map[string]bool{}
	for _, c := range h.callsUpTo(10000) {
		if c.Action == "turn-away" {
			numbers[c.Number] = true
		}
		if c.Reasons[0].Code == "unreadable-call" {
			untold++
		}
	}
	h.must(r.until(h.ctx, func(calls []rawCall) bool {
		for i, c := range calls {
			shown, withheld := false, false
			for _, line := range c.lines {
				shown = shown || strings.HasPrefix(line, "From:") && strings.Contains(line, hostileAddress(i))
				withheld = withheld || strings.HasPrefix(line, "Privacy:")
			}
			if shown && !withheld && c.final() && c.status < 300 && !numbers[fmt.Sprintf("+44207946%04d", i)] {
				h.Errorf("call %d was not turned away: %q %q", i, c.uri, c.lines)
			}
		}
		return true
	}))
	return untold
}

// hostileAddress is a blocked number, another one for each call: further calls of one that is being turned away are refused.
func hostileAddress(i int) string { return fmt.Sprintf("<sip:0207946%04d@provider.example>", i) }

// hostile makes INVITEs as nobody but an attacker does.
type hostile struct{ *rand.Rand }

// call is an INVITE from a blocked number of its own, with one to three headers spoilt.
func (r hostile) call(caller *rawCaller, i int) rawCall {
	address := hostileAddress(i)
	c := caller.invite(fmt.Sprintf(`"x" %s;tag=%d`, address, i), fmt.Sprintf("hostile-%d", i), "P-Asserted-Identity: "+address)
	for range 1 + r.IntN(3) {
		r.spoil(caller, &c, address, i)
	}
	return c
}

func (r hostile) spoil(caller *rawCaller, c *rawCall, address string, i int) {
	set := func(name, value string) {
		c.lines = slices.DeleteFunc(c.lines, func(line string) bool { return strings.HasPrefix(line, name+":") })
		c.lines = append(c.lines, name+": "+value)
	}
	switch r.IntN(20) {
	case 0, 1:
		set("From", fmt.Sprintf(`"%s" %s;tag=%d`, r.text(), address, i))
	case 2, 3:
		set("P-Asserted-Identity", fmt.Sprintf(`"%s" %s`, r.text(), address))
	case 4:
		set("From", fmt.Sprintf(`<sip:%s@provider.example>;tag=%d`, r.escaped(), i))
	case 5:
		set("From", fmt.Sprintf(`%s %s;tag=%d;x=%s`, r.text(), address, i, r.text()))
	case 6:
		set("P-Asserted-Identity", fmt.Sprintf("<sip:0207946%04d;x=%s@provider.example;y=%s>", i, r.escaped(), r.escaped()))
	case 7:
		if r.IntN(5) == 0 { // most of these hold a line for five seconds
			c.callID(fmt.Sprintf("hostile-%d%s", i, r.text()))
		}
	case 8:
		set("Remote-Party-ID", fmt.Sprintf(`"%s" %s;party=%s`, r.text(), address, r.text()))
	case 9:
		set("Privacy", []string{"none", r.text()}[r.IntN(2)])
	case 10:
		set("Contact", fmt.Sprintf(`"%s" <sip:%s@%s>`, r.text(), r.escaped(), caller.address()))
	case 11:
		set("To", fmt.Sprintf(`"%s" <sip:%s@127.0.0.1>`, r.text(), testbed.Number))
	case 12:
		set("Via", fmt.Sprintf("SIP/2.0/UDP %s;branch=z9hG4bKhostile-%d;x=%s", caller.address(), i, r.text()))
	case 13:
		c.uri = fmt.Sprintf("sip:%s@127.0.0.1", r.escaped())
	case 14:
		c.body = strings.Replace(c.body, "s=-", "s="+r.text()+"\r\ni="+r.text(), 1)
	default:
		set(spoilt[r.IntN(len(spoilt))], r.text())
	}
}

// spoilt are headers of which all may be random. Route and Record-Route are not among them: they would send Asterisk's answers to others.
var spoilt = []string{
	"Subject", "User-Agent", "Diversion", "History-Info", "Identity", "Reason", "Call-Info", "Alert-Info", "Organization", "X-A",
	"Max-Forwards", "Supported", "Allow", "Accept", "Require", "Session-Expires", "Min-SE", "Replaces", "Referred-By", "Date", "Priority",
	"Expires", "Authorization", "Timestamp", "Content-Disposition", "P-Preferred-Identity", "P-Charging-Vector", "Geolocation",
}

// text is what stands for a name.
func (r hostile) text() string {
	pieces := []string{
		"\xff", "\xfc", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe9", "\xc3", "é", "電話", "\u202e", "\ufeff", "\x1b[2J", "\x01", "\t", "\x7f", "\x85",
		"(", ")", "):0:3", ":", ",", ";", "'", "^", "&", "|", "$", "${EXTEN}", "${SHELL(x)}", "$[1/0]", "{", "}", "[", "]", "%00", "%ff", "\\\\", `\"`, "Ann", " ",
		"sip:", "@", "verstat=TN-Validation-Failed", "anonymous", "999",
	}
	var text strings.Builder
	for range r.IntN(6) {
		switch r.IntN(3) {
		case 0:
			raw := make([]byte, r.IntN(12))
			for i := range raw {
				raw[i] = byte(r.Uint32())
			}
			text.WriteString(strings.NewReplacer("\r", "", "\n", "").Replace(string(raw)))
		default:
			text.WriteString(pieces[r.IntN(len(pieces))])
		}
	}
	if r.IntN(60) == 0 {
		return strings.Repeat(text.String()+"\xe9", 1+r.IntN(900))
	}
	return text.String()
}

// escaped is the same as RFC 3261 has it in an address.
func (r hostile) escaped() string {
	var text strings.Builder
	for _, c := range []byte(r.text()) {
		fmt.Fprintf(&text, "%%%02X", c)
	}
	return text.String()
}
