package asterisk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// usual is a site with two trunks and a household.
func usual() Site {
	return Site{
		SIPHost: "127.0.0.1", SIPPort: 5060, RTPFirst: 10000, RTPLast: 10999, HTTPHost: "127.0.0.1", HTTPPort: 8088,
		ARIUser: "ringfence", ARIPassword: "made;up", App: "ringfence", DecideSeconds: 5, PickupSeconds: 5,
		Farewells: []string{"inspection", "not-wanted"},
		Trunks: []Trunk{
			{Name: "line", Host: "127.0.0.2", Port: 5060},
			{Name: "provider", Host: "sip.provider.example", Port: 5060, Register: true, User: "u", Password: "semi;colon"},
		},
		Households: []Household{{
			Name: "home", Trunk: "line", Number: "+442079460100", Dialled: []string{"+442079460100"}, Language: "en-GB", RingSeconds: 60,
			Emergency: []string{"999", "112"}, Phones: []Phone{{Name: "hall", Password: "x;y"}, {Name: "bed", Address: "127.0.0.3:5060"}},
		}},
	}
}

// fakeModules is a folder with all modules as empty files.
func fakeModules(t *testing.T, but ...string) Installation {
	t.Helper()
	dir := t.TempDir()
	for _, m := range modules {
		if err := os.WriteFile(filepath.Join(dir, m+".so"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range but {
		if err := os.Remove(filepath.Join(dir, m+".so")); err != nil {
			t.Fatal(err)
		}
	}
	return Installation{Modules: dir, Documentation: "/usr/share/asterisk/documentation"}
}

func written(t *testing.T, site Site, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "asterisk")
	if err := writeConfig(t, dir, site, fakeModules(t)); err != nil {
		t.Fatal(err)
	}
	return fileIn(t, dir, name)
}

func fileIn(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// writeConfig is WriteConfig, and removes the folder in memory at the end of the test.
func writeConfig(t *testing.T, dir string, site Site, inst Installation) error {
	t.Helper()
	t.Cleanup(func() { _ = os.RemoveAll(MemoryFolder(dir)) }) // it need not be there
	return WriteConfig(dir, site, inst)
}

func TestConfigurationIsForItsOwnerAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "asterisk")
	if err := writeConfig(t, dir, usual(), fakeModules(t)); err != nil {
		t.Fatal(err)
	}
	for file, mode := range map[string]os.FileMode{"": 0o700, "pjsip.conf": 0o600, "ari.conf": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%q: %v %v", file, info.Mode(), err)
		}
	}
	if info, err := os.Stat(filepath.Join(MemoryFolder(dir), "spool", "recording")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("recordings: %v", err)
	}
	if err := writeConfig(t, dir, usual(), fakeModules(t)); err != nil { // again, over itself
		t.Error(err)
	}
}

// Anybody can make folders in memory. One that others can read is not used.
func TestAFolderInMemoryThatIsOpenToOthersIsNotUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "asterisk")
	if err := os.Mkdir(MemoryFolder(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(MemoryFolder(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := writeConfig(t, dir, usual(), fakeModules(t)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "asterisk.conf"))
	if err != nil || !strings.Contains(string(text), "astspooldir => "+dir+"/spool\n") {
		t.Errorf("%v: %s", err, text)
	}
}

func TestASemicolonInAPasswordIsNoComment(t *testing.T) {
	text := written(t, usual(), "pjsip.conf") + written(t, usual(), "ari.conf")
	for _, want := range []string{`password = semi\;colon`, `password = x\;y`, `password = made\;up`} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no line %s", want)
		}
	}
}

func TestNoNameServerIsNeeded(t *testing.T) {
	text := written(t, usual(), "pjsip.conf")
	for _, want := range []string{"media_address = 127.0.0.1", "bind_rtp_to_media_address = yes"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no line %s", want)
		}
	}
}

// dialplan is the usual site's extensions.conf, as contexts with their lines.
func dialplan(t *testing.T) map[string][]string {
	t.Helper()
	return contextsOf(t, usual())
}

func contextsOf(t *testing.T, site Site) map[string][]string {
	t.Helper()
	rendered, err := renderTemplates("/x", "/x", site, Installation{}, dialplanFile)
	if err != nil {
		t.Fatal(err)
	}
	contexts := map[string][]string{}
	context := ""
	for _, line := range strings.Split(rendered[dialplanFile], "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, ";") {
			continue
		}
		if name, ok := strings.CutPrefix(line, "["); ok {
			context = strings.TrimSuffix(name, "]")
			continue
		}
		contexts[context] = append(contexts[context], line)
	}
	return contexts
}

