package group

import (
	"strings"
	"testing"
)

const (
	aSecret = "q9Jx2mV4bT7nZ0aLkR5sWcY8"
	aKey    = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3" // the minisign command's own, from its manual
)

func TestLinks(t *testing.T) {
	for text, want := range map[string]Link{
		"https://hub.example/join#" + aSecret:                                              {"https://hub.example", aSecret, ""},
		"  https://Hub.Example:8443/scams/join#" + aSecret + "\n":                          {"https://hub.example:8443/scams", aSecret, ""},
		"https://hub.example/join?key=" + aKey + "#" + aSecret:                             {"https://hub.example", aSecret, aKey},
		"ringfence:group?url=https%3A%2F%2Fhub.example%2F&invite=" + aSecret:               {"https://hub.example", aSecret, ""},
		"ringfence:group?url=https://hub.example&invite=" + aSecret + "&key=" + aKey:       {"https://hub.example", aSecret, aKey},
		"ringfence:group?url=http://192.168.1.5:8090&invite=" + aSecret + "&key=" + aKey:   {"http://192.168.1.5:8090", aSecret, aKey},
		"http://127.0.0.1:8090/join#" + aSecret:                                            {"http://127.0.0.1:8090", aSecret, ""},
		"http://[fe80::1]/join#" + aSecret:                                                 {"http://[fe80::1]", aSecret, ""},
		"http://localhost:1/join#" + aSecret:                                               {"http://localhost:1", aSecret, ""},
		"ringfence:group?key=" + aKey + "&invite=" + aSecret + "&url=https://hub.example/": {"https://hub.example", aSecret, aKey},
	} {
		if got, err := parseLink(text, true); err != nil || got != want {
			t.Errorf("%s: %+v %v", text, got, err)
		}
		if strings.Contains(want.URL, "http://") {
			if got, err := parseLink(text, false); err == nil {
				t.Errorf("%s without https is taken: %+v", text, got)
			}
		}
	}
	for _, text := range []string{
		"", "hub.example", "https://hub.example/", "https://hub.example/join", "https://hub.example/join#short", "https://hub.example/join?key=RWno#" + aSecret,
		"https://hub.example/join#" + aSecret + "%0d%0aX:y", "https://user:pass@hub.example/join#" + aSecret, "http://hub.example/join#" + aSecret,
		"ftp://hub.example/join#" + aSecret, "ringfence:list?url=https://hub.example&invite=" + aSecret, "ringfence:group?url=file:///etc&invite=" + aSecret,
		"ringfence:group?url=https://hub.example?a=b&invite=" + aSecret + "&x", "ringfence:group?url=https://hub.example%3Fa&invite=" + aSecret,
		"https:///join#" + aSecret, "https://hub.example/join#" + strings.Repeat("a", 3000), "javascript:alert(1)", "http://8.8.8.8/join#" + aSecret,
	} {
		if got, err := parseLink(text, true); err == nil {
			t.Errorf("%.80q is taken: %+v", text, got)
		}
	}
}

func FuzzLink(f *testing.F) {
	for _, seed := range []string{"https://hub.example/join#" + aSecret, "ringfence:group?url=https://hub.example&invite=" + aSecret + "&key=" + aKey, "http://[::1]/join?key=#"} {
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, own bool) {
		l, err := parseLink(text, own)
		if err != nil {
			return
		}
		// What is taken says the same when it is written in the other form, and has nothing in it that could begin another line.
		again, err := parseLink(l.URL+"/join?key="+strings.ReplaceAll(l.Key, "+", "%2B")+"#"+l.Invite, own)
		if err != nil || again != l || strings.ContainsAny(l.URL+l.Invite+l.Key, "\r\n \x00") {
			t.Errorf("%q: %+v, and again %+v %v", text, l, again, err)
		}
	})
}
