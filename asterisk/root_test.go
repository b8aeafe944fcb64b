package asterisk

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestInstallMakesARootFolder(t *testing.T) {
	for name, prepare := range map[string]func(m *fakeMachine){
		"no package":                         func(m *fakeMachine) { m.hasApt("(none)") },
		"the package is too old":             func(m *fakeMachine) { m.hasApt("18.10.0") },
		"no apt":                             func(*fakeMachine) {},
		"not root":                           func(m *fakeMachine) { m.hasApt("22.1.0"); m.root = false },
		"an older Asterisk may be in use":    func(m *fakeMachine) { m.hasApt("22.1.0"); m.hasAsterisk("18.1.0") },
		"the one in the cache has gone bad":  func(m *fakeMachine) { m.write(filepath.Join(m.cache, "usr/sbin/asterisk"), "") },
		"one that was killed has left some":  func(m *fakeMachine) { m.write(m.cache+".unfinished/root/usr/half", "") },
		"apt's lists cannot be brought here": func(m *fakeMachine) { m.hasApt("(none)"); m.has("apt-get", "exit 100") },
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			prepare(m)
			m.hasMmdebstrap("")
			m.write(m.file("etc/apt/sources.list.d/debian.sources"), "# http://old.example/debian\nURIs: http://mirror.example/debian\n")
			inst, err := m.get(t.Context())
			if err != nil || inst.Origin != "cache" || inst.Version != "22.10.1" {
				t.Fatalf("got %+v (%v); it has said %s", inst, err, m.said)
			}
			for _, path := range []string{inst.Modules, inst.Documentation} {
				if !strings.HasPrefix(path, m.cache+"/") {
					t.Errorf("%s is not in the cache", path)
				}
			}
			if !strings.Contains(m.ran(), " forky - http://mirror.example/debian\n") || !strings.Contains(m.ran(), "--keyring="+m.file("usr/share/keyrings/debian-archive-keyring.gpg")) {
				t.Errorf("it has run %q", m.ran())
			}
			if strings.Contains(m.ran(), "apt-get install") {
				t.Errorf("it has installed a package: %q", m.ran())
			}
			if got, want := m.left(), []string{filepath.Base(m.cache), filepath.Base(m.cache) + ".lock"}; !slices.Equal(got, want) {
				t.Errorf("in the cache are %v, want %v", got, want)
			}
			if again, err := m.find(t.Context()); err != nil || !slices.Equal(again.Program, inst.Program) {
				t.Errorf("found %+v afterwards (%v)", again, err)
			}
		})
	}
}

func TestTheRootFolderHasNothingThatIsNotNeeded(t *testing.T) {
	m := newMachine(t)
	m.hasMmdebstrap("")
	inst, err := m.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{"dev/null", "usr/share/doc"} {
		if _, err := os.Lstat(filepath.Join(m.cache, gone)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("there is %s (%v)", gone, err)
		}
	}
	// Nobody keeps the folder up to date, so nothing in it runs as root for others.
	if info, err := os.Stat(inst.Program[0]); err != nil || info.Mode()&(os.ModeSetuid|os.ModeSetgid) != 0 {
		t.Errorf("the mode of %s is %s (%v)", inst.Program[0], info.Mode(), err)
	}
}

func TestInstallGetsMmdebstrapThroughApt(t *testing.T) {
	m := newMachine(t)
	m.hasApt("(none)")
	m.hasMmdebstrap("")
	for from, to := range map[string]string{
		filepath.Join(m.programs, "mmdebstrap"):                 m.file("mmdebstrap"),
		m.file("usr/share/keyrings/debian-archive-keyring.gpg"): m.file("no-keyring"),
	} {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	inst, err := m.get(t.Context())
	if err != nil || inst.Origin != "cache" {
		t.Errorf("got %+v (%v)", inst, err)
	}
	if !strings.Contains(m.ran(), "apt-get install -y -qq --no-install-recommends mmdebstrap debian-archive-keyring\n") {
		t.Errorf("it has run %q", m.ran())
	}
	if !strings.Contains(m.said.String(), "Installing through apt: mmdebstrap") {
		t.Errorf("it has said %s", m.said)
	}
}

func TestInstallSaysWhatItTakes(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(m *fakeMachine)
		want    string
	}{
		"no mmdebstrap, not root": {func(m *fakeMachine) { m.root = false }, "sudo apt-get install mmdebstrap"},
		"no mmdebstrap, no apt":   {func(*fakeMachine) {}, "install Asterisk 20 or newer yourself"},
		"mmdebstrap fails":        {func(m *fakeMachine) { m.hasMmdebstrap("echo E: no such host >&2; exit 25") }, "could not be fetched (is the internet there?): exit status 25\nE: no such host"},
		"an archive that is cut off": {func(m *fakeMachine) {
			m.hasMmdebstrap("")
			m.has("mmdebstrap", "printf 'half of a ta'")
		}, "could not be fetched"},
		"an Asterisk that does not run": {func(m *fakeMachine) {
			m.hasMmdebstrap("")
			m.has("mmdebstrap", strings.Replace(fakeRoot(), "echo Asterisk", "exit 127 #", 1))
		}, "does not run"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			test.prepare(m)
			inst, err := m.get(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %+v (%v), want an error with %q", inst, err, test.want)
			}
			if got := m.left(); !slices.Equal(got, []string{filepath.Base(m.cache) + ".lock"}) {
				t.Errorf("in the cache are %v", got)
			}
		})
	}
}

