package asterisk

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// kinds are the types of the sections that are made from a template of pjsip.conf.
var kinds = map[string]string{
	"leg": "endpoint", "trunk_by_address": "endpoint", "trunk_by_password": "endpoint", "trunk_that_registers": "endpoint",
	"phone_by_address": "endpoint", "phone_by_password": "endpoint", "fixed": "aor", "moving": "aor", "password": "auth", "password_of_ours": "auth",
	"by_address": "identify", "registered": "registration",
}

// section is the text of the section with a name and a type in a pjsip.conf.
func section(t *testing.T, text, name, kind string) string {
	t.Helper()
	for _, part := range strings.Split(text, "\n[") {
		head, body, _ := strings.Cut(part, "\n")
		template := strings.Trim(strings.TrimPrefix(head, name+"]"), "()")
		if strings.HasPrefix(head, name+"]") && (strings.Contains(body, "type = "+kind+"\n") || kinds[template] == kind) {
			return body + "\n"
		}
	}
	t.Fatalf("there is no [%s] of type %s in:\n%s", name, kind, text)
	return ""
}

// providedSite is a site with providers of every kind.
func providedSite() Site {
	site := usual()
	site.SIP6Host, site.SIP6Port, site.TLSPort = "fd00::10", 5060, 5061
	site.Trunks = []Trunk{
		{Name: "line", Host: "provider.example", Register: true, User: "u", Password: "p", TLS: true, SRTP: true, SRV: true, CA: "/ca.pem"},
		{Name: "second", Host: "2001:db8::1", Port: 5061, Register: true, User: "u", Password: "p", TLS: true},
		{Name: "third", Host: "2001:db8::2", Port: 5060},
		{Name: "fourth", Host: "sip.provider.example", Port: 5060, Register: true, User: "anna@line <é>;1", Password: "p", IPv6: true},
	}
	site.Households[0].Phones = append(site.Households[0].Phones, Phone{Name: "six", Password: "z", IPv6: true}, Phone{Name: "fixed", Address: "[fd00::21]:5060"})
	return site
}