// A call from a trunk can reach nothing but the household: no context that it can get to dials a trunk.
func TestFromATrunkNoWayLeadsOut(t *testing.T) {
	contexts := dialplan(t)
	jump := regexp.MustCompile(`[(,?:]([a-z-]+),`) // wherever a context may stand before an extension
	reached := map[string]bool{"trunk-line": true}
	for grown := true; grown; {
		grown = false
		for context := range reached {
			for _, line := range contexts[context] {
				for _, to := range jump.FindAllStringSubmatch(line, -1) {
					if _, is := contexts[to[1]]; is && !reached[to[1]] {
						reached[to[1]], grown = true, true
					}
				}
			}
		}
	}
	// The application sends callers to these, by name.
	for _, context := range []string{"turn-away", "hang-up", "refuse", "refused"} {
		reached[context] = true
	}
	if !reached["arrive"] || !reached["line-line"] {
		t.Fatal("a call from the trunk does not even reach the household: the test looks wrongly")
	}
	for context := range reached {
		for _, line := range contexts[context] {
			if strings.Contains(line, "Dial(") && !strings.Contains(line, "Dial(${RF_DIAL},") {
				t.Errorf("from a trunk one comes to [%s], which dials out: %s", context, line)
			}
			if strings.Contains(line, "${EXTEN}") {
				t.Errorf("what was dialled is used in [%s]: %s", context, line)
			}
		}
	}
}

// Wherever the application borrows a leg there is a deadline, and an extension T that takes the leg back.
func TestEveryStasisHasADeadline(t *testing.T) {
	found := 0
	for context, lines := range dialplan(t) {
		var deadline int
		takes := false
		for _, line := range lines {
			if rest, ok := strings.CutPrefix(line, "exten => T,"); ok && rest != "" {
				takes = true
			}
		}
		for _, line := range lines {
			if _, value, ok := strings.Cut(line, "Set(TIMEOUT(absolute)="); ok {
				deadline, _ = strconv.Atoi(strings.TrimSuffix(value, ")"))
			}
			if strings.Contains(line, "Stasis(") {
				found++
				if deadline < 1 || deadline > 20 || !takes {
					t.Errorf("[%s] has a deadline of %d s, and T: %v", context, deadline, takes)
				}
			}
		}
	}
	if found != 10 {
		t.Errorf("%d uses of Stasis were found, not 10", found)
	}
}

// Dialling out never touches the application, except for households that want to be warned; they wait two seconds at most.
func TestDiallingOutTouchesNoApplication(t *testing.T) {
	contexts := dialplan(t)
	for _, context := range []string{"house-home", "emergency-numbers-1", "house", "home-home", "line-line", "dial", "emergency", "no-way-out"} {
		text := strings.Join(contexts[context], "\n")
		if text == "" || strings.Contains(text, "Stasis") {
			t.Errorf("[%s]: %s", context, text)
		}
	}
	ways := 0
	for context, lines := range contexts {
		for _, line := range lines {
			if strings.Contains(line, "?ask,") {
				ways++
				if context != "house" || !strings.Contains(line, `GotoIf($["${RF_GUARD_${RF_HOUSE}}" = "1"]?`) {
					t.Errorf("[%s] asks the application: %s", context, line)
				}
			}
		}
	}
	if ways != 1 || !strings.Contains(strings.Join(contexts["ask"], "\n"), "TIMEOUT(absolute)=2)") {
		t.Errorf("%d ways lead to the application:\n%s", ways, strings.Join(contexts["ask"], "\n"))
	}
	if text := strings.Join(contexts["emergency-numbers-1"], "\n"); !strings.Contains(text, "exten => 999,1,Gosub(emergency,999,1(") || !strings.Contains(text, "exten => 112,1,") {
		t.Errorf("the emergency numbers are not there:\n%s", text)
	}
}

func TestAMissingModuleIsNamed(t *testing.T) {
	err := writeConfig(t, t.TempDir(), usual(), fakeModules(t, "chan_pjsip"))
	if err == nil || !strings.Contains(err.Error(), "chan_pjsip") {
		t.Error(err)
	}
	if err := writeConfig(t, t.TempDir(), usual(), fakeModules(t, "res_websocket_client")); err != nil { // Asterisk 20 has none
		t.Error(err)
	}
}

