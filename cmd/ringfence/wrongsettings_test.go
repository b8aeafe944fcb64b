package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/app/doctor"
	"ringfence/config"
)

// wrongSettings are mistakes that people make: what is changed in usual settings, and the sentence that is said about it. DIR is the folder of
// ringfence.toml.
var wrongSettings = []struct{ name, old, new, sentence string }{
	{"a misspelt setting", `trunk = "line"`, `trunck = "line"`, `line 8: there is no setting called "household.trunck"`},
	{"a quotation mark that is missing", `name = "home"`, `name = "home`, "line 7: "},
	{"a misspelt trunk", `trunk = "line"`, `trunk = "lien"`, `the household home names the trunk "lien", which is not described: add a [[trunk]] with that name, or write trunk = "line"`},
	{"no household", usualSettings, "", "Ringfence isn't set up yet: no household is described. Run `sudo ringfence setup`, or add a [[household]] with its trunk and phones"},
	{"a password file that does not exist", `password = "wet herons on 7 walls"`, `password = "file:DIR/hall-password"`,
		"the password of the phone hall of home is to be in DIR/hall-password, and there is no such file: type `sudo sh -c 'umask 027; head -c 12 /dev/urandom | base64 > DIR/hall-password'`"},
	{"an empty password file", `password = "wet herons on 7 walls"`, `password = "file:/dev/null"`, "the password of the phone hall of home is to be in /dev/null, which is empty: "},
	{"a folder in place of a password file", `password = "wet herons on 7 walls"`, `password = "file:DIR"`, "the password of the phone hall of home is to be in DIR, which is a folder: type `sudo rmdir DIR`"},
	{"a password in a variable that is not set", `password = "wet herons on 7 walls"`, `password = "env:RINGFENCE_NOT_SET"`,
		"the password of the phone hall of home is to come from the environment variable RINGFENCE_NOT_SET, which is not set: "},
	{"a phone without a password", `password = "wet herons on 7 walls"`, "", "the phone hall of home has neither a password nor a fixed address: give it one of them"},
	{"a phone with a password and an address", `password = "wet herons on 7 walls"`, "password = \"wet herons on 7 walls\"\naddress = \"127.0.0.3:5060\"",
		"the phone hall of home has a password and a fixed address: give it one of them"},
	{"a phone's address without a port", `password = "wet herons on 7 walls"`, `address = "127.0.0.3"`, `the phone hall of home stands at "127.0.0.3", which is not an address and port such as 192.168.1.20:5060`},
	{"a phone and a trunk at one address", `password = "wet herons on 7 walls"`, `address = "127.0.0.2:5070"`,
		"the phone hall of home has the same address as the trunk line, so their calls cannot be told apart: give one of them a password"},
	{"a port that is none", `address = "127.0.0.2"`, `address = "127.0.0.2:70000"`, `the address of trunk line is "127.0.0.2:70000": the port is a number from 1 to 65535`},
	{"a trunk that registers without a password", `address = "127.0.0.2"`, "address = \"127.0.0.2\"\nregister = true", "the trunk line is to register but has no user and password: add what the provider gave you"},
	{"a provider's password file that does not exist", `address = "127.0.0.2"`, "address = \"127.0.0.2\"\nregister = true\nuser = \"u\"\npassword = \"file:DIR/line-password\"",
		"the password of the trunk line is to be in DIR/line-password, and there is no such file: type `sudoedit DIR/line-password`"},
	{"a trunk known by a name", `address = "127.0.0.2"`, `address = "sip.provider.example"`,
		`the trunk line is known by its address, and "sip.provider.example" is a name: give an IP address, or list the provider's addresses in accept`},
	{"a name with a space", `name = "hall"`, `name = "the hall"`, `the phone's name "the hall" cannot be used: take small letters, digits and hyphens, at most 32`},
	{"a number that is an emergency number", `number = "020 7946 0100"`, `number = "999"`, "the number of household home is 999, which is that of "},
	{"Asterisk at every address", "[[trunk]]", "[asterisk]\nsip = \"0.0.0.0:5060\"\n[[trunk]]", "the SIP address 0.0.0.0 does not tell phones where to send sound: name the machine's own address"},
	{"the SIP port among those for sound", "[[trunk]]", "[asterisk]\nrtp_first = 5000\nrtp_last = 6999\n[[trunk]]", "asterisk.sip has port 5060, which is one of the ports for sound (5000 to 6999): "},
	{"too few ports for sound", "[[trunk]]", "[asterisk]\nrtp_last = 10099\n[[trunk]]", "the RTP ports 10000 to 10099 are too few for 20 calls at a time on the trunk line: "},
	{"pages and ARI at one address", "[[trunk]]", "[web]\nlisten = \"127.0.0.1:8088\"\n[[trunk]]", "asterisk.ari and web.listen are both 127.0.0.1:8088: give one of them another port"},
	{"pages in the open", "[[trunk]]", "[web]\nlisten = \"0.0.0.0:8080\"\n[[trunk]]", `web.listen is "0.0.0.0:8080", where others could listen in: `},
	{"a misspelt time zone", `trunk = "line"`, "trunk = \"line\"\ntimezone = \"Europe/Londn\"", `the household home has the timezone "Europe/Londn", which is not known: write it like Europe/London`},
	{"two phones with one user name", `name = "hall"`, "name = \"hall\"\npassword = \"wet herons on 7 walls\"\n[[household.phone]]\nname = \"a-b\"\npassword = \"wet herons on 7 walls\"\n" +
		"[[household]]\nname = \"home-a\"\ntrunk = \"line\"\n[[household.phone]]\nname = \"b\"",
		"the phone a-b of home and the phone b of home-a would both have the user name home-a-b: give one of them another name"},
	{"a phone with a trunk's user name", "[[trunk]]",
		"[[household]]\nname = \"trunk\"\ntrunk = \"line\"\n[[household.phone]]\nname = \"line\"\npassword = \"wet herons on 7 walls\"\n[[trunk]]",
		"the trunk line and the phone line of trunk would both have the user name trunk-line: give one of them another name"},
	// These work, but hardly as they were meant: they are said, and nothing is refused.
	{"Asterisk on loopback, and the adapter elsewhere", `address = "127.0.0.2"`, "address = \"192.0.2.20:5062\"\npassword = \"wet herons on 7 walls\"",
		"asterisk.sip is 127.0.0.1:5060, where nothing outside this machine can reach Asterisk, and the trunk line is at 192.0.2.20: "},
	{"a network interface that is not there", "[[trunk]]", "[asterisk]\nsip = \"ether7:5060\"\n[[trunk]]", "asterisk.sip names the network interface ether7, and this machine has no such interface, only "},
	{"a trunk that nobody has", "[[trunk]]", "[[trunk]]\nname = \"old\"\naddress = \"127.0.0.9\"\n[[trunk]]", `no household has the trunk old, so its calls are refused: give it to one with trunk = "old", or delete it`},
}

