package setup

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/config"
)

// at is a machine with a file of settings; "" is none.
func at(t *testing.T, text string) Machine {
	t.Helper()
	file := filepath.Join(t.TempDir(), "etc", "ringfence.toml")
	if text != "" {
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := config.Read(file, "")
	if err != nil && len(s.Households) > 0 {
		t.Fatal(err)
	}
	return Machine{Settings: s, Interfaces: []Interface{{"eth0", "192.168.1.10"}}}
}

// take answers as a file of answers does.
func take(t *testing.T, m Machine, file map[string]string) Answers {
	t.Helper()
	a, err := m.TakeAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// From nothing, each wiring comes to settings that are taken, with passwords that nobody guesses, in a file that others cannot read.
func TestEachWiringIsSetUpFromNothing(t *testing.T) {
	for name, test := range map[string]struct {
		file map[string]string
		want string
	}{
		WithAdapter: {
			map[string]string{"wiring": "adapter", "number": "02079460100", "adapter": "192.168.1.20", "mac": "00:0B:82:12:34:56", "phones": "Mum’s hall, bedroom"},
			"192.168.1.20:5062 false trunk-line",
		},
		WithProvider: {
			map[string]string{"wiring": "provider", "number": "+44 20 7946 0100", "provider": "sipgate", "user": "1234567", "password": "of sipgate's", "phones": "hall"},
			"sipgate.co.uk true 1234567",
		},
		WithRouter: {
			map[string]string{
				"wiring": "router", "country": "uk", "number": "020 7946 0100", "router": "192.168.178.1", "router-phone": "have", "phone-user": "ringfence",
				"phone-password": "of the box", "address": "192.168.1.10",
			},
			"192.168.178.1 true ringfence",
		},
	} {
		m := at(t, "")
		s, err := m.Write(take(t, m, test.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		read, err := config.Read(m.Settings.File, "")
		if err != nil || len(read.Households) != 1 || read.Households[0].Number != "020 7946 0100" {
			t.Fatalf("%s: %+v %v", name, read, err)
		}
		site, err := siteOf(read)
		if err != nil {
			t.Fatal(err)
		}
		got := read.Trunks[0].Address + map[bool]string{true: " true ", false: " false "}[read.Trunks[0].Register]
		if trunk := site.TrunkOf(site.Households[0]); trunk.Register {
			got += trunk.User
		} else {
			got += trunk.Endpoint()
		}
		if got != test.want || !strings.HasSuffix(read.Asterisk.SIP, ":5060") || strings.HasPrefix(read.Asterisk.SIP, "127.") {
			t.Errorf("%s: %s, at %s", name, got, read.Asterisk.SIP)
		}
		if router := read.Lines()["home"].Router; router != (name == WithRouter) {
			t.Errorf("%s: a router %v", name, router)
		}
		if open := site.Weaknesses(); len(open) > 0 {
			t.Errorf("%s: %s", name, open[0].Sentence)
		}
		info, err := os.Stat(s.File)
		if err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
}

const byHand = `# Ben's settings. Do not touch!
data = "/srv/ringfence"   # the big disk

[asterisk]
# sip = "127.0.0.1:5060"
sip = "192.168.1.10:5070" # the odd port is on purpose

[[trunk]]
name = "bt"
address = "192.168.1.20:5062"
password = "seven wet herons on a wall" # typed into the adapter
calls = 4

[[household]]
name = "mum"
trunk = "bt"
number = "020 7946 0100"

[[household.phone]] # downstairs
name = "hall"
password = "dry otters in nine boats"
[[household.phone]]
name = "attic"
password = "green foxes on two hills"
`

// What a person has changed by hand stays, and nobody's password changes: the phones have it.
func TestSettingsThatAreThereAreKept(t *testing.T) {
	m := at(t, byHand)
	if _, err := m.Write(take(t, m, nil)); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(m.Settings.File); string(text) != byHand {
		t.Errorf("with every answer as proposed it became\n%s", text)
	}
	a := take(t, m, map[string]string{"number": "0121 496 0100", "phones": "hall, kitchen"})
	if _, err := m.Write(a); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(m.Settings.File)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("020 7946 0100", "0121 496 0100", "[[household.phone]]\nname = \"attic\"\npassword = \"green foxes on two hills\"\n", "").Replace(byHand)
	before, after, found := strings.Cut(string(text), "\n[[household.phone]]\nname = \"kitchen\"\npassword = \"")
	if !found || before != want || len(after) < passwordLength {
		t.Errorf("it became\n%s", text)
	}
	if m.Settings, err = config.Read(m.Settings.File, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Write(take(t, m, nil)); err != nil { // once more, with the same answers: what was there before them is not lost
		t.Fatal(err)
	}
	if old, err := os.ReadFile(m.Settings.File + ".old"); err != nil || string(old) != byHand {
		t.Errorf("what was there before: %v\n%s", err, old)
	}
}

// Another wiring takes what belongs to the one before away, and nothing else.
func TestAnotherWiring(t *testing.T) {
	m := at(t, byHand)
	a := take(t, m, map[string]string{"wiring": "provider", "provider": "voipfone", "user": "30999999", "password": "of voipfone's"})
	s, err := m.Write(a)
	if err != nil {
		t.Fatal(err)
	}
	if tr := s.Trunks[0]; tr.Address != "sip.voipfone.net" || !tr.Register || tr.User != "30999999" || tr.Password != "of voipfone's" || tr.Calls != 4 || tr.Name != "bt" {
		t.Errorf("%+v", tr)
	}
	text, err := os.ReadFile(s.File)
	if err == nil {
		err = os.WriteFile(s.File, []byte(strings.Replace(string(text), "calls = 4\n", "calls = 4\ntls = true\nsrtp = true\n", 1)), 0o600)
	}
	if err == nil {
		s, err = config.Read(s.File, "")
	}
	if err != nil || !s.Trunks[0].TLS {
		t.Fatal(err)
	}
	m.Settings = s
	if s, err = m.Write(take(t, m, map[string]string{"phones": "hall"})); err != nil || !s.Trunks[0].TLS || !s.Trunks[0].SRTP {
		t.Errorf("with the provider as it was: %+v %v", s.Trunks, err)
	}
	m.Settings = s
	s, err = m.Write(take(t, m, map[string]string{"wiring": "adapter", "adapter": "::ffff:192.168.1.20"}))
	if err != nil {
		t.Fatal(err)
	}
	if tr := s.Trunks[0]; tr.Address != "192.168.1.20:5062" || tr.Register || tr.User != "" || tr.TLS || tr.SRTP || len(tr.Password) != passwordLength || len(s.Trunks) != 1 {
		t.Errorf("%+v", tr)
	}
}

// An answer that is wrong is refused with a sentence, and nothing is written.
func TestWrongAnswers(t *testing.T) {
	good := map[string]string{"wiring": "adapter", "number": "02079460100", "adapter": "192.168.1.20"}
	for _, wrong := range []struct{ name, answer, says string }{
		{"wiring", "pigeon", `must be adapter or provider or router, not "pigeon"`},
		{"country", "England", "ENGLAND"},
		{"number", "12", "number"},
		{"number", "999", "write the number that others ring to reach this house"},
		{"address", "eth7", `"eth7" isn't a connection or an address of this machine. It has eth0 (192.168.1.10)`},
		{"address", "eth7\x1b[2J", `"eth7\x1b[2J" isn't a connection`},
		{"adapter", "the box", "must be an address of four numbers"},
		{"adapter", "255.255.255.255", "must be an address of four numbers"},
		{"adapter", "224.0.0.1", "must be an address of four numbers"},
		{"adapter", "192.168.1.10", "192.168.1.10 is this machine's own address: write the adapter's"},
		{"adapter", "::ffff:192.168.1.10", "this machine's own address"},
		{"mac", "00:0B:82", "must be twelve digits and letters from A to F"},
		{"phones", ",", "at least one phone"},
		{"phones", "hall, Hall", "two phones are called hall"},
		{"phones", "küche", "can't be a phone's name"},
		{"phones", strings.Repeat("a,", 3) + "x", "two phones are called a"},
		{"user", "anna", "isn't asked with these answers"},
		{"colour", "red", "there is no such question"},
	} {
		m := at(t, "")
		file := map[string]string{wrong.name: wrong.answer}
		for k, v := range good {
			if _, has := file[k]; !has {
				file[k] = v
			}
		}
		if _, err := m.TakeAll(file); err == nil || !strings.Contains(err.Error(), wrong.name+": ") || !strings.Contains(err.Error(), wrong.says) {
			t.Errorf("%s %q: %v", wrong.name, wrong.answer, err)
		}
	}
	for server, says := range map[string]string{
		"https://sip.provider.example/": `must be a name such as sip.provider.example, not "https://sip.provider.example/"`,
		"sip.provider.example:5060/udp": "must be a name", "sip.provider.example:70000": "must have a port from 1 to 65535 or none",
		"sip.provider.example:0": "must have a port", "sip.provider.example:sip": "must have a port",
	} {
		file := map[string]string{"wiring": "provider", "number": "02079460100", "server": server, "user": "anna", "password": "of the provider's"}
		if _, err := at(t, "").TakeAll(file); err == nil || !strings.HasPrefix(err.Error(), "server: "+says) {
			t.Errorf("server %q: %v", server, err)
		}
	}
	m := at(t, byHand+"\n[[household]]\nname = \"gran\"\ntrunk = \"bt\"\n[[household.phone]]\nname = \"k\"\npassword = \"green foxes on two hills\"\n")
	if _, err := m.Write(take(t, m, nil)); err == nil || !strings.Contains(err.Error(), "there are 2 households") {
		t.Errorf("several households: %v", err)
	}
	m = at(t, strings.Replace(byHand, `calls = 4`, `calls = -4`, 1))
	before, _ := os.ReadFile(m.Settings.File)
	a := take(t, m, map[string]string{"wiring": "provider", "provider": "voipfone", "user": "30999999", "password": "of voipfone's"})
	if _, err := m.Write(a); err == nil || !strings.Contains(err.Error(), "it is as it was") {
		t.Errorf("settings that are wrong for another reason: %v", err)
	}
	if after, _ := os.ReadFile(m.Settings.File); string(after) != string(before) {
		t.Error("it is not as it was")
	}
}

// Only where an empty password is taken does the question say that it may be left empty: a provider's is nothing to a router.
func TestAPasswordIsKeptOnlyWhereItIsFrom(t *testing.T) {
	m := Machine{Settings: config.Settings{
		Trunks:     []config.Trunk{{Name: "line", Address: "sip.provider.example", Register: true, User: "u", Password: "the provider's"}},
		Households: []config.Household{{Name: "home", Trunk: "line"}},
	}}
	for wiring, keeps := range map[string]bool{WithProvider: true, WithRouter: false} {
		q := password(wiring)
		_, err := q.Check(m, nil, "")
		if says := strings.Contains(q.HelpText(m, nil), "Leave it empty"); says != keeps || (err == nil) != keeps {
			t.Errorf("%s: it says %v, and an empty one gives %v", wiring, says, err)
		}
	}
}

// What the adapter is told is what Asterisk knows it by.
func TestLoginsAreThoseOfTheSettings(t *testing.T) {
	m := at(t, byHand)
	a := take(t, m, map[string]string{"mac": "000b82123456"})
	done, err := Logins(m.Settings, a)
	if err != nil || done.Adapter == nil || len(done.Phones) != 1 || done.Phones[0] != (Login{"attic", "192.168.1.10:5070", "mum-attic", "green foxes on two hills"}) {
		t.Fatalf("%+v %v", done, err)
	}
	v := done.Adapter
	if v.Server != "192.168.1.10" || v.Port != "5070" || v.Line.User != "trunk-bt" || v.Line.Password != "seven wet herons on a wall" ||
		v.Phone.User != "mum-hall" || v.Phone.Password != "dry otters in nine boats" || v.Country != "GB" {
		t.Errorf("%+v", v)
	}
	if steps := strings.Join(done.Fetching(), "\n"); !strings.Contains(steps, "http://192.168.1.20") || !strings.Contains(steps, "192.168.1.10:8813") {
		t.Error(steps)
	}
}

// Every preset says where it comes from.
func TestPresetsHaveSources(t *testing.T) {
	for _, p := range Presets() {
		if len(p.Sources) == 0 || p.Words == "" || p.User == "" || p.Note == "" {
			t.Errorf("%+v", p)
		}
		for _, s := range p.Sources {
			if !strings.HasPrefix(s, "https://") {
				t.Errorf("%s: nobody can open %s", p.Name, s)
			}
		}
	}
}

// A call from outside is shown step by step, and help is given for the step that is waited for alone.
func TestACallFromOutside(t *testing.T) {
	now := time.Now()
	c := OutsideCall{}
	look := func(steps int, help string, works bool) {
		t.Helper()
		all, good := c.Watch(WithAdapter)
		come, said := 0, ""
		for _, p := range all {
			if !p.At.IsZero() {
				come++
			}
			said += p.Help
		}
		if come != steps || good != works || help == "" != (said == "") || !strings.Contains(said, help) {
			t.Errorf("%d steps, works %v, help %q", come, good, said)
		}
	}
	add := func(s calllog.Step) { c.Steps = append(c.Steps, OutsideStep{now, s}) }
	look(0, "Unconditional Call Forward to VOIP", false)
	c.Arrived, c.From = now, "07700 900123"
	look(1, "isn't asked", false)
	add(calllog.Asked{})
	look(2, "your mobile hears nothing", false)
	add(calllog.Said{Length: time.Second})
	look(3, "If none rings", false)
	add(calllog.Rang{})
	look(4, "hear nothing", false)
	add(calllog.PickedUp{})
	look(5, "RFC 2833", false)
	add(calllog.Pressed{Key: calllog.KeyTake})
	look(6, "", true)
	c.From = ""
	if all, _ := c.Watch(WithProvider); !strings.Contains(all[0].Words, "ask the provider whether it sends") {
		t.Error(all[0].Words)
	}
}

func TestTheWayToTheInternet(t *testing.T) {
	table := "Iface\tDestination\tGateway\tFlags\nwlan0\t0001A8C0\t00000000\t0001\neth0\t00000000\t0101A8C0\t0003\n"
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		table = strings.ReplaceAll(table, "0101A8C0", "C0A80101")
	}
	if name, at := readDefaultRoute(strings.NewReader(table)); name != "eth0" || at != "192.168.1.1" {
		t.Error(name, at)
	}
	if name, at := readDefaultRoute(strings.NewReader("wwan0\t00000000\t00000000\t0001\n")); name != "wwan0" || at != "" {
		t.Error(name, at)
	}
	if name, at := readDefaultRoute(strings.NewReader("")); name != "" || at != "" || !isVirtual("docker0") || isVirtual("eth0") {
		t.Error("wrong")
	}
}
