package main_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ringfence/demo/testbed"
	"ringfence/screening"
	"ringfence/sharing/phoneblock"
	"ringfence/sharing/phoneblock/phoneblocktest"
)

// othersSaid is what the log says that others have said of a caller.
func (c logged) othersSaid() (said []string) {
	for _, s := range c.Steps {
		if s.Step == "others" {
			said = append(said, s.Detail)
		}
	}
	return said
}

// withPhoneBlock is a house that is subscribed to PhoneBlock, which knows a number of its list and another that it is asked of.
func withPhoneBlock(t *testing.T) (*house, *phoneblocktest.Server) {
	h := openHouse(t, raced, func(o *testbed.Options) { o.Extra = "[lists]\nallow_private = true\n" })
	p := phoneblocktest.New(t)
	p.Lists(41, "+442079460666 G_FRAUD 90")
	p.Knows(string(reported), "G_FRAUD", 4)
	key := filepath.Join(h.TempDir(), "key")
	h.must(os.WriteFile(key, []byte(phoneblocktest.Key), 0o600))
	h.run("list", "phoneblock", "subscribe", "--server", p.URL, "--key-file", key)
	p.Wants("blocklist?")
	return h, p
}

// reported is a number that PhoneBlock knows, and is not on its list.
const reported = screening.Number("+442079460777")

// notNow is a call from a number, which the household does not want now: before the caller it hears these warnings, and no others.
func (h *house) notNow(number string, warnings ...string) logged {
	h.Helper()
	out := h.dials(number)
	h.statesName(out, "neighbour")
	h.hears(out, "please-hold")
	in := h.picksUp(h.hall)
	h.hears(in, append(warnings, "call-from", "neighbour")...)
	if heard := in.Transcript(); strings.Count(heard, "warn-") != len(warnings) {
		h.Errorf("%s: the household heard %s", number, heard)
	}
	h.presses(in, "2")
	h.ended(in)
	h.beginsToHear(out, "not-now")
	h.hangsUp(out)
	return h.lastCall("screen", "not-now")
}

// askedOf is the question of a number, as the server has it.
func askedOf(n screening.Number) string {
	return strings.Replace(strings.TrimPrefix(phoneblock.CheckURL("", n), "phoneblock/api/"), "format=json", "", 1)
}

// The numbers of PhoneBlock's list are warned of. It is not asked of callers unless somebody has switched that on.
func TestPhoneBlocksListWarns(t *testing.T) {
	h, p := withPhoneBlock(t)
	if c := h.notNow(scammer, "warn-reported"); c.Reasons[0].Code != "reported" || !strings.Contains(c.Reasons[0].Text, `The list "PhoneBlock"`) {
		t.Errorf("the log says %+v", c)
	}
	if c := h.notNow(reported.National("GB")); len(c.othersSaid()) != 0 {
		t.Errorf("the log says %+v", c)
	}
	p.Wants()
}

// Where it is switched on, PhoneBlock is asked of a stranger, and of nobody whom a list knows.
func TestPhoneBlockIsAskedOfAStranger(t *testing.T) {
	h, p := withPhoneBlock(t)
	h.run("list", "phoneblock", "ask", "on")
	if c := h.notNow(reported.National("GB"), "warn-reported"); !slices.Equal(c.othersSaid(), []string{"PhoneBlock: 4 votes, fraud"}) || c.Reasons[0].Code != "unknown" {
		t.Errorf("the log says %+v", c)
	}
	p.Wants(askedOf(reported))
	if c := h.notNow(scammer, "warn-reported"); len(c.othersSaid()) != 0 {
		t.Errorf("asked of a number that a list knows: %+v", c)
	}
	p.Wants()
}

// A server that hangs is as one that is not asked: nobody waits for it, and the household hears what it would hear without it.
func TestPhoneBlockHangs(t *testing.T) {
	h, p := withPhoneBlock(t)
	h.run("list", "phoneblock", "ask", "on")
	h.run("contact", "add", "Daughter", daughter)
	p.Fails(func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true })
	if c := h.notNow(reported.National("GB")); !slices.Equal(c.othersSaid(), []string{"PhoneBlock was asked about this number and gave no answer"}) {
		t.Errorf("the log says %+v", c)
	}
	p.Wants(askedOf(reported))
	out := h.dials("02079460001")
	h.talk(out, h.picksUp(h.hall))
	h.hangsUp(out)
	h.lastCall("ring", "talked")
	p.Wants()
}
