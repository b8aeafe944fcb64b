package asterisk

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
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

// lock waits until no other process gets Asterisk. The system gives the lock back when the file is closed by its owner and
// by the programs that have inherited it, however they end.
func lock(ctx context.Context, path string, progress io.Writer) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	told := false
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(fmt.Errorf("cannot lock %s: %w", path, err), f.Close())
		}
		if !told {
			say(progress, "Waiting for another ringfence that is getting Asterisk just now")
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(200 * time.Millisecond): // flock cannot wait for ctx too
		}
	}
}

// makeRoot makes the root folder beside its place and moves it there when it is complete and runs. What an interrupted one
// has left is removed by the next; held is the lock.
func (m machine) makeRoot(ctx context.Context, folder string, held *os.File, progress io.Writer) (err error) {
	keyring, err := m.needMmdebstrap(ctx, progress)
	if err != nil {
		return err
	}
	unfinished := folder + ".unfinished"
	for _, old := range []string{unfinished, folder} {
		if err := os.RemoveAll(old); err != nil {
			return fmt.Errorf("an old folder is in the way: %w", err)
		}
	}
	defer func() { err = errors.Join(err, os.RemoveAll(unfinished)) }()
	made, work := filepath.Join(unfinished, "root"), filepath.Join(unfinished, "work")
	for _, sub := range []string{made, work} {
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return fmt.Errorf("there is no place for Asterisk: %w", err)
		}
	}
	mirror, err := m.debianMirror()
	if err != nil {
		return err
	}
	say(progress, "Getting Asterisk 22 from Debian %s into the cache: about 300 MB, once (half a minute on a fast line)", suite)
	if err := m.debootstrap(ctx, made, work, keyring, mirror, held, progress); err != nil {
		return err
	}
	if _, err := inRoot(ctx, made); err != nil {
		return fmt.Errorf("the Asterisk that was fetched does not run: %w", err)
	}
	return os.Rename(made, folder)
}

// needMmdebstrap sees to it that mmdebstrap is there, and with it the keys of Debian, which Ubuntu has not by itself. It
// returns the keys' file.
func (m machine) needMmdebstrap(ctx context.Context, progress io.Writer) (keyring string, err error) {
	there := func() bool {
		_, err := exec.LookPath("mmdebstrap")
		keyring = ""
		for _, name := range []string{"usr/share/keyrings/debian-archive-keyring.pgp", "usr/share/keyrings/debian-archive-keyring.gpg"} {
			if _, err := os.Stat(m.file(name)); err == nil {
				keyring = m.file(name)
			}
		}
		return err == nil && keyring != ""
	}
	if there() {
		return keyring, nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil || !m.root {
		return "", errors.New("getting Asterisk takes the program mmdebstrap: install it (sudo apt-get install mmdebstrap debian-archive-keyring uidmap), or install Asterisk 20 or newer yourself")
	}
	say(progress, "Installing through apt: mmdebstrap")
	if err := m.apt(ctx, progress, "install", "-y", "-qq", "--no-install-recommends", "mmdebstrap", "debian-archive-keyring"); err != nil {
		return "", err
	}
	if !there() {
		return "", errors.New("mmdebstrap is not there although apt has installed it: install Asterisk 20 or newer yourself")
	}
	return keyring, nil
}

// Folders that Asterisk does without. /dev has devices, which only root may make and nobody opens here.
var unneeded = []string{"dev/*", "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/asterisk/sounds"}

// debootstrap fills the folder made with Debian's Asterisk and what it needs. It goes through a tar archive, so that all
// files are the user's own: mmdebstrap's own folder belongs to other users where it is not root's, and cannot be removed.
func (m machine) debootstrap(ctx context.Context, made, work, keyring, mirror string, held *os.File, progress io.Writer) error {
	args := []string{
		"--variant=minbase", "--include=asterisk", "--format=tar", "--keyring=" + keyring,
		// The mirror may be a snapshot, whose lists have run out by the calendar; their signatures still count.
		`--aptopt=Acquire::Check-Valid-Until "false"`, `--aptopt=APT::Install-Recommends "false"`,
		suite, "-",
	}
	if mirror != "" {
		args = append(args, mirror)
	}
	words, unpackWords := &tail{}, &tail{} // each its own: what tar says of half an archive is not to come before why it is half of one
	fetch := m.command(ctx, held, words, "mmdebstrap", args...)
	if m.root {
		fetch.Env = append(os.Environ(), "TMPDIR="+work) // /tmp may be small; another user does not get into our cache
	}
	// Without the bits that make a program run as root: nobody keeps these up to date.
	args = []string{"--extract", "--directory=" + made, "--no-same-owner", "--no-same-permissions"}
	for _, folder := range unneeded {
		args = append(args, "--exclude=./"+folder)
	}
	unpack := m.command(ctx, held, unpackWords, "tar", args...)
	var err error
	if unpack.Stdin, err = fetch.StdoutPipe(); err != nil {
		return err
	}
	stop := showProgress(ctx, progress, words, "Interrupted: clearing up")
	err = runBoth(fetch, unpack)
	stop()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("Asterisk could not be fetched (is the internet there?): %w\n%s", err, strings.Trim(words.last()+"\n"+unpackWords.last(), "\n"))
	}
	return nil
}

// command is a program that ends with ctx, and all that it has started. It inherits the lock: should this process be
// killed, nobody begins anew while the program is still at work.
func (m machine) command(ctx context.Context, held *os.File, words io.Writer, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = words
	cmd.ExtraFiles = []*os.File{held}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = m.patience
	return cmd
}

// runBoth runs two programs, the second of which reads from the first, and leaves nothing of them behind.
func runBoth(first, second *exec.Cmd) error {
	if err := first.Start(); err != nil {
		return err
	}
	err := second.Start()
	if err == nil {
		err = second.Wait()
		endGroup(second)
	}
	if err != nil {
		_ = first.Cancel() // nobody reads what it writes any more; it may have ended already
	}
	errFirst := first.Wait()
	endGroup(first)
	if errFirst != nil {
		return errFirst // the second fails because the first did
	}
	return err
}

// endGroup ends what a program that has ended has left running.
func endGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // no such group is what is wanted
}

// In "deb [arch=amd64] http://…" the options.
var debOptions = regexp.MustCompile(`\[[^]]*\]`)

// debianMirror is the mirror that the machine's own apt uses: the first line "URIs:" that is not commented out of its
// debian.sources, or the first "deb" line with Debian in the older form; "" where there is none. Those that only apt
// on this machine can read (cdrom:, mirror+file:) do not count.
func (m machine) debianMirror() (string, error) {
	for _, source := range []struct {
		file   string
		mirror func(words []string) bool // whether its second word is one
	}{
		{"etc/apt/sources.list.d/debian.sources", func(w []string) bool { return w[0] == "URIs:" }},
		{"etc/apt/sources.list", func(w []string) bool { return w[0] == "deb" && strings.Contains(w[1]+"/", "/debian/") }},
	} {
		text, err := os.ReadFile(m.file(source.file))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		for lines.Scan() {
			words := strings.Fields(debOptions.ReplaceAllString(lines.Text(), " "))
			if len(words) < 2 || !strings.HasPrefix(words[1], "http://") && !strings.HasPrefix(words[1], "https://") {
				continue
			}
			if source.mirror(words) {
				return words[1], nil
			}
		}
	}
	return "", nil
}
