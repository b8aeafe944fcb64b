package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ringfence/app"
	"ringfence/config"
	"ringfence/config/configtest"
	"ringfence/internal/servetest"
	"ringfence/licences"
)

// home is a machine with settings and a data folder of its own.
type home struct {
	*testing.T
	config, data string
	typed        string // what comes on the standard input
}

// beside runs a test of commands beside the calls, one such test at a time: more of them would keep the telephones, which are in the same process, from
// speaking in time.
func beside(t *testing.T) {
	t.Helper()
	t.Parallel()
	commands.Lock()
	t.Cleanup(commands.Unlock)
}

var commands sync.Mutex

const usualSettings = configtest.Usual

func newHome(t *testing.T, settings string) home {
	dir := t.TempDir()
	h := home{T: t, config: filepath.Join(dir, "ringfence.toml"), data: filepath.Join(dir, "data")}
	if err := os.WriteFile(h.config, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

// run runs a command and returns its exit code and what it said.
func (h home) run(args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	code = run(context.Background(), append([]string{"--config", h.config, "--data", h.data}, args...), strings.NewReader(h.typed), &o, &e)
	return code, o.String(), e.String()
}

// serves runs the application until stop is called, which returns its exit code. What it says is for the test to wait for.
func (h home) serves() (said *servetest.Text, stop func() int) {
	serving, end := context.WithCancel(h.Context())
	said = servetest.NewText()
	ended := make(chan int, 1)
	go func() {
		ended <- run(serving, []string{"--config", h.config, "--data", h.data, "serve"}, strings.NewReader(""), io.Discard, said)
	}()
	return said, func() int {
		end()
		return <-ended
	}
}

// says checks a command's exit code and that its words hold some.
func (h home) says(code int, words string, args ...string) string {
	h.Helper()
	got, out, errOut := h.run(args...)
	if got != code || !strings.Contains(out+errOut, words) {
		h.Errorf("ringfence %s: exit %d (not %d), said %q %q, not %q", strings.Join(args, " "), got, code, out, errOut, words)
	}
	if code != exitDone && (strings.Count(strings.TrimSpace(errOut), "\n") > 0 || out != "") {
		h.Errorf("ringfence %s: an error is one plain sentence on stderr: %q %q", strings.Join(args, " "), out, errOut)
	}
	return out
}

func TestCommandsOfAHousehold(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "There are no contacts yet", "contact", "list")
	h.says(0, "There are no contacts yet", "contact")
	h.says(0, "Daughter (020 7946 0001, 07700 900123) is one of your contacts now", "contact", "add", "Daughter", "02079460001", "07700900123")
	h.says(0, "Dr Patel (0116 496 0123) is one of your contacts now", "contact", "add", "Dr Patel", "0116", "496", "0123")
	h.says(0, "Daughter: 020 7946 0001, 07700 900123", "contact", "list")
	h.says(1, "is the number of the contact Daughter", "block", "add", "020 7946 0001")
	h.says(1, "can't be blocked", "block", "add", "999")
	h.says(0, "020 7946 0666 is blocked", "block", "add", "020", "7946", "0666", "--note", "says Microsoft")
	h.says(0, "020 7946 0666  (says Microsoft)", "block", "list")
	h.says(0, "020 7946 0666  (says Microsoft)", "block")
	h.says(0, "Every number starting 0909 879 xxxx is blocked. This blocks all 10,000 premium-rate numbers that begin 0909 879 xxxx.",
		"block", "add", "0909879", "--prefix")
	h.says(0, "\n0909 879 xxxx\n", "block") // as people write it
	h.says(1, "there are too many digits", "block", "add", "020794601234", "--prefix")
	h.says(1, "", "block", "add", "0", "--prefix")
	h.says(0, "would be turned away", "lookup", "0909 879 0123")
	h.says(0, "isn't blocked any more", "block", "remove", "020 7946 0666")
	h.says(1, "isn't blocked", "block", "remove", "020 7946 0666")
	h.says(0, "isn't a contact any more", "contact", "remove", "daughter")
	h.says(1, "There is no contact", "contact", "remove", "daughter")
	h.says(0, "“Only people you know” holds from now on", "mode", "known-only")
	h.says(0, "known-only", "mode")
	h.says(2, "there is no mode", "mode", "strict")
	h.says(0, "There are no calls yet", "calls")
	h.says(0, "ringfence "+app.Release, "version")
	h.says(0, "ringfence "+app.Release+"\n", "--version")
	if h.says(0, "", "licences") != licences.Text {
		t.Error("the licences are not those of the modules")
	}
	h.says(2, "", "no-such-command")
	h.says(2, "", "lookup")
	if code, out, _ := h.run("calls", "--json"); code != 0 || out != "" {
		t.Errorf("no calls are no lines: %q", out)
	}
}

func TestLookupAsJSON(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "", "contact", "add", "Daughter", "02079460001")
	for typed, want := range map[string][3]string{
		"020 7946 0001":     {"+442079460001", "ring", "contact"},
		"+44 20 7946 0009":  {"+442079460009", "screen", "unknown"},
		"withheld":          {"", "screen", "unknown"},
		"999":               {"999", "screen", "never-blocked"},
		"020 7946 0100":     {"+442079460100", "screen", "own-number"},
		"12345678901234567": {"", "screen", "impossible"},
	} {
		var v struct {
			Number, Action string
			Reasons        []struct{ Code, Text string }
		}
		out := h.says(0, "{", "lookup", typed, "--json")
		if err := json.Unmarshal([]byte(out), &v); err != nil || strings.Count(out, "\n") != 1 {
			t.Fatalf("%q: %v", out, err)
		}
		if len(v.Reasons) == 0 || v.Number != want[0] || v.Action != want[1] || v.Reasons[0].Code != want[2] || v.Reasons[0].Text == "" {
			t.Errorf("%s: %+v, not %v", typed, v, want)
		}
	}
}

