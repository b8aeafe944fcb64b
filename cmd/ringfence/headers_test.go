package main_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ringfence/softphone"
)

// rogues is a block of numbers. Each call is from another of them: further calls of one that is being turned away are refused.
const rogues = "0207946066"

func rogue(i int) (address, number string) {
	return fmt.Sprintf("<sip:%s%d@provider.example>", rogues, i), fmt.Sprintf("+44%s%d", rogues[1:], i)
}

// A name in Latin-1, as exchanges send it that are older than UTF-8, changes nothing about a call, and is read.
func TestANameThatIsNoUTF8(t *testing.T) {
	h := openHouse(t, raced)
	h.excuse("has invalid UTF-8 characters which were replaced")
	r := newRawCaller(t, h.SIP)
	h.run("block", "add", rogues, "--prefix")
	for i, c := range []struct{ from, asserted, want string }{
		{"M\xfcller", "", "Müller"},
		{"x", "M\xfcller", "Müller"},
		{"\xff", "", "ÿ"},
		{"\xc0\xaf", "", "À¯"},
		{"\xed\xa0\x80", "", ""},
		{"Zoë", "", "Zoë"},
		{"M\xfc):0:1(x", "", "Mü_:0:1_x"}, // brackets and colons mean something to the dialplan
	} {
		address, number := rogue(i)
		call := r.invite(fmt.Sprintf("\"%s\" %s;tag=%d", c.from, address, i), fmt.Sprintf("latin-%d", i))
		if c.asserted != "" {
			call.lines = append(call.lines, "P-Asserted-Identity: \""+c.asserted+"\" "+address)
		}
		if got, err := r.one(h.ctx, r.dial(t, call)); err != nil || got.status != 200 || got.rang {
			t.Errorf("%q: %v, %d, rang %v", c.from, err, got.status, got.rang)
		}
		if got := h.lastCall("turn-away", "turned-away"); got.Name != c.want || got.Number != number {
			t.Errorf("%q, asserted %q: the log says %s %q", c.from, c.asserted, got.Number, got.Name)
		}
	}
	if logged := len(h.calls()); logged != 7 {
		t.Errorf("%d calls are logged", logged)
	}
	h.neverRang(h.hall)
}

// Asterisk puts the Call-ID into all that it tells of a call, and tells nothing where it is not UTF-8.
func TestACallIDThatIsNoUTF8(t *testing.T) {
	h := openHouse(t)
	h.excuse("Error building JSON", "backtrace records", "Failed to pack JSON")
	r := newRawCaller(t, h.SIP)
	h.run("block", "add", rogues, "--prefix")
	for i, id := range []string{"a\xff", "\xed\xa0\x80", "a):\xff"} {
		address, number := rogue(i)
		call := r.invite(fmt.Sprintf("%s;tag=%d", address, i), fmt.Sprintf("id-%d", i))
		call.callID(id)
		if got, err := r.one(h.ctx, r.dial(t, call)); err != nil || got.status != 200 || got.rang {
			t.Errorf("%q: %v, %d, rang %v", id, err, got.status, got.rang)
		}
		for len(h.calls()) <= i && h.ctx.Err() == nil {
			time.Sleep(50 * time.Millisecond) // handed over by the dialplan
		}
		if got := h.lastCall("turn-away", "turned-away"); got.Number != number || got.Reasons[0].Code != "unreadable-call" {
			t.Errorf("%q: the log says %+v", id, got)
		}
	}
	h.neverRang(h.hall)
}

