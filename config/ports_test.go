package config

import (
	"errors"
	"strings"
	"testing"

	"ringfence/asterisk"
)

// Settings from before calls were limited may have too few ports. They are refused where they are written, and put up with where Asterisk has
// to run.
func TestTooFewPortsDoNotKeepAsteriskFromRunning(t *testing.T) {
	s, err := Parse([]byte(`
[asterisk]
rtp_first = 10000
rtp_last = 10199
[[trunk]]
name = "line"
address = "192.0.2.10"
[[household]]
name = "home"
trunk = "line"
[[household.phone]]
name = "hall"
password = "0123456789abcdef01234567"
`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Site("secret-of-ari-0123456789"); !errors.Is(err, asterisk.ErrFewPorts) {
		t.Errorf("asterisk config says %v", err)
	}
	var said strings.Builder
	site, err := s.SiteThatRings("secret-of-ari-0123456789", &said)
	if err != nil || site.Trunks[0].Calls != 13 || !strings.Contains(said.String(), "are too few for 20 calls at a time") {
		t.Errorf("asterisk run: %v, %d calls, said %q", err, site.Trunks[0].Calls, said.String())
	}
}