func TestImportingAList(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	file := filepath.Join(t.TempDir(), "parish.csv")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("PhoneNo,Name,Reason\n020 7946 0666,Steve,Microsoft\n0161 496 0666,,\n999,,\nrubbish,,\n")
	code, out, errOut := h.run("list", "import", file)
	if code != 0 || !strings.Contains(out, "parish now has 2 numbers; 2 lines were refused") || !strings.Contains(errOut, "line 4: ") || !strings.Contains(errOut, "line 5: ") {
		t.Errorf("exit %d, %q, %q", code, out, errOut)
	}
	h.says(0, "parish: 2 numbers", "list", "show")
	h.says(0, "020 7946 0666  100%  Microsoft", "list", "show", "parish")
	h.says(0, "would be turned away", "lookup", "02079460666")
	write("<html>404 not found</html>\n")
	if code, _, errOut := h.run("list", "import", file); code != 1 || !strings.Contains(errOut, "web page (HTML)") {
		t.Errorf("exit %d, %q", code, errOut)
	}
	h.says(0, "would be turned away", "lookup", "02079460666") // nothing that was good is lost
	h.says(1, "cannot be read", "list", "import", file+".gone")
	h.says(1, "there is no list", "list", "show", "no-such-list")
	h.says(0, "is removed", "list", "remove", "parish")
	h.says(0, "would be asked", "lookup", "02079460666")
}

func TestSettingsAreRefusedWithTheLine(t *testing.T) {
	beside(t)
	for settings, words := range map[string]string{
		usualSettings + "colour = \"red\"\n": "line 14: there is no setting called \"household.phone.colour\"",
		"[[trunk]\n":                         "line 1: ",
		"region = 5\n":                       "line 1: ",
		"":                                   "no household is described",
		strings.ReplaceAll(usualSettings, "020 7946 0100", "12"):                                      "the number of household home",
		strings.ReplaceAll(usualSettings, "020 7946 0100", "999"):                                     "write the number that others ring to reach the household",
		"keep_days = 0\n" + usualSettings:                                                             "keep_days is 0",
		"region = \"England\"\n" + usualSettings:                                                      "\"England\" is not a country's two letters",
		strings.ReplaceAll(usualSettings, "trunk = \"line\"", "trunk=\"line\"\nlanguage=\"xx\""):      "there are recordings in en-GB",
		strings.ReplaceAll(usualSettings, "trunk = \"line\"", "trunk=\"line\"\ntimezone=\"Britain\""): "write it like Europe/London",
		strings.ReplaceAll(usualSettings, "trunk = \"line\"", "trunk=\"line\"\ntelecare=[\"12\"]"):    "household home",
		usualSettings + "[household.codes]\nvoicemail = \"*30\"\n":                                    "there is no feature code called \"voicemail\"",
		usualSettings + "[household.codes]\nmessages = \"999\"\n":                                     "begins with * or # and has 2 to 6 keys",
		usualSettings + "[household.codes]\nmessages = \"*31\"\n":                                     "are both *31",
	} {
		h := newHome(t, settings)
		h.says(1, words, "calls")
	}
	missing := home{T: t, config: "/nonexistent/ringfence.toml", data: t.TempDir()}
	missing.says(1, "Run `sudo ringfence setup`", "calls")
}

