package asterisk

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// Who is asked whether they are there, how often, and that calls out do not depend on the answer.
func TestWhoIsAsked(t *testing.T) {
	site := usual()
	site.Trunks[0].Qualify, site.Households[0].Phones[1].Qualify = true, true
	conf := written(t, site, "pjsip.conf")
	if got := fixedAddresses(conf); !slices.Equal(got, []string{"trunk-line", "home-bed"}) {
		t.Errorf("%v are asked", got)
	}
	if n := strings.Count(conf, "\nqualify_frequency = 20\n"); n != 2 {
		t.Errorf("%d are asked three times a minute, not 2", n)
	}
	var asked []string
	askAll(t.Context(), func(_ context.Context, command string) (string, error) {
		asked = append(asked, command)
		return "", nil
	}, t.TempDir())
	if len(asked) > 0 {
		t.Errorf("without a configuration %v was typed", asked)
	}
	plan := written(t, site, "extensions.conf")
	for _, line := range []string{
		"Dial(PJSIP/${RF_TO}@trunk-line/sip:127.0.0.2:5060,,i)", "Dial(PJSIP/${EXTEN}@trunk-line/sip:127.0.0.2:5060,,i)",
		"Dial(PJSIP/home-hall&PJSIP/home-bed/sip:bed@127.0.0.3:5060,60,ri)",
	} {
		if !strings.Contains(plan, line) {
			t.Errorf("the dialplan does not have %s", line)
		}
	}
}

// Only this machine can ring itself, and with a password that nobody can guess from elsewhere.
func TestOnlyThisMachineRingsItself(t *testing.T) {
	site := usual()
	site.SIPHost = "192.0.2.10"
	conf := written(t, site, "pjsip.conf")
	_, section, found := strings.Cut(conf, "\n[self_test](leg)\n")
	if !found || !strings.Contains(section, "deny = 0.0.0.0/0\n") || !strings.Contains(section, "permit = 192.0.2.10/32\n") || !strings.Contains(section, "password = "+site.SelfTestPassword()+"\n") {
		t.Errorf("the endpoint is\n%s", section)
	}
	other := site
	other.ARIPassword = "another"
	if site.SelfTestPassword() == other.SelfTestPassword() || strings.Contains(site.SelfTestPassword(), site.ARIPassword) {
		t.Error("the password does not follow from ARI's, or shows it")
	}
}
