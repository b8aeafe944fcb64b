package config_test

import (
	"os"
	"strings"
	"testing"

	"ringfence/config"
	"ringfence/config/configtest"
)

// The example has every setting, and what it says of the defaults is true.
func TestExampleSettings(t *testing.T) {
	text, err := os.ReadFile("../ringfence.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := config.Parse(text)
	if err != nil {
		t.Fatalf("the example as it stands: %v", err)
	}
	if len(s.Households) != 1 || s.Asterisk != config.Defaults().Asterisk {
		t.Errorf("%+v", s)
	}
	// With the remarks of the first two tables taken in, nothing changes.
	head, _, _ := strings.Cut(string(text), "# ---- the line")
	var plain []string
	for _, line := range strings.Split(head, "\n") {
		if rest, remark := strings.CutPrefix(line, "# "); remark && strings.Contains(rest, " = ") && !strings.HasPrefix(rest, "A ") {
			line = rest
		}
		plain = append(plain, line)
	}
	if spelled, err := config.Parse([]byte(strings.Join(plain, "\n") + configtest.Usual)); err != nil || spelled.Asterisk != config.Defaults().Asterisk || spelled.Web != config.Defaults().Web || spelled.Metrics != config.Defaults().Metrics || spelled.Lists != config.Defaults().Lists || spelled.Speech != config.Defaults().Speech || spelled.Replica != config.Defaults().Replica || spelled.KeepDays != config.Defaults().KeepDays || spelled.Data != config.Defaults().Data {
		t.Errorf("the defaults in the example are not those of the program: %+v %v", spelled, err)
	}
	for _, setting := range []string{"data", "region", "keep_days", "sip", "sip6", "tls_port", "media", "public", "rtp_first", "rtp_last", "ari", "ari_user", "ari_password", "app", "address", "register", "user", "password", "tls", "srtp", "ca", "srv", "ipv6", "accept", "codecs", "qualify", "number", "language", "timezone", "telecare",
		"listen", "public", "proxies", "plain", "cert", "key", "acme_host", "acme_email", "acme_from", "allow_private",
		"reader", "wyoming", "openai", "openai_key", "openai_model", "opinion", "opinion_key", "opinion_model",
	} {
		if !strings.Contains(string(text), setting+" = ") {
			t.Errorf("the example says nothing of %s", setting)
		}
	}
}

// Whoever names a service is told, where they name it, what it gets. A Wyoming server is to be in the house, and gets it unencrypted.
func TestExampleSaysWhatLeavesTheHouse(t *testing.T) {
	text, err := os.ReadFile("../ringfence.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	for setting, want := range map[string]string{
		"wyoming": "gets the recordings unencrypted", "openai": "What callers say then leaves the house.", "opinion": "what callers say leaves the house",
	} {
		before, _, _ := strings.Cut(string(text), "\n# "+setting+" = ")
		remark := strings.ReplaceAll(before[strings.LastIndex(before, "\n\n")+2:], "\n# ", " ")
		if !strings.Contains(remark, want) {
			t.Errorf("beside %s the example says %q, not %q", setting, remark, want)
		}
	}
}

func TestWebSettings(t *testing.T) {
	for text, want := range map[string]string{
		``:                                 "http://127.0.0.1:8080 false",
		`listen = ""`:                      " false",
		`listen = "[::1]:8080"`:            "http://[::1]:8080 false",
		`listen = "localhost:8080"`:        "http://localhost:8080 false",
		`public = "https://r.example/"`:    "https://r.example true",
		`public = "http://localhost:8080"`: "http://localhost:8080 false",
		"proxies = 1\npublic = \"https://r.example\"":                          "https://r.example true",
		"listen = \":443\"\ncert = \"c\"\nkey = \"k\"":                         "https://localhost:443 true",
		"listen = \"0.0.0.0:443\"\nacme_host = \"r.example\"":                  "https://r.example true",
		"listen = \"10.8.0.1:80\"\nplain = true\npublic = \"http://10.8.0.1\"": "http://10.8.0.1 false",
		`listen = "8080"`:              "! others could listen in",
		`listen = "0.0.0.0:8080"`:      "! others could listen in",
		`listen = "gran.example:8080"`: "! others could listen in",
		"listen = \"0.0.0.0:8080\"\nproxies = 1\npublic = \"https://r.example\"": "! others could listen in",
		`public = "http://r.example"`:                                            "! begins with https",
		`public = "r.example"`:                                                   "! the address at which the pages begin",
		`public = "https://r.example/ringfence"`:                                 "! the address at which the pages begin",
		`public = "https://user@r.example"`:                                      "! the address at which the pages begin",
		`proxies = 1`:                                                            "! web.public is not",
		"proxies = -1":                                                           "! usually 1",
		`cert = "c"`:                                                             "! give both, or none",
		"cert = \"c\"\nkey = \"k\"\nacme_host = \"r.example\"":                   "! two ways",
		`acme_host = "https://r.example"`:                                        "! a name alone",
	} {
		s, err := config.Parse([]byte("[web]\n" + text + configtest.Usual))
		got := ""
		if err == nil {
			if s.Web.Listen != "" {
				got = s.Web.Address()
			}
			got += map[bool]string{true: " true", false: " false"}[s.Web.Secure()]
		}
		if refused, no := strings.CutPrefix(want, "! "); no && (err == nil || !strings.Contains(err.Error(), refused)) || !no && got != want {
			t.Errorf("%s: %q %v, not %q", text, got, err, want)
		}
	}
}

func TestReachable(t *testing.T) {
	for listen, want := range map[string]string{":8080": "localhost:8080", "0.0.0.0:80": "localhost:80", "[::]:80": "localhost:80", "10.0.0.1:80": "10.0.0.1:80", "gran:80": "gran:80"} {
		if got := (config.Web{Listen: listen}).Reachable(); got != want {
			t.Errorf("%s: %s, not %s", listen, got, want)
		}
	}
}

func TestMetricsSettings(t *testing.T) {
	for listen, good := range map[string]bool{"a:b:c": false, "127.0.0.1:x": false, "127.0.0.1:9464": true, "": true} {
		if _, err := config.Parse([]byte("[metrics]\nlisten = \"" + listen + "\"\n" + configtest.Usual)); (err == nil) != good {
			t.Errorf("%q: %v", listen, err)
		}
	}
}

func TestWhichTrunkIsARouter(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		trunk config.Trunk
		want  bool
	}{
		{config.Trunk{Register: true, Address: "192.168.178.1"}, true},
		{config.Trunk{Register: true, Address: "192.168.178.1:5060"}, true},
		{config.Trunk{Register: true, Address: "fritz.box"}, true},
		{config.Trunk{Register: true, Address: "sip.provider.example"}, false},
		{config.Trunk{Register: true, Address: "192.168.178.1", Router: &no}, false},
		{config.Trunk{Register: true, Address: "router.home.arpa", Router: &yes}, true},
		{config.Trunk{Address: "192.168.1.20:5062"}, false}, // an adapter
		{config.Trunk{Address: "192.0.2.10"}, false},
	} {
		if got := c.trunk.IsRouter(); got != c.want {
			t.Errorf("%+v: a router %v", c.trunk, got)
		}
	}
}
