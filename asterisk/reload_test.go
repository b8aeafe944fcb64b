package asterisk

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A change needs a restart only if a running Asterisk can't take it. It can take a household's phones and lines.
func TestWhichChangesNeedARestart(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(s *Site)
		files   []string
		restart string // "all" has to wait for it, or "later"
	}{
		"nothing": {func(*Site) {}, nil, ""},
		"a phone more": {func(s *Site) {
			s.Households[0].Phones = append(s.Households[0].Phones, Phone{Name: "attic", Password: "wet herons on 7 walls"})
		}, []string{"extensions.conf", "pjsip.conf"}, ""},
		"another password":                  {func(s *Site) { s.Households[0].Phones[0].Password = "dry otters in 9 boats" }, []string{"pjsip.conf"}, ""},
		"another line":                      {func(s *Site) { s.Trunks[0].Host = "192.0.2.99" }, []string{"extensions.conf", "pjsip.conf"}, ""},
		"another line with several servers": {func(s *Site) { s.Trunks[1].SRV, s.Trunks[1].Port = true, 0 }, []string{"pjsip.conf"}, "later"},
		"another line with TLS": {func(s *Site) {
			s.Trunks = append(s.Trunks, Trunk{Name: "second", Host: "other.example", Port: 5061, TLS: true, Register: true, User: "u", Password: "p"})
		}, []string{"extensions.conf", "pjsip.conf"}, ""},
		"a line with TLS less": {func(s *Site) { s.Trunks = s.Trunks[:1] }, []string{"extensions.conf", "pjsip.conf"}, ""},
		"a line with TLS in another's place": {func(s *Site) {
			s.Trunks = append([]Trunk{{Name: "second", Host: "other.example", Port: 5061, TLS: true, Register: true, User: "u", Password: "p"}}, s.Trunks...)
		}, []string{"extensions.conf", "pjsip.conf"}, "later"},
		"encrypted sound":  {func(s *Site) { s.Trunks[1].SRTP = true }, []string{modulesFile, "pjsip.conf"}, "all"},
		"other ports":      {func(s *Site) { s.RTPLast += 2000 }, []string{"asterisk.conf", "extensions.conf", "rtp.conf"}, "all"},
		"another address":  {func(s *Site) { s.SIPHost = "127.0.0.9" }, []string{"pjsip.conf"}, "all"},
		"another SIP port": {func(s *Site) { s.SIPPort = 5070 }, []string{"pjsip.conf"}, "all"},
		"another ARI port": {func(s *Site) { s.HTTPPort = 8099 }, []string{"http.conf"}, "all"},
	} {
		dir, site, inst := t.TempDir(), reloadSite(), fakeModules(t)
		if err := os.WriteFile(filepath.Join(inst.Modules, encrypting+".so"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := writeConfig(t, dir, site, inst); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, loggerFile), []byte("; with the mark of this start"), 0o600); err != nil {
			t.Fatal(err)
		}
		test.change(&site)
		found, err := findDifferences(dir, site, inst)
		restart := map[bool]string{found.all: "all", !found.all && found.later: "later"}[true]
		if err != nil || restart != test.restart || !slices.Equal(found.names(), test.files) {
			t.Errorf("%s: %v, restart %q (%v); want %v, %q", name, found.names(), restart, err, test.files, test.restart)
		}
		if found.all {
			continue
		}
		// What a running Asterisk was given is not given again, though it may be waiting for a restart.
		for name, text := range found.files {
			if err := write(dir, name, text); err != nil {
				t.Fatal(err)
			}
		}
		if again, err := findDifferences(dir, site, inst); err != nil || len(again.files) > 0 || again.later != found.later {
			t.Errorf("%s, given: %v, later %v (%v)", name, again.names(), again.later, err)
		}
	}
}

func reloadSite() Site {
	return Site{
		SIPHost: "127.0.0.1", SIPPort: 5060, RTPFirst: 10000, RTPLast: 10999, HTTPHost: "127.0.0.1", HTTPPort: 8088,
		ARIUser: "ringfence", ARIPassword: "a-password-of-ari", App: "ringfence", DecideSeconds: 5, PickupSeconds: 5,
		TLSPort: 5061,
		Trunks: []Trunk{
			{Name: "line", Host: "192.0.2.10", Port: 5060},
			{Name: "provider", Host: "provider.example", Port: 5061, TLS: true, Register: true, User: "u", Password: "p"},
		},
		Households: []Household{{Name: "home", Trunk: "line", Region: "GB", Language: "en-GB", RingSeconds: 60, Phones: []Phone{{Name: "hall", Password: "wet herons on 7 walls"}}}},
	}
}
