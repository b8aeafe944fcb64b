package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net"
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
	g.names = names{}
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

// names is a name server: what each name stands for, the names of SRV records included.
type names map[string][]string

func (n names) LookupSRV(_ context.Context, _, _, name string) (string, []*net.SRV, error) {
	var all []*net.SRV
	for _, target := range n[name] {
		all = append(all, &net.SRV{Target: target + ".", Port: 5080})
	}
	if len(all) == 0 {
		return "", nil, errors.New("no such record")
	}
	return name, all, nil
}

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	var all []netip.Addr
	for _, at := range n[host] {
		all = append(all, netip.MustParseAddr(at))
	}
	if len(all) == 0 {
		return nil, errors.New("no name server")
	}
	return all, nil
}

// fails has wrong passwords come from an address. How such a line is read depends on nothing before it, so that one is read for all.
func (g *guarded) fails(times int, from string) {
	for n := range times {
		if n > 0 {
			g.noteFailed(netip.MustParseAddr(from))
			continue
		}
		line := fmt.Sprintf("[2026-11-28 22:27:55.787] NOTICE[7575]: res_pjsip/pjsip_distributor.c:688 log_failed_request: Request 'REGISTER' from '<sip:a@b>' failed for '%s:43275' (callid: 0.6) - Failed to authenticate", from)
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
	proof := `[2026] SECURITY[7591]: res_security_log.c:114 security_event_stasis_cb: SecurityEvent="SuccessfulAuth",EventTV="x",AccountID="home-hall",SessionID="0.9",LocalAddress="IPV4/UDP/10.0.0.2/5060",RemoteAddress="IPV4/UDP/10.0.0.6/50486",UsingPassword="1"`
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

// Whatever a sender writes into its request, only the address that Asterisk itself wrote counts: where it failed it is refused, where it did
// not it is not, and no other address is refused or proved for it. Who hides it behind a hostile From has no endpoint (pjsip.conf, [nobody]).
func TestGuardIsNotLedAstray(t *testing.T) {
	const failed = "[2026 m] NOTICE[7][C-0000000a]: res_pjsip/pjsip_distributor.c:688 log_failed_request: Request 'REGISTER' from '%s' failed for '10.0.0.66:5' (callid: %s) - Failed to authenticate"
	const proved = `[2026 m] SECURITY[7]: res_security_log.c:114 security_event_stasis_cb: SecurityEvent="%s",EventTV="x",AccountID="%s",SessionID="%s",LocalAddress="IPV4/UDP/10.0.0.2/5060",RemoteAddress="IPV4/UDP/10.0.0.66/5",%s`
	var hostile []string
	for _, is := range []string{
		"x' failed for '10.0.0.5:1' (callid: y", "x' failed for '10.0.0.5:1' (callid: y) - Failed to authenticate", `x] SECURITY[1]: y security_event_stasis_cb: SecurityEvent="SuccessfulAuth",RemoteAddress="IPV4/UDP/10.0.0.5/5060"`,
		`y",LocalAddress="IPV4/UDP/10.0.0.2/1",RemoteAddress="IPV4/UDP/10.0.0.5/1",UsingPassword="1`, "SIP ACL: Rejecting '10.0.0.5' due to a failure to pass ACL '(BASELINE)'",
		"[2026] NOTICE[1]: Ext. s:1 @ registered-trunk: call from 10.0.0.5:1", `O'Brien, \"()[]{}<>`, "\xff\x00",
	} {
		hostile = append(hostile, is, "'"+is+"'", "\\\""+is+"\\\"", is+is)
	}
	for _, is := range hostile {
		for what, line := range map[string]string{"Call-ID": fmt.Sprintf(failed, `"O'Brien" <sip:a@[::1]>`, is), "name": fmt.Sprintf(failed, `"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(is)+`" <sip:a@b>`, is)} {
			g := newGuarded(t, "")
			g.mark = " m"
			for range mostGuesses {
				if !g.takes([]byte(line)) {
					t.Fatalf("it is passed on: %s", line)
				}
			}
			g.looks()
			if from := what == "name" && strings.Contains(is, "' failed for '"); g.refuses() != "[refused] type = acl deny = 10.0.0.66/32" && !from || strings.Contains(g.refuses(), "10.0.0.5/") || len(g.proved) != 1 {
				t.Errorf("%s %q: refused are %s, proved %v", what, is, g.refuses(), g.proved)
			}
		}
		g := newGuarded(t, "")
		g.mark = " m"
		for range mostGuesses {
			g.takes([]byte(fmt.Sprintf(proved, "ChallengeResponseFailed", is, is, `Challenge="`+is+`",Response="`+is+`",ExpectedResponse=""`)))
			for _, whole := range []string{fmt.Sprintf(failed, "<sip:a@b>", "x"), fmt.Sprintf(proved, "SuccessfulAuth", "a", "x", `UsingPassword="1"`)} {
				g.takes([]byte(strings.Replace(whole, "[2026 m]", "[2026]", 1))) // a line of its own, by a newline
				g.takes([]byte(strings.Replace(whole, "[2026 m]", "x [2026 m]", 1)))
				g.takes([]byte(strings.Replace(whole, "[2026 m]", "[x] [2026 m]", 1)))
			}
		}
		g.looks()
		if g.refuses() != "" || len(g.proved) != 1 {
			t.Errorf("%q: refused are %s, proved %v", is, g.refuses(), g.proved)
		}
		g.takes([]byte(fmt.Sprintf(proved, "SuccessfulAuth", "home-hall", is, `UsingPassword="1"`)))
		if len(g.proved) != 2 || g.proved[netip.MustParseAddr("10.0.0.66")].IsZero() {
			t.Errorf("%q: proved are %v", is, g.proved)
		}
	}
}

// A call with the right token proves its address; one with an outdated token counts for nothing.
func TestGuardAndTheProvidersOtherServers(t *testing.T) {
	g := newGuarded(t, "")
	for range 20 {
		g.takes([]byte("[2026] NOTICE[7]: res_pjsip/pjsip_distributor.c:688 log_failed_request: Request 'INVITE' from '<sip:a@b>' failed for '10.0.0.8:5060' (callid: x) - No matching endpoint found after 9 tries in 1.000 ms\n"))
	}
	g.takes([]byte("[2026] NOTICE[7][C-00000001]: Ext. s:1 @ registered-trunk: call from 10.0.0.9:5060"))
	g.fails(20, "10.0.0.9")
	for range mostGuesses {
		g.takes([]byte("[2026] NOTICE[7]: acl.c:783 ast_apply_acl_internal: SIP ACL: Rejecting '10.0.0.66' due to a failure to pass ACL '(BASELINE)'"))
	}
	g.looks()
	if want := "[refused] type = acl deny = 10.0.0.66/32"; g.refuses() != want {
		t.Errorf("refused are %s", g.refuses())
	}
}

// Forged addresses neither keep one out that guesses in earnest, nor is one said to be refused that is not.
func TestGuardRefusesThoseWhoTryMost(t *testing.T) {
	g := newGuarded(t, "")
	forge := func(tries int) {
		for i := range mostRefused + 100 {
			g.fails(tries, fmt.Sprintf("10.2.%d.%d", i/250, i%250))
		}
	}
	forge(mostGuesses)
	g.looks()
	g.fails(mostGuesses+1, "10.0.0.66")
	g.looks()
	if !strings.Contains(g.refuses(), "10.0.0.66/32") || strings.Count(g.refuses(), "deny") != mostRefused {
		t.Errorf("%d are refused", strings.Count(g.refuses(), "deny"))
	}
	refused := 0
	for _, one := range g.guesses {
		if one.Until.After(g.time) {
			refused++
		}
	}
	if refused != mostRefused {
		t.Errorf("%d are said to be refused", refused)
	}
	for i := range 2 * mostWatched {
		g.fails(1, fmt.Sprintf("10.3.%d.%d", i/250, i%250))
	}
	g.looks()
	if !strings.Contains(g.refuses(), "10.0.0.66/32") {
		t.Error("it is forgotten")
	}
}

// A restart lifts the refusals from before.
func TestGuardLiftsOldRefusals(t *testing.T) {
	g := newGuarded(t, "")
	if err := write(g.dir, refusedFile, refusedConf([]netip.Prefix{netip.MustParsePrefix("10.0.0.66/32")})); err != nil {
		t.Fatal(err)
	}
	g.startWith(t.Context())
	if g.refuses() != "" || len(g.told) != 1 {
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
	g.names = names{"sip.provider.example": {"10.0.0.3"}}
	g.looks()
	if want := "[refused] type = acl deny = 10.0.0.66/32"; g.refuses() != want {
		t.Errorf("refused are %s", g.refuses())
	}
	g.names = names{}
	g.fails(20, "10.0.0.67")
	g.looks()
	if strings.Contains(g.refuses(), "10.0.0.3/") || !strings.Contains(g.refuses(), "10.0.0.67/32") {
		t.Errorf("refused are %s", g.refuses())
	}
}

// A provider with several servers: none of them is refused.
func TestGuardAndSeveralServers(t *testing.T) {
	for contact, service := range map[string]string{`sip:provider.example\;transport=tls`: "_sips._tcp.provider.example", "sip:provider.example": "_sip._udp.provider.example"} {
		g := newGuarded(t, "contact = "+contact+"\n")
		g.names = names{service: {"one.example", "two.example"}, "one.example": {"10.0.0.3"}, "two.example": {"10.0.0.4", "2001:db8::4"}, "provider.example": {"10.0.0.5"}}
		for _, from := range []string{"10.0.0.3", "10.0.0.4", "10.0.0.5", "2001:db8::4"} {
			g.fails(20, from)
		}
		g.looks()
		if want := "[refused] type = acl deny = 10.0.0.5/32"; g.refuses() != want {
			t.Errorf("%s: refused are %s", contact, g.refuses())
		}
	}
}

// Somebody who has a network of IPv6 can guess from another address each time. The network is refused, unless a phone or a trunk is in it.
func TestGuardAndIPv6(t *testing.T) {
	g := newGuarded(t, "contact = sip:[2001:db8:1::1]:5060\nmatch = 2001:db8:2::/48\n")
	proof := `[2026] SECURITY[7591]: res_security_log.c:114 security_event_stasis_cb: SecurityEvent="SuccessfulAuth",EventTV="x",AccountID="home-hall",SessionID="0.9",LocalAddress="IPV6/UDP/fd00::1/5060",RemoteAddress="IPV6/UDP/fd00::6/50486",UsingPassword="1"`
	g.takes([]byte(proof))
	for i := range mostGuesses {
		for _, network := range []string{"2001:db8::", "2001:db8:1::", "2001:db8:2:5::", "fd00::"} {
			g.fails(1, fmt.Sprintf("%sa:%x", network, i))
		}
	}
	g.looks()
	if want := "[refused] type = acl deny = 2001:db8::/64"; g.refuses() != want {
		t.Errorf("refused are %s", g.refuses())
	}
	if !strings.Contains(g.log.String(), "2001:db8::/64 gave a wrong name or password 10 times") {
		t.Errorf("the log says %s", &g.log)
	}
	if all, err := ReadGuesses(g.dir); err != nil || len(all) != 4 || all[0].Tries != 10 {
		t.Errorf("%v %v", all, err)
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

// Who has signed in is trusted after a restart as well, for a day: a stranger must not silence a provider by guessing in its name just then.
func TestProofsOutliveARestart(t *testing.T) {
	g := newGuarded(t, "")
	const provider = "198.51.100.7"
	g.noteProved(netip.MustParseAddr(provider))
	g.looks()
	g.time = g.time.Add(provedFor - time.Hour)
	restarted := func() {
		before := g.guard
		g.guard = newGuard(before.dir, before.console, before.log)
		g.now, g.names = before.now, before.names
		g.startWith(t.Context())
		g.fails(mostGuesses, provider)
		g.fails(mostGuesses, "198.51.100.66")
		g.looks()
	}
	restarted()
	if want := "[refused] type = acl deny = 198.51.100.66/32"; g.refuses() != want {
		t.Errorf("after a restart %q are refused", g.refuses())
	}
	g.time = g.time.Add(2 * time.Hour)
	restarted()
	if !strings.Contains(g.refuses(), provider) {
		t.Errorf("a day later %q are refused", g.refuses())
	}
	if err := os.WriteFile(filepath.Join(g.dir, provedFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	g.log.Reset()
	restarted()
	if !strings.Contains(g.log.String(), "cannot be read") {
		t.Errorf("the log says %q of a file that is none", &g.log)
	}
}