// otherInSetup are those that `ringfence setup` says something else about; "" where it asks for just that, so that the answer takes its place.
var otherInSetup = map[string]string{
	"no household": "", "a provider's password file that does not exist": "", "a trunk that registers without a password": "", "a trunk known by a name": "",
	"a phone and a trunk at one address": "", "a name with a space": "", "Asterisk at every address": "",
	"a phone with a trunk's user name": "there are 2 households in the settings: change them there by hand",
	"two phones with one user name":    "there are 2 households in the settings: change them there by hand",
}

// What is wrong is said in the same sentence by `ringfence check`, by `ringfence asterisk config` and by `ringfence setup`.
func TestWrongSettingsAreSaidInTheSameSentence(t *testing.T) {
	t.Parallel()
	for _, wrong := range wrongSettings {
		t.Run(wrong.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t, "")
			dir := filepath.Dir(h.config)
			text := strings.ReplaceAll(strings.Replace(usualSettings, wrong.old, wrong.new, 1), "DIR", dir)
			if err := os.WriteFile(h.config, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, problems := config.Check([]byte(text), h.config, h.data)
			if len(problems) != 1 || !strings.HasPrefix(problems[0].Sentence, strings.ReplaceAll(wrong.sentence, "DIR", dir)) {
				t.Fatalf("setup would say %+v", problems)
			}
			want, refused := problems[0].Sentence, problems[0].Kind == config.Wrong
			code, out, _ := h.run("check", "--only", "settings", "--json")
			var found struct {
				OK     bool
				Checks []doctor.Finding
			}
			if err := json.Unmarshal([]byte(out), &found); err != nil {
				t.Fatalf("check says %s: %v", out, err)
			}
			if f := found.Checks[0]; f.Text != want || f.Check != "settings" || f.Type == "" || found.OK == refused || code == exitDone == refused {
				t.Errorf("check ends with %d, and says %s", code, out)
			}
			code, _, said := h.run("asterisk", "config", filepath.Join(h.data, "asterisk"))
			if said != "ringfence: "+h.config+": "+want+"\n" || code == exitDone == refused {
				t.Errorf("asterisk config ends with %d, and says %s", code, said)
			}
			if other, is := otherInSetup[wrong.name]; is {
				want, refused = other, other != ""
			}
			h.setsUpOver(text, want, refused)
		})
	}
}

// setsUpOver runs `ringfence setup` for a household that has settings already. Where they are refused, it says why and changes nothing; else it leaves
// settings that work.
func (h home) setsUpOver(settings, sentence string, refused bool) {
	h.Helper()
	answers := filepath.Join(filepath.Dir(h.config), "answers.toml")
	text := "wiring = \"adapter\"\nnumber = \"020 7946 0100\"\naddress = \"127.0.0.1\"\nadapter = \"127.0.0.2\"\nphones = \"hall\"\n"
	if err := os.WriteFile(answers, []byte(text), 0o600); err != nil {
		h.Fatal(err)
	}
	code, _, said := h.run("setup", "--no-call", "--answers", answers)
	after, err := os.ReadFile(h.config)
	if err != nil {
		h.Fatal(err)
	}
	if refused {
		if code == exitDone || !strings.HasSuffix(said, ": "+sentence+"\n") || string(after) != settings {
			h.Errorf("setup ends with %d, and says %s; the settings are now %s", code, said, after)
		}
		return
	}
	if _, problems := config.Check(after, h.config, h.data); code != exitDone || config.Refused(problems, "") != nil {
		h.Errorf("setup ends with %d, says %s, and leaves %+v", code, said, problems)
	}
}
