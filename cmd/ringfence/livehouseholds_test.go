package main_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"ringfence/demo/testbed"
	"ringfence/softphone"
)

// newcomerIP is where the line of a household that comes later has its other side, and its phone.
const newcomerIP = "127.0.0.7"

// newcomer is a household with a line and a phone of its own, as ringfence.toml has it.
const newcomer = `
[[trunk]]
name = "mums-line"
address = "` + newcomerIP + `"
qualify = false

[[household]]
name = "mum"
trunk = "mums-line"
number = "0121 496 0100"

[[household.phone]]
name = "hall"
password = "nine grey seals on a pier"
`

// newcomersPhone registers as soon as Asterisk knows the phone.
func (h *house) newcomersPhone(name, password string) *softphone.Phone {
	h.Helper()
	library, err := testbed.Library("en-GB")
	h.must(err)
	phone, err := softphone.NewPhone(softphone.PhoneConfig{
		Config: softphone.Config{Name: "mum's " + name, Address: newcomerIP + ":0", Library: library},
		Server: h.SIP, User: "mum-" + name, Password: password,
	})
	h.must(err)
	h.Cleanup(func() { _ = phone.Close() }) // Asterisk may be gone by now
	for {
		err = phone.Register(h.ctx)
		if err == nil {
			return phone
		}
		select {
		case <-h.ctx.Done():
			h.Fatal(err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// newcomersCaller rings the newcomer's line.
func (h *house) newcomersCaller() func(number string) *softphone.Call {
	h.Helper()
	library, err := testbed.Library("en-GB")
	h.must(err)
	caller, err := softphone.NewCaller(softphone.Config{Name: "mum's friend", Address: newcomerIP + ":0", Library: library})
	h.must(err)
	h.Cleanup(func() { _ = caller.Close() }) // the same
	return func(number string) *softphone.Call {
		h.Helper()
		call, err := caller.Dial(h.ctx, softphone.Dial{Number: "+441214960100", At: h.SIP, From: softphone.CallerID{Number: number}})
		h.must(err)
		return call
	}
}

// changes says how a household comes, gets another phone, and goes.
type changes struct{ add, change, remove func() }

// goesOn checks that neither a talk nor a screening is disturbed by any of it, and that each takes effect at once.
func (h *house) goesOn(change changes) {
	h.Helper()
	h.run("--household", "home", "contact", "add", "Daughter", daughter)
	out := h.dials("02079460001")
	in := h.picksUp(h.hall)
	h.talk(out, in)
	stranger := h.somebody("stranger")
	asked, err := h.Dial(h.ctx, stranger, softphone.CallerID{Number: "02079460666"})
	h.must(err)
	h.hears(asked, "ask-name", "beep") // and now has ten seconds, in which the settings change
	change.add()
	h.says(asked, "neighbour")
	h.hears(asked, "please-hold")
	h.hangsUp(asked)
	phone, dial := h.newcomersPhone("hall", "nine grey seals on a pier"), h.newcomersCaller()
	first := dial("02079460002")
	h.statesName(first, "neighbour")
	theirs := h.picksUp(phone)
	h.hears(theirs, "call-from")
	h.presses(theirs, "1")
	h.talk(first, theirs)
	h.hangsUp(first)
	h.ended(theirs)

	change.change()
	attic := h.newcomersPhone("attic", "six quiet owls in an attic")
	first = dial("02079460002")
	h.statesName(first, "neighbour")
	h.rings(phone)
	theirs = h.picksUp(attic)
	h.presses(theirs, "1")
	h.talk(first, theirs)
	h.hangsUp(first)
	h.ended(theirs)

	change.remove()
	for phone.Register(h.ctx) == nil { // it does not register any more
		select {
		case <-h.ctx.Done():
			h.Fatal("the phone of a household that was removed still registers")
		case <-time.After(200 * time.Millisecond):
		}
	}
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
}

// Where the households are in ringfence.toml, they come, change and go while people talk and a caller is screened.
func TestHouseholdsOfTheFileComeAndGoDuringCalls(t *testing.T) {
	h := openLongHouse(t, func(o *testbed.Options) { o.Keep = true })
	before, err := os.ReadFile(h.Settings)
	h.must(err)
	write := func(text string) func() {
		return func() {
			h.must(os.WriteFile(h.Settings, []byte(string(before)+text), 0o600))
		}
	}
	more := newcomer + "\n[[household.phone]]\nname = \"attic\"\npassword = \"six quiet owls in an attic\"\n"
	h.goesOn(changes{add: write(newcomer), change: write(more), remove: write("")})
	if log := strings.Count(h.Testbed.Log.(*syncBuffer).String(), "connected to Asterisk"); log != 1 {
		t.Errorf("the application has connected to Asterisk %d times", log)
	}
}
