package asterisk

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// suite is the Debian release whose Asterisk is taken: 22, the long-term version.
const suite = "forky"

// cachedRoot is where the root folder stands. It can be made again at any time, so it is in the cache.
func cachedRoot() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder for Asterisk: set HOME or XDG_CACHE_HOME: %w", err)
	}
	return filepath.Join(cache, "ringfence", "asterisk-"+suite+"-"+runtime.GOARCH), nil
}

// makeRoot makes the root folder beside its place and moves it there when it is complete. Of several that begin at the
// same time one makes it and the others wait; what an interrupted one has left is removed by the next.
func makeRoot(ctx context.Context, root string, progress io.Writer) error {
	if err := os.MkdirAll(filepath.Dir(root), 0o755); err != nil {
		return err
	}
	unlock, err := lock(ctx, root+".lock", progress)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := inRoot(ctx, root); err == nil {
		return nil // another has made it meanwhile
	}
	unfinished := root + ".unfinished"
	for _, old := range []string{unfinished, root} {
		if err := os.RemoveAll(old); err != nil {
			return fmt.Errorf("an old folder is in the way: %w", err)
		}
	}
	if err := debootstrap(ctx, unfinished, progress); err != nil {
		return errors.Join(err, os.RemoveAll(unfinished))
	}
	if err := trim(unfinished); err != nil {
		return err
	}
	if _, err := inRoot(ctx, unfinished); err != nil {
		return errors.Join(fmt.Errorf("the Asterisk that was fetched does not run: %w", err), os.RemoveAll(unfinished))
	}
	return os.Rename(unfinished, root)
}

// lock waits until no other process makes the same folder. The system gives the lock back when its owner dies.
func lock(ctx context.Context, path string, progress io.Writer) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	told := false
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(err, f.Close())
		}
		if !told {
			say(progress, "Waiting for another ringfence that is getting Asterisk just now")
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// debootstrap fills a folder with Debian's Asterisk and what it needs.
func debootstrap(ctx context.Context, folder string, progress io.Writer) error {
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		if os.Geteuid() != 0 {
			return errors.New("getting Asterisk takes the program mmdebstrap: install it (sudo apt-get install mmdebstrap), or install Asterisk 20 or newer yourself")
		}
		say(progress, "Installing through apt: mmdebstrap")
		if err := apt(ctx, progress, "mmdebstrap", "debian-archive-keyring"); err != nil {
			return err
		}
	}
	args := []string{
		"--variant=minbase", "--include=asterisk",
		// The mirror may be a snapshot, whose lists have run out by the calendar; their signatures still count.
		`--aptopt=Acquire::Check-Valid-Until "false"`, `--aptopt=APT::Install-Recommends "false"`,
		suite, folder,
	}
	if mirror, err := debianMirror("/etc/apt"); err == nil {
		args = append(args, mirror)
	}
	say(progress, "Getting Asterisk 22 from Debian %s into the cache: about 340 MB, once (half a minute on a fast line)", suite)
	cmd := exec.CommandContext(ctx, "mmdebstrap", args...)
	// Its own group, so that an interrupt ends all of it; and none of it outlives us.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	words := &tail{}
	cmd.Stdout, cmd.Stderr = words, words
	// Pdeathsig is sent when the thread that started the process ends: keep it until then.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	stop := showProgress(progress, words)
	err := cmd.Run()
	stop()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("Asterisk could not be fetched (is the internet there?): %w\n%s", err, words.last())
	}
	return nil
}

// debianMirror is the mirror that the machine's own apt uses: the first line "URIs:" that is not commented out, or the
// first "deb" line of the older form, of a source that carries Debian.
func debianMirror(apt string) (string, error) {
	files := []string{filepath.Join(apt, "sources.list.d", "debian.sources"), filepath.Join(apt, "sources.list")}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		for lines.Scan() {
			words := strings.Fields(lines.Text())
			if len(words) > 1 && words[0] == "URIs:" {
				return words[1], nil
			}
			if address, ok := debLine(words); ok && strings.HasSuffix(strings.TrimSuffix(address, "/"), "/debian") {
				return address, nil
			}
		}
	}
	return "", errors.New("this machine's apt has no mirror of Debian")
}

// debLine reads "deb [options] ADDRESS SUITE ...".
func debLine(words []string) (string, bool) {
	if len(words) == 0 || words[0] != "deb" {
		return "", false
	}
	for _, w := range words[1:] {
		if strings.Contains(w, "://") {
			return w, true
		}
	}
	return "", false
}

// trim removes what nobody reads, half of the folder; Asterisk's own documentation it needs for starting.
func trim(root string) error {
	for _, folder := range []string{"usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists", "usr/share/asterisk/sounds"} {
		if err := os.RemoveAll(filepath.Join(root, folder)); err != nil {
			return err
		}
	}
	return nil
}

// tail keeps what a program says, for another goroutine to look at.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	return len(b), nil
}

// last is its end, which tells why a program failed.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text[max(0, len(t.text)-4000):]))
}

// showProgress tells every three seconds how far it is, until stop is called.
func showProgress(progress io.Writer, words *tail) (stop func()) {
	began, end, ended := time.Now(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(3 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case <-tick.C:
				lines := strings.Split(words.last(), "\n")
				say(progress, "  %2.0f s: %s", time.Since(began).Seconds(), strings.TrimPrefix(lines[len(lines)-1], "I: "))
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}
