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
	// Their kinds are asked three times a minute; the other trunk and the other phone are not.
	if asked, not := strings.Count(conf, "\nqualify_frequency = 20\n"), strings.Count(conf, "\nqualify_frequency = 0\n"); asked != 2 || not != 2 {
		t.Errorf("%d kinds are asked three times a minute, and %d are not asked", asked, not)
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
		"Dial(PJSIP/${RF_TO}@${RF_TRUNK}/${RF_CONTACT},,i)", "Dial(PJSIP/${EXTEN}@${RF_TRUNK}/${RF_CONTACT},,i)", "Dial(${RF_DIAL},${RF_RING},ri)",
		"RF_TRUNK=trunk-line,RF_CONTACT=sip:127.0.0.2:5060,", "RF_DIAL=PJSIP/home-hall&PJSIP/home-bed/sip:bed@127.0.0.3:5060,RF_RING=60,",
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
