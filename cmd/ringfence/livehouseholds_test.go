package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ringfence/demo/testbed"
	"ringfence/softphone"
	"ringfence/store"
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
password = "` + hallPassword + `"
`

// withGran adds a second household on the same line, where people talk meanwhile.
func withGran(o *testbed.Options) {
	o.Keep = true
	o.Extra = "[[household]]\nname = \"gran\"\ntrunk = \"line\"\nnumber = \"020 7946 0101\"\n[[household.phone]]\nname = \"hall\"\npassword = \"" + gransPassword + "\"\n"
}

// phoneOf is a phone of a household; it has not registered yet.
func (h *house) phoneOf(household, name, password string) *softphone.Phone {
	h.Helper()
	library, err := testbed.Library("en-GB")
	h.must(err)
	phone, err := softphone.NewPhone(softphone.PhoneConfig{
		Config: softphone.Config{Name: household + "'s " + name, Address: testbed.HomeIP + ":0", Library: library},
		Server: h.SIP, User: household + "-" + name, Password: password,
	})
	h.must(err)
	h.Cleanup(func() { _ = phone.Close() }) // Asterisk may be gone by now
	return phone
}

// registers waits until Asterisk knows a phone, and registers it.
func (h *house) registers(household, name, password string) *softphone.Phone {
	h.Helper()
	phone := h.phoneOf(household, name, password)
	h.soon("the phone registers", func() bool { return phone.Register(h.ctx) == nil })
	return phone
}

// soon waits until something is so.
func (h *house) soon(what string, is func() bool) {
	h.Helper()
	for end := time.After(2 * time.Minute); !is(); {
		select {
		case <-end:
			h.Fatalf("it never comes that %s", what)
		case <-time.After(2 * time.Second): // Asterisk shuts out who tries a password too often
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

// Passwords of the newcomer's phones, where somebody chooses them.
const (
	hallPassword  = "nine grey seals on a pier"
	atticPassword = "six quiet owls in an attic"
	gransPassword = "old kettles on 5 shelves"
)

// changes says how a household comes, gets another phone, and goes. The first two return the password of the phone.
type changes struct {
	add, change func() string
	remove      func()
}

// goesOn checks that neither a talk nor a screening is disturbed by any of it, and that each takes effect at once.
func (h *house) goesOn(change changes) {
	h.Helper()
	h.run("--household", "gran", "contact", "add", "Daughter", daughter)
	gransPhone := h.registers("gran", "hall", gransPassword)
	out, err := h.caller.Dial(h.ctx, softphone.Dial{Number: "+442079460101", At: h.SIP, From: softphone.CallerID{Number: "02079460001"}})
	h.must(err)
	in := h.picksUp(gransPhone)
	h.talk(out, in)
	stranger := h.somebody("stranger")
	asked, err := h.Dial(h.ctx, stranger, softphone.CallerID{Number: "02079460666"})
	h.must(err)
	h.hears(asked, "ask-name", "beep") // and now has ten seconds, in which the settings change
	password := change.add()
	h.says(asked, "neighbour")
	h.hears(asked, "please-hold")
	h.hangsUp(asked)
	phone, dial := h.registers("mum", "hall", password), h.newcomersCaller()
	first := dial("02079460002")
	h.statesName(first, "neighbour")
	theirs := h.picksUp(phone)
	h.hears(theirs, "call-from")
	h.presses(theirs, "1")
	h.talk(first, theirs)
	h.hangsUp(first)
	h.ended(theirs)

	attic := h.registers("mum", "attic", change.change())
	first = dial("02079460002")
	h.statesName(first, "neighbour")
	h.rings(phone)
	theirs = h.picksUp(attic)
	h.presses(theirs, "1")
	h.talk(first, theirs)
	h.hangsUp(first)
	h.ended(theirs)

	change.remove()
	h.soon("the phone of a household that was removed can't register", func() bool { return h.phoneOf("mum", "hall", password).Register(h.ctx) != nil })
	h.talk(out, in)
	h.hangsUp(out)
	h.ended(in)
}

// Where the households are in ringfence.toml, they come, change and go while people talk and a caller is screened.
func TestHouseholdsOfTheFileComeAndGoDuringCalls(t *testing.T) {
	h := openLongHouse(t, withGran)
	before, err := os.ReadFile(h.Settings)
	h.must(err)
	write := func(text, password string) string {
		h.must(os.WriteFile(h.Settings, []byte(string(before)+text), 0o600))
		return password
	}
	h.goesOn(changes{
		add: func() string { return write(newcomer, hallPassword) },
		change: func() string {
			return write(newcomer+"\n[[household.phone]]\nname = \"attic\"\npassword = \""+atticPassword+"\"\n", atticPassword)
		},
		remove: func() { write("", "") },
	})
	h.connectedOnce()
}

// connectedOnce checks that the application has not been restarted.
func (h *house) connectedOnce() {
	h.Helper()
	if n := strings.Count(h.Testbed.Log.(*syncBuffer).String(), "connected to Asterisk"); n != 1 {
		h.Errorf("the application has connected to Asterisk %d times", n)
	}
}

// registersWith finds the password that a command shows.
var registersWith = regexp.MustCompile("with the password ([a-z0-9]+),")

// The households move from ringfence.toml into the database while people could ring. There they come by command, change by a program's request, and go by
// command, while people talk and a caller is screened.
func TestHouseholdsOfTheDatabaseComeAndGoDuringCalls(t *testing.T) {
	h := openLongHouse(t, withGran)
	h.must(h.owned())
	h.run("household", "import", h.Settings)
	text, err := os.ReadFile(h.Settings)
	h.must(err)
	machine, _, _ := strings.Cut(string(text), "[[trunk]]")
	_, rest, _ := strings.Cut(string(text), "\n[speech]")
	h.must(os.WriteFile(h.Settings, []byte("households = \"database\"\n"+machine+"[speech]"+rest), 0o600))
	h.goesOn(changes{
		add: func() string {
			h.run("household", "trunk", "add", "mums-line", "--address", newcomerIP, "--set", "qualify=false")
			said := registersWith.FindStringSubmatch(h.run("household", "add", "mum", "--trunk", "mums-line", "--number", "0121 496 0100", "--phone", "hall"))
			if said == nil {
				t.Fatal("no password is shown")
			}
			return said[1]
		},
		change: func() string {
			return h.asks("PATCH households/mum", `{"phones": [{"name": "attic"}]}`).Logins[0].Password
		},
		remove: func() {
			h.run("household", "remove", "mum", "--delete-history", "--sure")
			h.run("household", "trunk", "remove", "mums-line")
		},
	})
	h.connectedOnce()
	for _, secret := range []string{gransPassword, h.Passwords["hall"]} {
		if strings.Contains(h.Testbed.Log.(*syncBuffer).String(), secret) {
			t.Error("a password is in the log")
		}
	}
}

// owned has somebody own all of the machine, with a program.
func (h *house) owned() (err error) {
	db, err := store.Open(h.ctx, filepath.Join(h.Dir, "data", "ringfence.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	anna, err := db.People.Add(h.ctx, "Anna", "anna@example.org")
	if err != nil {
		return err
	}
	for _, household := range []string{"home", "gran"} {
		if err := db.SetMembership(h.ctx, household, anna.ID, store.RoleOwner, true); err != nil {
			return err
		}
	}
	token, err := db.AddToken(h.ctx, anna.ID, store.Token{Name: "keeper", Scope: store.ScopeChange}, time.Now())
	if err == nil {
		err = os.WriteFile(filepath.Join(h.Dir, "token"), []byte(token), 0o600)
	}
	return err
}

// asks sends a request about the machine, such as "PATCH households/mum".
func (h *house) asks(what, body string) (answer struct{ Logins []struct{ Password string } }) {
	h.Helper()
	token, err := os.ReadFile(filepath.Join(h.Dir, "token"))
	h.must(err)
	method, path, _ := strings.Cut(what, " ")
	r, err := http.NewRequestWithContext(h.ctx, method, "http://"+h.Web+"/api/v1/machine/"+path, strings.NewReader(body))
	h.must(err)
	r.Header.Set("Authorization", "Bearer "+string(token))
	r.Header.Set("Content-Type", "application/json")
	got, err := http.DefaultClient.Do(r)
	h.must(err)
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	h.must(err)
	if got.StatusCode != http.StatusOK {
		h.Fatalf("%s answered %d: %s", what, got.StatusCode, text)
	}
	h.must(json.Unmarshal(text, &answer))
	return answer
}

// A line with TLS has a transport of its own, which a running Asterisk takes and gives up while people talk.
func TestLineWithTLSComesAndGoesDuringCalls(t *testing.T) {
	port, err := testbed.Free("tcp", testbed.AsteriskIP)
	if err != nil {
		t.Fatal(err)
	}
	_, number, _ := net.SplitHostPort(port)
	h := openHouse(t, func(o *testbed.Options) { o.Keep, o.Asterisks = true, "tls_port = "+number })
	h.excuse("provider.invalid") // nobody is there
	h.run("contact", "add", "Daughter", daughter)
	out := h.dials("02079460001")
	in := h.picksUp(h.hall)
	h.talk(out, in)
	before, err := os.ReadFile(h.Settings)
	h.must(err)
	listens := func() bool {
		c, err := net.Dial("tcp", port)
		return err == nil && c.Close() == nil
	}
	tls := "\n[[trunk]]\nname = \"second\"\naddress = \"provider.invalid\"\nregister = true\ntls = true\nuser = \"mum\"\npassword = \"" + hallPassword + "\"\n"
	for _, text := range []string{tls, "", tls} {
		given := h.Logged("Asterisk has the new settings; calls went on")
		h.must(os.WriteFile(h.Settings, []byte(string(before)+text), 0o600))
		select {
		case <-given:
		case <-time.After(2 * time.Minute):
			t.Fatalf("Asterisk never has the settings %q", text)
		}
		h.soon("Asterisk listens for the line", listens) // still, where it is gone: until the next start
		h.talk(out, in)
	}
	h.hangsUp(out)
	h.ended(in)
	if log := h.Testbed.Log.(*syncBuffer).String(); strings.Contains(log, "restarting Asterisk") || strings.Contains(log, "need a restart") {
		t.Error("it wants a restart")
	}
}