func TestSitesThatCannotWorkAreRefused(t *testing.T) {
	for words, change := range map[string]func(*Site){
		"is not an IP address":          func(s *Site) { s.SIPHost = "localhost" },
		"is not a port":                 func(s *Site) { s.HTTPPort = 0 },
		"are too few":                   func(s *Site) { s.RTPLast = s.RTPFirst + 3 },
		"set rtp_last = 10367":          func(s *Site) { s.RTPLast = s.RTPFirst + 366 },
		"at least 16":                   func(s *Site) { s.RTPLast = s.RTPFirst + 14; *s = s.WithFewerCalls() },
		"for 120 calls at a time":       func(s *Site) { s.Trunks[1].Calls = 120 },
		"fewer calls than none":         func(s *Site) { s.Trunks[0].FromOne = -1 },
		"where to send sound":           func(s *Site) { s.SIPHost = "0.0.0.0" },
		"a line break":                  func(s *Site) { s.ARIPassword = "a\nb" },
		"which Asterisk can't use":      func(s *Site) { s.ARIUser = "me](!)" },
		"at most 32":                    func(s *Site) { s.ARIUser = strings.Repeat("a", 33) },
		"two trunks are called":         func(s *Site) { s.Trunks[1].Name = "line" },
		"the trunk's name":              func(s *Site) { s.Trunks[0].Name = "The Line" },
		"no user and password":          func(s *Site) { s.Trunks[1].Password = "" },
		"known by its address":          func(s *Site) { s.Trunks[0].Host = "adapter.example" },
		"its user name here is always":  func(s *Site) { s.Trunks[0].User, s.Trunks[0].Password = "bob", "x" },
		"not an IP address or network":  func(s *Site) { s.Trunks[0].Accept = []string{"everybody"} },
		"two households are called":     func(s *Site) { s.Households = append(s.Households, s.Households[0]) },
		"which is not described":        func(s *Site) { s.Households[0].Trunk = "other" },
		"has no phone":                  func(s *Site) { s.Households[0].Phones = nil },
		"two phones of home are called": func(s *Site) { s.Households[0].Phones[1].Name = "hall" },
		"neither a password nor":        func(s *Site) { s.Households[0].Phones[0].Password = "" },
		"a password and a fixed":        func(s *Site) { s.Households[0].Phones[1].Password = "x" },
		"such as 192.168.1.20:5060":     func(s *Site) { s.Households[0].Phones[1].Address = "bedroom" },
		"cannot be told apart":          func(s *Site) { s.Households[0].Phones[1].Address = "127.0.0.2:5062" },
	} {
		site := usual()
		site.Trunks = append([]Trunk(nil), site.Trunks...)
		site.Households = append([]Household(nil), site.Households...)
		site.Households[0].Phones = append([]Phone(nil), site.Households[0].Phones...)
		change(&site)
		if err := site.Validate(); err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", words, err)
		}
	}
	site := usual()
	site.RTPLast = site.RTPFirst + 367
	if err := errors.Join(usual().Validate(), site.Validate()); err != nil {
		t.Error(err)
	}
}

// A range from before there was a limit takes fewer calls, and some are still kept for contacts.
func TestFewerCallsWhereThereAreFewPorts(t *testing.T) {
	for ports, want := range map[int]string{16: "1 and 1", 200: "9 and 10", 300: "15 and 16", 1000: "20 and 20"} {
		site := usual()
		site.RTPLast = site.RTPFirst + ports - 1
		fewer := site.WithFewerCalls()
		calls := fewer.Trunks[0].Calls
		if got := fmt.Sprintf("%d and %d", calls, fewer.WithKnown(calls)-calls); got != want || fewer.Validate() != nil {
			t.Errorf("%d ports: %s (%v)", ports, got, fewer.Validate())
		}
		if few := errors.Is(site.Validate(), ErrFewPorts); few != (ports < 1000) {
			t.Errorf("%d ports: %v", ports, site.Validate())
		}
	}
}

// However many calls come in, there are ports for telephones that dial out: each takes two legs.
func TestPortsAreKeptForDiallingOut(t *testing.T) {
	for ports := 368; ports < 4000; ports += 2 {
		site := usual()
		site.RTPLast = site.RTPFirst + ports - 1
		phones := len(site.Households[0].Phones)
		in := site.WithKnown(site.MostCalls()) * (1 + phones + 1)
		if left := ports/2 - in; left < 2*phones {
			t.Fatalf("of %d ports %d legs are left for %d telephones", ports, left, phones)
		}
	}
}

// Only the dialplan is rewritten, and only if there is a configuration.
func TestWriteDialplan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "asterisk")
	site := usual()
	if err := WriteDialplan(dir, site); !errors.Is(err, ErrNoConfig) {
		t.Errorf("where there is none: %v", err)
	}
	site.Households[0].Region, site.Households[0].FileRegion = "GB", "GB"
	if err := writeConfig(t, dir, site, fakeModules(t)); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string { t.Helper(); return fileIn(t, dir, name) }
	before, pjsip := read("extensions.conf"), read("pjsip.conf")
	site.Households[0].Region, site.Households[0].Emergency, site.Households[0].Phones[0].Password = "US", []string{"911"}, "another"
	if err := WriteDialplan(dir, site); err != nil {
		t.Fatal(err)
	}
	after := read("extensions.conf")
	chosen := func(regions map[string]string) string { return "RF_REGIONS = " + RegionsDigest(regions) + "\n" }
	if !strings.Contains(before, chosen(nil)) || !strings.Contains(after, chosen(map[string]string{"home": "US"})) ||
		!strings.Contains(after, "exten => 911,1") || strings.Contains(after, "exten => 999,1") || read("pjsip.conf") != pjsip {
		t.Error("the dialplan is not that of the region, or more was written")
	}
	site.Households[0].Phones = nil
	if err := WriteDialplan(dir, site); err == nil || read("extensions.conf") != after {
		t.Errorf("of a site that cannot work: %v", err)
	}
}