func TestAnInterruptLeavesNothing(t *testing.T) {
	for name, test := range map[string]struct {
		script   string
		patience time.Duration
	}{
		"while it is fetched":                 {`sleep 1000 & echo $$ $! > "$BEGAN"; wait`, 10 * time.Second},
		"by one that does not want to be cut": {`trap '' TERM; sleep 1000 & echo $$ $! > "$BEGAN"; wait`, 50 * time.Millisecond},
		"while it is unpacked":                {fakeRoot() + `sleep 1000 & echo $$ $! > "$BEGAN"; wait`, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.patience = test.patience
			began := m.pipe("BEGAN")
			m.hasMmdebstrap(test.script)
			ctx, interrupt := context.WithCancel(t.Context())
			result := make(chan error)
			go func() { _, err := m.get(ctx); result <- err }()
			pids := told(t, began)
			interrupt()
			if err := <-result; !errors.Is(err, context.Canceled) {
				t.Errorf("the error is %v", err)
			}
			for _, pid := range strings.Fields(pids) {
				waitGone(t, pid)
			}
			if got := m.left(); !slices.Equal(got, []string{filepath.Base(m.cache) + ".lock"}) {
				t.Errorf("in the cache are %v", got)
			}
		})
	}
}

// waitGone waits until a process has ended. One that was killed is there for a moment longer.
func waitGone(t *testing.T, pid string) {
	t.Helper()
	for {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		if err != nil || bytes.Contains(stat, []byte(") Z ")) {
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("the process %s is still there: %s", pid, stat)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestSeveralGetItOnce(t *testing.T) {
	m := newMachine(t)
	began, goOn := m.pipe("BEGAN"), m.pipe("GO_ON")
	m.hasMmdebstrap(`echo began > "$BEGAN"; cat "$GO_ON"`)
	var all sync.WaitGroup
	get := func() {
		defer all.Done()
		if inst, err := m.get(t.Context()); err != nil || inst.Origin != "cache" {
			t.Errorf("got %+v (%v)", inst, err)
		}
	}
	all.Add(1)
	go get()
	told(t, began)
	waits := m.said.expect("Waiting for another ringfence")
	all.Add(1)
	go get()
	<-waits
	if err := os.WriteFile(goOn, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if n := strings.Count(m.ran(), "mmdebstrap"); n != 1 {
		t.Errorf("mmdebstrap has run %d times", n)
	}
}

func TestWaitingForAnotherCanBeInterrupted(t *testing.T) {
	m := newMachine(t)
	m.hasMmdebstrap("")
	m.folder(filepath.Dir(m.cache))
	other, err := lock(t.Context(), m.cache+".lock", m.said)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	ctx, interrupt := context.WithCancel(t.Context())
	waits := m.said.expect("Waiting for another ringfence")
	result := make(chan error)
	go func() { _, err := m.get(ctx); result <- err }()
	<-waits
	interrupt()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// An Asterisk that can't be checked, for instance because the machine has no memory left at that moment, stays if no other can be fetched.
func TestWhatIsThereStaysUntilThereIsAnother(t *testing.T) {
	m := packaged(t, "")
	program := filepath.Join(m.sharedRoot(), loaders[runtime.GOARCH].loader)
	m.write(program, "#!/bin/sh\nexit 1\n")
	m.has("mmdebstrap", "exit 1\n")
	if _, err := m.get(t.Context()); err == nil {
		t.Fatal("it found one")
	}
	if text, err := os.ReadFile(program); err != nil || !strings.Contains(string(text), "exit 1") {
		t.Errorf("the one that was there is gone: %v", err)
	}
	m.hasMmdebstrap("")
	if inst, err := m.get(t.Context()); err != nil || inst.Version != "22.10.1" {
		t.Errorf("got %+v (%v)", inst, err)
	}
	if names := entries(t, m.file(machineFolder)); names != filepath.Base(m.sharedRoot())+" "+filepath.Base(m.sharedRoot())+".lock" {
		t.Errorf("it has left %s", names)
	}
}

// A ringfence that is killed cannot clear up. What it had started may still be at work: the next one waits for that, and starts again.
func TestAfterOneThatWasKilled(t *testing.T) {
	if os.Getenv("RINGFENCE_IS_TO_BE_KILLED") != "" {
		m := machine{files: os.Getenv("FILES"), patience: time.Second}
		_, err := m.install(context.Background(), os.Stderr)
		t.Fatalf("it was not killed (%v)", err)
	}
	m := newMachine(t)
	began, goOn := m.pipe("BEGAN"), m.pipe("GO_ON")
	m.hasMmdebstrap(`[ -e "$FILES/again" ] || { touch "$FILES/again"; echo $$ > "$BEGAN"; cat "$GO_ON"; }`)
	victim := exec.Command(os.Args[0], "-test.run=^TestAfterOneThatWasKilled$") //nolint:gosec // this test itself
	victim.Env = append(os.Environ(), "RINGFENCE_IS_TO_BE_KILLED=yes")
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	orphan, err := strconv.Atoi(told(t, began))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Kill(-orphan, syscall.SIGKILL) }()
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait() // it was killed
	waits := m.said.expect("Waiting for another ringfence")
	result := make(chan error)
	go func() {
		inst, err := m.get(t.Context())
		if err == nil && inst.Version != "22.10.1" {
			t.Errorf("got %+v", inst)
		}
		result <- err
	}()
	select {
	case <-waits:
	case err := <-result:
		t.Fatalf("it has not waited (%v)", err)
	}
	if err := os.WriteFile(goOn, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-result; err != nil {
		t.Error(err)
	}
	if got, want := m.left(), []string{filepath.Base(m.cache), filepath.Base(m.cache) + ".lock"}; !slices.Equal(got, want) {
		t.Errorf("in the cache are %v, want %v", got, want)
	}
}

// What mmdebstrap has mounted into its folder when it is killed stays as it is, as the machine's /dev/shm.
func TestNothingThatIsMountedIsRemoved(t *testing.T) {
	mount, err := exec.LookPath("mount")
	if err != nil || os.Geteuid() != 0 {
		t.Skip("it takes root, and the program mount")
	}
	m := newMachine(t)
	t.Setenv("MOUNT", mount)
	shared := m.file("dev/shm/of-others")
	m.write(shared, "")
	m.hasMmdebstrap(`mkdir "$TMPDIR/shm" && "$MOUNT" --bind "$FILES/dev/shm" "$TMPDIR/shm" && kill -9 $$`)
	if _, err := m.get(t.Context()); err == nil {
		t.Fatal("mmdebstrap was not killed")
	}
	if _, err := os.Stat(shared); err != nil {
		t.Error(err)
	}
}

func TestProgressIsShown(t *testing.T) {
	words, said := &tail{}, &transcript{}
	if _, err := words.Write([]byte("I: first\nI: installing packages...\n")); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	shown, told := said.expect("3 s: installing packages..."), said.expect("Interrupted")
	stop := showProgress(ctx, said, words, "Interrupted")
	<-shown
	interrupt()
	<-told
	stop()
	if n := strings.Count(said.String(), "Interrupted"); n != 1 {
		t.Errorf("the interrupt was told %d times", n)
	}
}

func TestFetchingIsSeenByOthers(t *testing.T) {
	for name, folder := range map[string]func(m *fakeMachine) string{
		"for the machine": func(m *fakeMachine) string { m.folder(m.file(machineFolder)); return m.sharedRoot() },
		"for one user":    func(m *fakeMachine) string { m.folder(filepath.Dir(m.cache)); return m.cache },
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			root := folder(m)
			if m.fetching(t.Context()) {
				t.Error("nobody fetches it yet")
			}
			held, err := lock(t.Context(), root+".lock", m.said)
			if err != nil {
				t.Fatal(err)
			}
			if !m.fetching(t.Context()) {
				t.Error("it is not seen that it is being fetched")
			}
			if err := held.Close(); err != nil {
				t.Fatal(err)
			}
			if m.fetching(t.Context()) {
				t.Error("it is said to be fetched still")
			}
			held, err = lock(t.Context(), root+".lock", m.said)
			if err != nil {
				t.Fatal(err)
			}
			m.hasAsterisk("22.1.0")
			if m.fetching(t.Context()) {
				t.Error("an upgrade of what is there is taken for fetching it")
			}
			if err := held.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}
