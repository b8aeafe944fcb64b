package asterisk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

// realAsterisk is the Asterisk of this machine, with a configuration on ports of its own.
func realAsterisk(t *testing.T) (inst Installation, dir string) {
	t.Helper()
	inst, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	sip, ari := freePort(t, "udp"), freePort(t, "tcp")
	site := Site{
		SIPHost: "127.0.0.1", SIPPort: sip, RTPFirst: 21000, RTPLast: 21999, HTTPHost: "127.0.0.1", HTTPPort: ari,
		ARIUser: "ringfence", ARIPassword: "for-this-test", App: "ringfence", DecideSeconds: 5, PickupSeconds: 30,
		Trunks:     []Trunk{{Name: "line", Host: "127.0.0.2", Port: 5060}},
		Households: []Household{{Name: "home", Trunk: "line", Number: "+442079460100", Language: "en-GB", RingSeconds: 30, Phones: []Phone{{Name: "hall", Password: "for-this-test"}}}},
	}
	if err := writeConfig(t, dir, site, inst); err != nil {
		t.Fatal(err)
	}
	return inst, dir
}

func freePort(t *testing.T, network string) int {
	t.Helper()
	var closer io.Closer
	var at net.Addr
	if network == "udp" {
		c, err := net.ListenPacket(network, "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		closer, at = c, c.LocalAddr()
	} else {
		l, err := net.Listen(network, "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		closer, at = l, l.Addr()
	}
	if err := closer.Close(); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(at.String())
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestARealAsteriskStartsAnswersAndStops(t *testing.T) {
	t.Parallel()
	inst, dir := realAsterisk(t)
	log := &transcript{}
	s, err := Start(t.Context(), inst, dir, log)
	if err != nil {
		t.Fatalf("%v: %s", err, log)
	}
	if said := s.Complaints(); len(said) != 0 {
		t.Errorf("it complains: %q", said)
	}
	out, err := s.Console(t.Context(), "core show version")
	if err != nil || !strings.Contains(out, "Asterisk "+inst.Version) {
		t.Errorf("its console says %q (%v), want version %s", out, err, inst.Version)
	}
	// It loads what is asked for, and each of these is running.
	out, err = s.Console(t.Context(), "module show")
	if err != nil {
		t.Error(err)
	}
	for _, module := range []string{"chan_pjsip.so", "res_ari_channels.so", "app_stasis.so", "format_wav.so"} {
		if !strings.Contains(out, module) {
			t.Errorf("%s is not loaded", module)
		}
	}
	if strings.Contains(out, "Not Running") {
		t.Errorf("modules do not run: %s", out)
	}
	if err := syscall.Kill(s.PID(), 0); err != nil {
		t.Errorf("PID is not its process: %v", err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	select {
	case <-s.Done():
	default:
		t.Error("it has not ended")
	}
	if s.Err() != nil {
		t.Errorf("it ended with %v", s.Err())
	}
	if err := syscall.Kill(s.PID(), 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the process is still there (%v)", err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Errorf("stopped once more: %v", err)
	}
	if _, err := s.Console(t.Context(), "core show version"); err == nil {
		t.Error("the console answers after the end")
	}
}

func TestComplaintsOfARealAsteriskAreKept(t *testing.T) {
	t.Parallel()
	inst, dir := realAsterisk(t)
	modules := filepath.Join(dir, "modules.conf")
	text, err := os.ReadFile(modules)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(modules, append(text, "load = no_such_module.so\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Start(t.Context(), inst, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Stop(context.Background()) }()
	complained := func() bool {
		return slices.ContainsFunc(s.Complaints(), func(line string) bool { return strings.Contains(line, "no_such_module.so") })
	}
	// Its output comes through a pipe, and may come after it answers.
	for late := time.After(5 * time.Minute); !complained(); {
		select {
		case <-late:
			t.Fatalf("its complaints are %q", s.Complaints())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Whatever happens to the process that runs Asterisk, it leaves no Asterisk behind that holds the ports.
func TestAsteriskEndsWithTheProcessThatRunsIt(t *testing.T) {
	if dir := os.Getenv("RINGFENCE_RUNS_ASTERISK_IN"); dir != "" {
		inst, err := Find(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s, err := Start(t.Context(), inst, dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(s.PID())
		select {}
	}
	t.Parallel()
	_, dir := realAsterisk(t)
	runs := exec.Command(os.Args[0], "-test.run=^TestAsteriskEndsWithTheProcessThatRunsIt$") //nolint:gosec // this test itself
	runs.Env = append(os.Environ(), "RINGFENCE_RUNS_ASTERISK_IN="+dir)
	out, err := runs.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := runs.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscanln(out, &pid); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(pid, syscall.SIGKILL) }()
	if err := runs.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = runs.Wait() // it was killed
	waitGone(t, strconv.Itoa(pid))
}

func TestStartSaysWhyAsteriskDoesNotStart(t *testing.T) {
	t.Parallel()
	inst, dir := pretend(t, "echo '[2026] ERROR[1]: cannot bind to 127.0.0.1:5060'; exit 1", nil)
	_, err := Start(t.Context(), inst, dir, nil)
	if err == nil || !strings.Contains(err.Error(), "ended while it started") || !strings.Contains(err.Error(), "cannot bind to 127.0.0.1:5060") {
		t.Errorf("the error is %v", err)
	}
	if _, err := Start(t.Context(), Installation{Program: []string{"/no/such/program"}}, dir, nil); err == nil {
		t.Error("a program that is not there has started")
	}
}

func TestAStartThatTakesTooLongIsGivenUp(t *testing.T) {
	t.Parallel()
	log := &transcript{}
	asked := log.expect("pid")
	inst, dir := pretend(t, "echo pid $$; exec sleep 1000", nil)
	ctx, giveUp := context.WithCancel(t.Context())
	result := make(chan error)
	go func() { _, err := Start(ctx, inst, dir, log); result <- err }()
	<-asked
	giveUp()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	waitGone(t, strings.Fields(log.String())[1])
}

func TestAsteriskIsNotTheServiceItself(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "/run/systemd/notify")
	t.Setenv("WATCHDOG_USEC", "60000000")
	t.Setenv("WATCHDOG_PID", "1")
	t.Setenv("RINGFENCE_TEST_NOTIFY_SOCKET", "all else is handed on")
	seen := filepath.Join(t.TempDir(), "environment")
	inst, dir := pretend(t, "env >"+seen+".new; mv "+seen+".new "+seen+"; exec sleep 1000", func(string) (string, bool) {
		if _, err := os.Stat(seen); err != nil {
			return "", true
		}
		return obeys("")
	})
	s, err := Start(t.Context(), inst, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.patience = 50 * time.Millisecond
	defer func() { _ = s.Stop(t.Context()) }()
	text, err := os.ReadFile(seen)
	if lines := "\n" + string(text); err != nil || strings.Contains(lines, "\nNOTIFY_SOCKET=") || strings.Contains(lines, "\nWATCHDOG_") || !strings.Contains(lines, "\nRINGFENCE_TEST_NOTIFY_SOCKET=") {
		t.Errorf("Asterisk's environment (%v): %s", err, text)
	}
}

func TestStopEndsAnAsteriskThatDoesNotObey(t *testing.T) {
	hangs := func(command string) (string, bool) {
		answer, _ := obeys(command)
		return answer, command != "core stop now"
	}
	for name, test := range map[string]struct {
		console func(string) (string, bool)
		server  string
		gone    bool // the socket of its console is
		killed  bool
	}{
		"it cannot be asked any more":  {obeys, "exec sleep 1000", true, false},
		"it promises and does nothing": {obeys, "exec sleep 1000", false, false},
		"it does not take signals":     {obeys, "trap '' TERM; sleep 1000 & wait; wait; sleep 1000", false, true},
		"its console hangs":            {hangs, "exec sleep 1000", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inst, dir := pretend(t, test.server, test.console)
			s, err := Start(t.Context(), inst, dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			s.patience = 50 * time.Millisecond
			if test.gone {
				if err := os.Remove(filepath.Join(dir, controlSocketName)); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Stop(t.Context()); (err != nil) != test.killed {
				t.Errorf("the error is %v", err)
			}
			select {
			case <-s.Done():
			default:
				t.Error("it has not ended")
			}
		})
	}
}

func TestStopDoesNotOutlastItsContext(t *testing.T) {
	t.Parallel()
	inst, dir := pretend(t, "trap '' TERM; exec sleep 1000", obeys)
	s, err := Start(t.Context(), inst, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.patience = time.Hour
	ctx, done := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer done()
	if err := s.Stop(ctx); err == nil {
		t.Error("it was killed and this was not said")
	}
	<-s.Done()
}

func TestComplaintsAreWholeLines(t *testing.T) {
	var c complaints
	for _, part := range []string{"[1] NOTICE[2]: fine\n[1] WARN", "ING[2]: half", " a line\n\n[1] ERROR[2]: two\n[1] ERROR[2]: not ended"} {
		if n, err := c.Write([]byte(part)); err != nil || n != len(part) {
			t.Errorf("Write says %d, %v", n, err)
		}
	}
	if got, want := c.list(), []string{"[1] WARNING[2]: half a line", "[1] ERROR[2]: two"}; !slices.Equal(got, want) {
		t.Errorf("the complaints are %q, want %q", got, want)
	}
}

// Callers choose what Asterisk complains about: no line is long or can harm a terminal, and none is lost.
func TestWhatAsteriskSaysIsBounded(t *testing.T) {
	var said bytes.Buffer
	c := &complaints{to: &said}
	for _, part := range []string{
		"Asterisk Ready.\n", "WARNING: CallerID Name '", strings.Repeat("x", 20_000), "'\nERROR: \x1b[31mM\xfcl", "ler\r\n",
		"\n", strings.Repeat("ë", 600) + "\n", strings.Repeat("\xe9\x85", 600) + "\n", "cut o", "ff",
	} {
		if n, err := c.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("%d bytes of %d are taken, %v", n, len(part), err)
		}
	}
	c.end()
	lines := strings.Split(said.String(), "\n")
	for i, want := range []string{
		"Asterisk Ready.", "WARNING: CallerID Name 'xxx", "ERROR: ?[31mM?ller?", "", "ëëë", "???", "cut off", "",
	} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) || want == "" && lines[i] != "" {
			t.Fatalf("the lines are %.60q", lines)
		}
		if len(lines[i]) > lineMost+30 || !utf8.ValidString(lines[i]) {
			t.Errorf("a line of %d bytes: %.60q", len(lines[i]), lines[i])
		}
	}
	if !strings.HasSuffix(lines[1], "... (19025 more bytes)") {
		t.Errorf("the end of a long line is %q", lines[1][len(lines[1])-40:])
	}
	if kept := c.list(); len(kept) != 2 {
		t.Errorf("kept are %.60q", kept)
	}
	for range 2 * keptMost {
		_, _ = c.Write([]byte("WARNING\n")) // never fails
	}
	if kept := c.list(); len(kept) != keptMost {
		t.Errorf("%d lines are kept", len(kept))
	}
}