func TestSeveralHouseholds(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings+`
[[household]]
name = "mother"
trunk = "line"
[[household.phone]]
name = "hall"
password = "dry otters in 9 boats"
`)
	h.says(2, "say which with --household", "contact", "list")
	h.says(2, "there is no household", "contact", "list", "--household", "father")
	h.says(0, "one of your contacts now", "--household", "mother", "contact", "add", "Daughter", "02079460001")
	h.says(0, "no contacts yet", "--household", "home", "contact", "list")
	h.says(0, "Daughter", "--household", "mother", "contact", "list")
}

// Everything that a machine keeps of people is for its owner alone, and passwords are made, not given.
func TestDataFolderAndPassword(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	h.says(0, "", "calls")
	for path, mode := range map[string]os.FileMode{"": 0o700, "recordings": 0o700, "ringfence.db": 0o600} {
		info, err := os.Stat(filepath.Join(h.data, path))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", path, info.Mode(), err)
		}
	}
	s, err := config.Parse([]byte(usualSettings))
	if err != nil {
		t.Fatal(err)
	}
	s.Data = h.data
	if _, err := s.ARIPassword(); err == nil || !strings.Contains(err.Error(), "asterisk config") {
		t.Errorf("before the set-up: %v", err)
	}
	one, err := s.MakeARIPassword()
	two, err2 := s.ARIPassword()
	if err != nil || err2 != nil || one != two || len(one) < 30 {
		t.Errorf("%q %q %v %v", one, two, err, err2)
	}
	other := s
	other.Data = t.TempDir()
	if three, err := other.MakeARIPassword(); err != nil || three == one {
		t.Errorf("two machines have the same password: %v", err)
	}
}

func TestReleaseIsInTheChangelog(t *testing.T) {
	text, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil || !strings.Contains(string(text), "## "+app.Release) {
		t.Errorf("the changelog does not begin with %s: %v", app.Release, err)
	}
}

// docker-compose.yml runs what this program has, with the rights that it is meant to have.
func TestComposeFile(t *testing.T) {
	beside(t)
	text, err := os.ReadFile("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"network_mode: host", "restart: always", "read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "data:/var/lib/ringfence"} {
		if n := strings.Count(string(text), line); n != 2 {
			t.Errorf("%q stands there %d times, not once for each service", line, n)
		}
	}
	if strings.Contains(strings.ToLower(string(text)), "password:") || strings.Contains(string(text), "PASSWORD=") {
		t.Error("there is a password in it")
	}
	images, err := os.ReadFile("../../Dockerfile")
	if err != nil || strings.Count(string(images), "\nUSER ringfence\n") != 2 {
		t.Errorf("an image runs as root: %v", err)
	}
	h := newHome(t, usualSettings)
	for _, part := range []string{"asterisk", "application"} {
		if !strings.Contains(string(images), `"check", "--only", "`+part+`"`) {
			t.Errorf("no health check looks at the %s", part)
		}
		if code, out, _ := h.run("check", "--only", part); code != exitFailed || !strings.HasPrefix(out, "FAIL") {
			t.Errorf("with nothing running: exit %d, %s", code, out)
		}
	}
}

// The doctor names what is wrong, one line each, and ends with 1.
func TestCheckWithNothingRunning(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings)
	code, out, _ := h.run("check")
	if code != exitFailed || !strings.Contains(out, "ok    settings") || !strings.Contains(out, "FAIL  Asterisk is running") || !strings.Contains(out, "--    phone home-hall") || !strings.Contains(out, "--    speech recognition     it is not installed") || !strings.Contains(out, " things need mending") {
		t.Errorf("exit %d:\n%s", code, out)
	}
}