func TestProvidersInTheConfiguration(t *testing.T) {
	site := providedSite()
	modules := fakeModules(t)
	if err := os.WriteFile(filepath.Join(modules.Modules, encrypting+".so"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "asterisk")
	if err := writeConfig(t, dir, site, modules); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string { t.Helper(); return fileIn(t, dir, name) }
	pjsip := read("pjsip.conf")
	for _, want := range []struct{ name, kind, lines string }{
		{"tls-line", "transport", "bind = 127.0.0.1:5061\nca_list_file = /ca.pem\nverify_server = yes\n"},
		{"tls-second", "transport", "bind = [fd00::10]:5062\n"},
		{"udp6", "transport", "bind = [fd00::10]:5060\n"},
		{"trunk-line", "endpoint", "transport = tls-line\n; A call without keys for its sound is refused.\nmedia_encryption = sdes\n"},
		{"trunk-line", "aor", "contact = sip:provider.example\\;transport=tls\n"},
		{"trunk-line", "registration", "transport = tls-line\noutbound_auth = trunk-line\nserver_uri = sip:provider.example\\;transport=tls\nclient_uri = sip:u@provider.example\n"},
		{"trunk-line", "registration", "expiration = 60\n"},
		{"trunk-second", "endpoint", "transport = tls-second\nmedia_address = fd00::10\n"},
		{"trunk-second", "endpoint", "from_domain = [2001:db8::1]\n"},
		{"trunk-second", "aor", "contact = sip:[2001:db8::1]:5061\\;transport=tls\n"},
		{"trunk-third", "endpoint", "transport = udp6\nmedia_address = fd00::10\n"},
		{"trunk-third", "identify", "match = 2001:db8::2\n"},
		{"trunk-fourth", "registration", "transport = udp6\n"},
		{"trunk-fourth", "registration", "client_uri = sip:anna%40line%20%3C%C3%A9%3E\\;1@sip.provider.example:5060\ncontact_user = anna%40line%20%3C%C3%A9%3E\\;1\n"},
		{"trunk-fourth", "endpoint", "from_user = anna%40line%20%3C%C3%A9%3E\\;1\n"},
		{"trunk-fourth", "auth", "username = anna@line <é>\\;1\n"},
		{"home-six", "endpoint", "media_address = fd00::10\n"},
		{"home-fixed", "endpoint", "media_address = fd00::10\n"},
		{"home-fixed", "aor", "contact = sip:fixed@[fd00::21]:5060\n"},
		{"home-fixed", "identify", "match = fd00::21\n"},
		{"system", "system", "timer_t1 = 150\n"},
	} {
		if got := section(t, pjsip, want.name, want.kind); !strings.Contains(got, want.lines) {
			t.Errorf("[%s] of type %s lacks %q:\n%s", want.name, want.kind, want.lines, got)
		}
	}
	if dialplan := read("extensions.conf"); !strings.Contains(dialplan, "RF_HEADER=Identity,RF_REGISTERED=encrypted)") || !strings.Contains(read("modules.conf"), "load = "+encrypting+".so") {
		t.Errorf("calls in the clear get in, or the sound is not encrypted:\n%s", dialplan)
	}
	if text := written(t, usual(), "modules.conf"); strings.Contains(text, encrypting) {
		t.Error("a module is loaded that no line needs")
	}
}

func TestProvidersThatCannotWorkAreRefused(t *testing.T) {
	for words, c := range map[string]struct {
		setting string
		change  func(*Site)
	}{
		"tls without register":                  {"tls", func(s *Site) { s.Trunks[0].Register, s.Trunks[0].User = false, "" }},
		"srtp without tls":                      {"srtp", func(s *Site) { s.Trunks[0].TLS = false }},
		"ca without tls":                        {"ca", func(s *Site) { s.Trunks[0].TLS, s.Trunks[0].SRTP = false, false }},
		"only a name can stand for":             {"srv", func(s *Site) { s.Trunks[0].Host = "192.0.2.1" }},
		"srv and the port 5060":                 {"srv", func(s *Site) { s.Trunks[0].Port = 5060 }},
		"an address already says":               {"ipv6", func(s *Site) { s.Trunks[1].IPv6 = true }},
		"the trunk second is reached over IPv6": {"address", func(s *Site) { s.SIP6Host = "" }},
		"has only the IPv6 address fd00::10": {"address", func(s *Site) {
			s.SIPHost, s.SIP6Host, s.Trunks[2].Host = "fd00::10", "", "192.0.2.1"
		}},
		"write one without %eth0":          {"address", func(s *Site) { s.Trunks[2].Host = "fe80::1%eth0" }},
		"the port 65536 for TLS":           {"tls", func(s *Site) { s.TLSPort = 65535 }},
		"not an IPv6 address":              {"", func(s *Site) { s.SIP6Host = "192.0.2.1" }},
		"not tell phones where":            {"", func(s *Site) { s.SIP6Host = "::" }},
		"both are IPv6":                    {"", func(s *Site) { s.SIPHost = "fd00::11" }},
		"the phone six of home is reached": {"", func(s *Site) { s.SIP6Host, s.Trunks = "", s.Trunks[:1] }},
	} {
		site := providedSite()
		c.change(&site)
		err := site.Validate()
		var fault Fault
		errors.As(err, &fault)
		if err == nil || !strings.Contains(err.Error(), words) || fault.Setting != c.setting {
			t.Errorf("%s: %q %v", words, fault.Setting, err)
		}
	}
	if err := providedSite().Validate(); err != nil {
		t.Error(err)
	}
}

// Without authorities nothing can be checked, and that is said before anybody relies on it.
func TestAuthoritiesThatCannotBeRead(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	empty, good := filepath.Join(t.TempDir(), "empty.pem"), filepath.Join(t.TempDir(), "good.pem")
	for file, text := range map[string][]byte{empty: []byte("nothing"), good: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for file, words := range map[string]string{empty: "in which there is no certificate", empty + ".gone": "which is not there", good: ""} {
		site := providedSite()
		site.Trunks = site.Trunks[:1]
		site.Trunks[0].CA = file
		err := site.CheckAuthorities()
		if words == "" && err != nil || words != "" && (err == nil || !strings.Contains(err.Error(), words)) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