// What Asterisk cannot hand over is left out, and the call is screened; only where the application is absent does the household ring.
func TestACallThatAsteriskCannotHandOverIsScreened(t *testing.T) {
	h := openHouse(t)
	h.excuse("Error appending to StasisStart message", "Error sending start message", "has invalid UTF-8 characters which were replaced")
	h.run("block", "add", rogues, "--prefix")
	// As the dialplan was before it encoded what callers send.
	file := filepath.Join(h.Dir, "data", "asterisk", "extensions.conf")
	dialplan, err := os.ReadFile(file)
	h.must(err)
	raw := bytes.ReplaceAll(dialplan, []byte("URIENCODE"), []byte("TOUPPER"))
	if bytes.Equal(raw, dialplan) {
		t.Fatal("nothing is encoded")
	}
	h.must(os.WriteFile(file, raw, 0o600))
	_, err = h.Asterisk.Console(h.ctx, "dialplan reload")
	h.must(err)

	r := newRawCaller(t, h.SIP)
	address, number := rogue(1)
	call := r.invite(address+";tag=1", "asserted", "P-Asserted-Identity: \"M\xfcller\" "+address)
	if got, err := r.one(h.ctx, r.dial(t, call)); err != nil || got.status != 200 || got.rang {
		t.Errorf("%v, %d, rang %v", err, got.status, got.rang)
	}
	if got := h.lastCall("turn-away", "turned-away"); got.Number != number {
		t.Errorf("the log says %+v", got)
	}
	h.neverRang(h.hall)
}

// A telephone shows what a caller's name and number can be read as, also where the dialplan rings it by itself.
func TestWhatATelephoneShowsOfHostileHeaders(t *testing.T) {
	h := openHouse(t)
	h.excuse("has invalid UTF-8 characters which were replaced")
	h.run("mode", "off")
	r := newRawCaller(t, h.SIP)
	shows := func(tag, from string, want softphone.CallerID, more ...string) {
		t.Helper()
		seq := r.dial(t, r.invite(from+";tag="+tag, "shown-"+tag, more...))
		in := h.rings(h.hall)
		if id := in.CallerID(); id.Name != want.Name || id.Number != want.Number {
			t.Errorf("of %q the telephone shows %q %q, not %q %q", from, id.Number, id.Name, want.Number, want.Name)
		}
		h.hangsUp(in)
		_, err := r.one(h.ctx, seq) // hears that nobody answered, and hangs up
		h.must(err)
	}
	shows("1", "\"M\xfcller \x1b[31m\" <sip:02079460009@provider.example>", softphone.CallerID{Number: "02079460009", Name: "Müller [31m"})
	h.kill()
	shows("2", "\"Zoë \x1b[31m\" <sip:0207946%FF%29%3A%0A0009@provider.example>", softphone.CallerID{Number: "02079460009", Name: "Zoë [31m"})
	hidden := softphone.CallerID{Number: "anonymous", Name: "Anonymous"}
	shows("3", `"Ann" <sip:02079460009@provider.example>`, hidden, "Privacy: header;id") // beside a From alone
}

// One INVITE that comes by two ways is one call.
func TestAnINVITEThatComesByTwoWays(t *testing.T) {
	h := openHouse(t)
	r := newRawCaller(t, h.SIP)
	r.stays = true
	first := r.invite(`"x" <sip:02079460009@provider.example>;tag=1`, "two-ways")
	answered, err := r.one(h.ctx, r.dial(t, first))
	h.must(err)
	if answered.status != 200 {
		t.Fatalf("the first one is answered with %d", answered.status)
	}
	for _, way := range []string{"another-way", "a-third"} {
		again := r.invite(`"x" <sip:02079460009@provider.example>;tag=1`, "two-ways")
		again.lines[0] += way // the branch of its Via
		if got, err := r.one(h.ctx, r.dial(t, again)); err != nil || got.status != 480 {
			t.Errorf("%v, %d", err, got.status)
		}
	}
	other := r.invite(`"y" <sip:02079460009@provider.example>;tag=2`, "two-ways")
	other.lines[0] += "other"
	if got, err := r.one(h.ctx, r.dial(t, other)); err != nil || got.status != 200 {
		t.Errorf("another caller's: %v, %d", err, got.status)
	}
	r.hangsUp(t)
	if calls := h.calls(); len(calls) != 2 {
		t.Errorf("the log says %+v", calls)
	}
}
