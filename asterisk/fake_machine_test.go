package asterisk

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeMachine is a computer of its own: its own file system, cache and programs. Nothing that Find and Install do with it
// touches the real one.
type fakeMachine struct {
	machine
	t        *testing.T
	cache    string // the root folder for Asterisk in it
	programs string // the folder on the PATH
	log      string // what programs were run with
	said     *transcript
}

// newMachine has nothing but the tools that shell scripts need. The test cannot be parallel, since the PATH is changed.
func newMachine(t *testing.T) *fakeMachine {
	t.Helper()
	dir := t.TempDir()
	m := &fakeMachine{
		machine:  machine{files: filepath.Join(dir, "files"), root: true, patience: 10 * time.Second},
		t:        t,
		programs: filepath.Join(dir, "bin"),
		log:      filepath.Join(dir, "log"),
		said:     &transcript{},
	}
	for _, folder := range []string{"usr/sbin", "etc/apt/sources.list.d", "usr/share/keyrings"} {
		m.folder(filepath.Join(m.files, folder))
	}
	m.folder(m.programs)
	for _, tool := range []string{"sh", "tar", "cat", "sleep", "mkdir", "mktemp", "touch", "chmod", "rm", "mkfifo", "mv", "dirname"} {
		real, err := exec.LookPath(tool)
		if err != nil {
			t.Fatalf("the tests take the program %s", tool)
		}
		if err := os.Symlink(real, filepath.Join(m.programs, tool)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", m.programs)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	t.Setenv("TMPDIR", dir)
	t.Setenv("LOG", m.log)
	t.Setenv("FILES", m.files)
	t.Setenv("PROGRAMS", m.programs)
	var err error
	if m.cache, err = cachedRoot(); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *fakeMachine) folder(path string) {
	m.t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		m.t.Fatal(err)
	}
}

func (m *fakeMachine) write(path, text string) {
	m.t.Helper()
	m.folder(filepath.Dir(path))
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		m.t.Fatal(err)
	}
}

// has puts a program on the PATH, which logs its name and arguments.
func (m *fakeMachine) has(name, script string) {
	m.t.Helper()
	m.write(filepath.Join(m.programs, name), "#!/bin/sh\necho \""+name+" $*\" >> \"$LOG\"\n"+script)
}

// hasAsterisk puts a whole Asterisk of a version on the PATH.
func (m *fakeMachine) hasAsterisk(version string) {
	m.t.Helper()
	m.write(filepath.Join(m.programs, "asterisk"), "#!/bin/sh\necho Asterisk "+version+"\n")
	m.write(m.file("usr/lib/x86_64-linux-gnu/asterisk/modules/chan_pjsip.so"), "")
	m.write(m.file("usr/share/asterisk/documentation/core-en_US.xml"), "")
}

// hasApt gives the machine apt, whose package of Asterisk has the version, "(none)" for no package. What a service would
// be told at the time of the installation goes to the log.
func (m *fakeMachine) hasApt(version string) {
	m.t.Helper()
	m.has("apt-cache", "[ \"$LC_ALL\" = C ] && printf 'asterisk:\\n  Installed: (none)\\n  Candidate: "+version+"\\n'")
	m.has("apt-get", `case "$*" in
*" asterisk")
	"$FILES/usr/sbin/policy-rc.d" && echo "the service was started" >> "$LOG"
	mkdir -p "$FILES/usr/lib/x86_64-linux-gnu/asterisk/modules" "$FILES/usr/share/asterisk/documentation"
	touch "$FILES/usr/lib/x86_64-linux-gnu/asterisk/modules/chan_pjsip.so" "$FILES/usr/share/asterisk/documentation/core-en_US.xml"
	printf '#!/bin/sh\necho Asterisk `+strings.TrimPrefix(version, "1:")+`\n' > "$PROGRAMS/asterisk"
	chmod 755 "$PROGRAMS/asterisk" ;;
*mmdebstrap*)
	touch "$FILES/usr/share/keyrings/debian-archive-keyring.gpg"
	mv "$FILES/mmdebstrap" "$PROGRAMS/mmdebstrap" ;;
esac
`)
}

// fakeRoot writes the shell lines that make a tar archive of a root folder with an Asterisk.
func fakeRoot() string {
	names := loaders[runtime.GOARCH]
	return fmt.Sprintf(`new=$(mktemp -d)
for file in usr/lib/%[2]s/asterisk/modules/chan_pjsip.so usr/share/asterisk/documentation/core-en_US.xml usr/sbin/asterisk \
	usr/share/doc/asterisk/README dev/null etc/passwd; do
	mkdir -p "$new/$(dirname "$file")" && touch "$new/$file"
done
mkdir -p "$new/%[3]s"
printf '#!/bin/sh\necho Asterisk 22.10.1~dfsg\n' > "$new/%[1]s"
chmod 4755 "$new/%[1]s"
tar -C "$new" -c .
rm -r "$new"
`, names.loader, names.libraries, filepath.Dir(names.loader))
}

// hasMmdebstrap puts mmdebstrap and Debian's keys onto the machine.
func (m *fakeMachine) hasMmdebstrap(before string) {
	m.t.Helper()
	m.has("mmdebstrap", before+"\n"+fakeRoot())
	m.write(m.file("usr/share/keyrings/debian-archive-keyring.gpg"), "")
}

func (m *fakeMachine) get(ctx context.Context) (Installation, error) { return m.install(ctx, m.said) }

// ran is what was run, a line each.
func (m *fakeMachine) ran() string {
	m.t.Helper()
	text, err := os.ReadFile(m.log)
	if err != nil && !os.IsNotExist(err) {
		m.t.Fatal(err)
	}
	return string(text)
}

// left lists what stands in the cache.
func (m *fakeMachine) left() []string {
	m.t.Helper()
	entries, err := os.ReadDir(filepath.Dir(m.cache))
	if err != nil && !os.IsNotExist(err) {
		m.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// pipe is a named pipe: a script that writes to it tells the test, and waits until the test has been told.
func (m *fakeMachine) pipe(variable string) string {
	m.t.Helper()
	path := filepath.Join(m.t.TempDir(), variable)
	if out, err := exec.Command("mkfifo", path).CombinedOutput(); err != nil {
		m.t.Fatalf("%v: %s", err, out)
	}
	m.t.Setenv(variable, path)
	return path
}

// told waits for the line that a script writes into a pipe.
func told(t *testing.T, pipe string) string {
	t.Helper()
	text, err := os.ReadFile(pipe)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// transcript is what was said to the user.
type transcript struct {
	mu       sync.Mutex
	text     strings.Builder
	expected map[string]chan struct{}
}

func (s *transcript) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(b)
	for words, said := range s.expected {
		if strings.Contains(s.text.String(), words) {
			close(said)
			delete(s.expected, words)
		}
	}
	return len(b), nil
}

// expect returns a channel that is closed when the words are said from now on.
func (s *transcript) expect(words string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.expected == nil {
		s.expected = map[string]chan struct{}{}
	}
	said := make(chan struct{})
	s.expected[words] = said
	return said
}

func (s *transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
