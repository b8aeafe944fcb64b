package main_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ringfence/cmd/ringfence/stage"
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

// PhoneBlock warns: of the numbers of its list, and, where that is switched on, of those that it is asked of. A server that hangs is as one
// that is not asked.
func TestPhoneBlockWarns(t *testing.T) {
	h := openHouse(t, func(o *stage.Options) { o.Extra = "[lists]\nallow_private = true\n" })
	p := phoneblocktest.New(t)
	p.Lists(41, "+442079460666 G_FRAUD 90")
	p.Knows("+442079460777", "G_FRAUD", 4)
	p.Knows("+442079460888", "G_FRAUD", 4)
	key := filepath.Join(h.TempDir(), "key")
	h.must(os.WriteFile(key, []byte(phoneblocktest.Key), 0o600))
	h.run("list", "phoneblock", "subscribe", "--server", p.URL, "--key-file", key)
	h.run("contact", "add", "Daughter", daughter)
	p.Wants("blocklist?")

	// call is one from a number, which the household does not want now.
	call := func(number string, warnings ...string) logged {
		out := h.dials(number)
		h.statesName(out, "neighbour")
		h.hears(out, "please-hold")
		in := h.picksUp(h.hall)
		h.hears(in, append(warnings, "call-from", "neighbour")...)
		if heard := in.Transcript(); len(warnings) == 0 && strings.Contains(heard, "warn") {
			t.Errorf("%s: the household heard %s", number, heard)
		}
		h.presses(in, "2")
		h.ended(in)
		h.hangsUp(out)
		return h.lastCall("screen", "not-now")
	}
	asked := func(number string) string {
		return strings.Replace(strings.TrimPrefix(phoneblock.CheckURL("", screening.Number("+44"+number[1:])), "phoneblock/api/"), "format=json", "", 1)
	}
	if c := call(scammer, "warn-reported"); c.Reasons[0].Code != "reported" || !strings.Contains(c.Reasons[0].Text, `The list "PhoneBlock"`) {
		t.Errorf("the log says %+v", c)
	}
	if c := call("02079460777"); len(c.othersSaid()) != 0 {
		t.Errorf("the log says %+v", c)
	}
	p.Wants() // it is off

	h.run("list", "phoneblock", "ask", "on")
	if c := call("02079460777", "warn-reported"); !slices.Equal(c.othersSaid(), []string{"PhoneBlock: 4 votes, fraud"}) || c.Reasons[0].Code != "unknown" {
		t.Errorf("the log says %+v", c)
	}
	if c := call(scammer, "warn-reported"); len(c.othersSaid()) != 0 {
		t.Errorf("asked of a number that a list knows: %+v", c)
	}
	p.Wants(asked("02079460777"))
	// It hangs: nobody waits for it, and the household hears what it would hear without it.
	p.Fails(func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true })
	if c := call("02079460888"); !slices.Equal(c.othersSaid(), []string{"PhoneBlock was asked about this number and gave no answer"}) {
		t.Errorf("the log says %+v", c)
	}
	p.Wants(asked("02079460888"))
	out := h.dials("02079460001")
	h.talk(out, h.picksUp(h.hall))
	h.hangsUp(out)
	h.lastCall("ring", "talked")
	p.Wants()
}
