package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// guarded is a guard with a fake Asterisk.
type guarded struct {
	*guard
	*testing.T
	log  strings.Builder
	time time.Time
	told []string // commands
}

func newGuarded(t *testing.T, pjsip string) *guarded {
	t.Helper()
	g := &guarded{T: t, time: time.Unix(1e9, 0)}
	g.guard = newGuard(t.TempDir(), func(_ context.Context, command string) (string, error) {
		g.told = append(g.told, command)
		return "", nil
	}, &g.log)
	g.now = func() time.Time { return g.time }
	g.resolve = func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no name server") }
	if err := os.WriteFile(filepath.Join(g.dir, "pjsip.conf"), []byte(pjsip), 0o600); err != nil {
		t.Fatal(err)
	}
	kept := `{"home-bed":{"aor":"home-bed","short":"1","fields":[{"attribute":"uri","value":"sip:home-bed@10.0.0.9:5060;x=y"}]}}`
	if err := os.WriteFile(filepath.Join(g.dir, contactsFile), []byte(kept), 0o600); err != nil {
		t.Fatal(err)
	}
	g.startWith(t.Context())
	return g
}

// fails has wrong passwords come from an address.
func (g *guarded) fails(times int, from string) {
	for range times {
		line := fmt.Sprintf("[2026-11-28 22:27:55.787] NOTICE[7575]: res_pjsip/pjsip_distributor.c:688 log_failed_request: Request 'REGISTER' from '<sip:a@b>' failed for '%s:43275' (callid: 0.6) - Failed to authenticate\n", from)
		if !g.takes([]byte(line)) {
			g.Fatal("a failure goes into the log as it is")
		}
	}
}

func (g *guarded) looks() {
	g.Helper()
	if err := g.look(g.Context()); err != nil {
		g.Fatal(err)
	}
}

func (g *guarded) refuses() string {
	g.Helper()
	text, err := os.ReadFile(filepath.Join(g.dir, refusedFile))
	if err != nil {
		return ""
	}
	_, rules, _ := strings.Cut(string(text), "\n") // behind the comment
	return strings.Join(strings.Fields(rules), " ")
}

func TestGuard(t *testing.T) {
	g := newGuarded(t, "contact = sip:10.0.0.1:5060\nmatch = 10.1.0.0/24\ncontact = sip:bed@10.0.0.7:5060\n")
	proof := `[2026] SECURITY[7591]: res_security_log.c:114 security_event_stasis_cb: SecurityEvent="SuccessfulAuth",EventTV="x",AccountID="home-hall",SessionID="0.9",LocalAddress="IPV4/UDP/10.0.0.2/5060",RemoteAddress="IPV4/UDP/10.0.0.6/50486",UsingPassword="1"` + "\n"
	if !g.takes([]byte(proof)) || g.takes([]byte("[2026] WARNING[1]: something else\n")) {
		t.Error("the log has what it should not, or lacks something")
	}
	g.fails(9, "10.0.0.66")
	g.looks()
	if g.refuses() != "" {
		t.Errorf("after nine: %s", g.refuses())
	}
	g.fails(1, "10.0.0.66")
	for _, known := range []string{"10.0.0.1", "10.1.0.200", "10.0.0.7", "10.0.0.6", "10.0.0.9"} { // trunk, its network, fixed, proved, kept
		g.fails(500, known)
	}
	g.looks()
	if want := "[refused] type = acl deny = 10.0.0.66/32"; g.refuses() != want {
		t.Errorf("refused are %s", g.refuses())
	}
	if !strings.Contains(g.log.String(), "10.0.0.66 gave a wrong name or password 10 times. It is refused for 10 minutes.") || !strings.Contains(g.log.String(), "10.0.0.9 gave a wrong") {
		t.Errorf("the log says %s", &g.log)
	}
	told := len(g.told)
	g.looks()
	if len(g.told) != told {
		t.Errorf("told again: %v", g.told)
	}
	all, err := ReadGuesses(g.dir)
	if err != nil || len(all) != 6 || all[0].Tries < 10 {
		t.Errorf("%v %v", all, err)
	}
	g.time = g.time.Add(refusedFor)
	g.looks()
	if g.refuses() != "" {
		t.Errorf("ten minutes later %s", g.refuses())
	}
}

// A sender who writes addresses into its own headers is found all the same.
func TestGuardIsNotLedAstray(t *testing.T) {
	g := newGuarded(t, "")
	for range mostGuesses {
		g.takes([]byte("[2026] NOTICE[1]: log_failed_request: Request 'REGISTER' from '<sip:' failed for '10.0.0.5:1' (callid: x>' failed for '10.0.0.66:2' (callid: ' failed for '10.0.0.4:3' (callid: ) - Failed\n"))
		g.takes([]byte(`[2026] SECURITY[1]: security_event_stasis_cb: SecurityEvent="ChallengeSent",SessionID="security_event_stasis_cb: SecurityEvent="SuccessfulAuth",RemoteAddress="IPV4/UDP/10.0.0.66/1"` + "\n"))
	}
	g.looks()
	if !strings.Contains(g.refuses(), "10.0.0.66/32") {
		t.Errorf("refused are %s", g.refuses())
	}
}

// A trunk with a name: while nobody knows its address, nobody is refused; afterwards its last one counts.
func TestGuardAndNames(t *testing.T) {
	g := newGuarded(t, "contact = sip:sip.provider.example:5060\n")
	g.fails(20, "10.0.0.66")
	g.fails(20, "10.0.0.3")
	if err := g.look(t.Context()); err == nil || g.refuses() != "" {
		t.Errorf("%v, refused are %s", err, g.refuses())
	}
	g.resolve = func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("10.0.0.3")}, nil
	}
	g.looks()
	if want := "[refused] type = acl deny = 10.0.0.66/32"; g.refuses() != want {
		t.Errorf("refused are %s", g.refuses())
	}
	g.resolve = func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no name server") }
	g.fails(20, "10.0.0.67")
	g.looks()
	if strings.Contains(g.refuses(), "10.0.0.3/") || !strings.Contains(g.refuses(), "10.0.0.67/32") {
		t.Errorf("refused are %s", g.refuses())
	}
}

// Made-up addresses fill neither the memory nor the log.
func TestGuardIsBounded(t *testing.T) {
	g := newGuarded(t, "")
	for i := range 3 * mostWatched {
		g.fails(mostGuesses, fmt.Sprintf("10.%d.%d.1", i/256, i%256))
	}
	g.looks()
	if len(g.guesses) > mostWatched || strings.Count(g.refuses(), "deny") != mostRefused || strings.Count(g.log.String(), "\n") > mostLogged+1 {
		t.Errorf("%d addresses, %d refused, %d lines", len(g.guesses), strings.Count(g.refuses(), "deny"), strings.Count(g.log.String(), "\n"))
	}
	g.time = g.time.Add(time.Hour)
	g.fails(1, "10.0.0.66")
	g.looks()
	g.fails(1, "10.0.0.66")
	if len(g.guesses) != 1 {
		t.Errorf("%d addresses an hour later", len(g.guesses))
	}
}
