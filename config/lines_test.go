package config

import (
	"strings"
	"testing"
)

const provided = `[asterisk]
sip = "192.0.2.20:5060"

[[trunk]]
name = "adapter"
address = "192.0.2.10"
[[trunk]]
name = "line"

address = "provider.example" # a name
register = true
user = "u"
password = "p"
tls = true
ca = "/nowhere/authorities.pem"
#srtp
#srv
[[household]]
name = "home"
trunk = "line"
[[household.phone]]
name = "hall"
password = "0123456789abcdef01234567"
`

// What cannot work is refused with the line of the setting that is wrong.
func TestWrongLinesAreNamed(t *testing.T) {
	for want, change := range map[string][2]string{
		"line 15: the trunk line checks certificates": {`#srv`, ``},
		"line 16: the trunk line has srtp without":    {"tls = true\nca = \"/nowhere/authorities.pem\"\n#srtp", "\n\nsrtp = true"},
		"line 17: the trunk line has srv and the":     {"provider.example\" # a name\nregister = true\nuser = \"u\"\npassword = \"p\"\ntls = true\nca = \"/nowhere/authorities.pem\"\n#srtp\n#srv", "provider.example:5060\"\nregister = true\nuser = \"u\"\npassword = \"p\"\n\n\n\nsrv = true"},
		"line 10: the trunk line is reached over":     {"provider.example\"", "[2001:db8::1]:5061\""},
	} {
		text := strings.Replace(provided, change[0], change[1], 1)
		s, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Site("secret-of-ari-0123456789"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// A line whose certificates cannot be checked is refused where it is written, and does not keep Asterisk from running.
func TestMissingAuthoritiesDoNotKeepAsteriskFromRunning(t *testing.T) {
	s, err := Parse([]byte(provided))
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	site, err := s.SiteThatRings("secret-of-ari-0123456789", &said)
	if err != nil || len(site.Trunks) != 2 || !strings.Contains(said.String(), "which is not there") {
		t.Errorf("%v, said %q", err, said.String())
	}
}

func TestAddressesOfTrunks(t *testing.T) {
	for text, want := range map[string]struct {
		host string
		port int
	}{
		`"sip.provider.example"`:                  {"sip.provider.example", 5060},
		`"sip.provider.example"` + "\ntls = true": {"sip.provider.example", 5061},
		`"sip.provider.example"` + "\nsrv = true": {"sip.provider.example", 0},
		`"sip.provider.example:5080"`:             {"sip.provider.example", 5080},
		`"2001:db8::1"`:                           {"2001:db8::1", 5060},
		`"[2001:db8::1]"`:                         {"2001:db8::1", 5060},
		`"[2001:db8::1]:5080"`:                    {"2001:db8::1", 5080},
	} {
		s, err := Parse([]byte("[[trunk]]\nname = \"line\"\naddress = " + text + "\n" + provided[strings.Index(provided, "[[household]]"):])) //nolint:gocritic // it is there
		if err != nil {
			t.Fatal(err)
		}
		trunk, err := s.Trunks[0].Site()
		if err != nil || trunk.Host != want.host || trunk.Port != want.port {
			t.Errorf("%s: %s %d %v", text, trunk.Host, trunk.Port, err)
		}
	}
}
