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
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// suite is the Debian release whose Asterisk is taken: 22, the long-term version.
const suite = "forky"

// RootName is what the root folder of a fetched Asterisk is called. The file that is locked meanwhile is beside it, with .lock at its end.
const RootName = "asterisk-" + suite + "-" + runtime.GOARCH

// cachedRoot is the place of the root folder. It can be made again at any time, so it is in the cache.
func cachedRoot() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder for Asterisk: set HOME or XDG_CACHE_HOME: %w", err)
	}
	return filepath.Join(cache, "ringfence", RootName), nil
}

// machineFolder is where the machine's own root folder is, for all users, Asterisk's among them. Ringfence's package makes it; only root may
// write there.
const machineFolder = "var/lib/ringfence-root"

// sharedRoot is the machine's own root folder.
func (m machine) sharedRoot() string {
	return filepath.Join(m.file(machineFolder), RootName)
}

// rootFolder is the root folder that is to be made.
func (m machine) rootFolder() (folder, origin string, err error) {
	if info, err := os.Stat(m.file(machineFolder)); err == nil && info.IsDir() {
		return m.sharedRoot(), "machine", nil
	}
	folder, err = cachedRoot()
	return folder, "cache", err
}

// lock waits until no other process is fetching Asterisk. The system releases the lock when its owner, and every program that has inherited
// the file, has closed it or ended, however that happens.
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
			say(progress, "Waiting for another ringfence that is fetching Asterisk")
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(200 * time.Millisecond): // flock cannot wait for ctx too
		}
	}
}

// Fetching says whether this machine has no Asterisk yet, and another process is fetching one.
func Fetching(ctx context.Context) bool { return thisMachine().fetching(ctx) }

func (m machine) fetching(ctx context.Context) bool {
	if _, err := m.find(ctx); err == nil {
		return false
	}
	folder, _, err := m.rootFolder()
	if err != nil {
		return false
	}
	f, err := os.Open(folder + ".lock")
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // nothing was written to it
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// makeRoot makes the root folder beside its final place, and moves it there once it is complete, runs and is on the disk. Whatever an interrupted run
// has left is removed first. A folder that is in its place stays until then: an Asterisk that could not be looked at may still be good. held is the lock.
func (m machine) makeRoot(ctx context.Context, folder string, held *os.File, progress io.Writer) (err error) {
	keyring, err := m.needMmdebstrap(ctx, progress)
	if err != nil {
		return err
	}
	unfinished := folder + ".unfinished"
	if err := os.RemoveAll(unfinished); err != nil {
		return fmt.Errorf("an old folder is in the way: %w", err)
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
	say(progress, "Getting Asterisk 22 from Debian %s into %s: about 240 MB, once (half a minute on a fast line)", suite, filepath.Dir(folder))
	if err := m.debootstrap(ctx, made, work, keyring, mirror, held, progress); err != nil {
		return err
	}
	if _, err := inRoot(ctx, made, ""); err != nil {
		return fmt.Errorf("the Asterisk that was fetched does not run: %w", err)
	}
	// A power cut after the move would otherwise leave it in its place with empty files.
	if err := flush(unfinished); err != nil {
		return fmt.Errorf("the Asterisk that was fetched is not on the disk yet: %w", err)
	}
	return place(made, folder)
}

// place moves a folder to its place. One that is there takes its place, to be removed from there.
func place(made, folder string) error {
	if _, err := os.Lstat(folder); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(made, folder)
	}
	err := swap(made, folder)
	if errors.Is(err, unix.EINVAL) { // the file system cannot swap
		err = errors.Join(os.RemoveAll(folder), os.Rename(made, folder))
	}
	return err
}

// flush writes to the disk whatever the system still has of a folder's file system in memory.
func flush(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(f.Fd())), f.Close())
}

// needMmdebstrap makes sure that mmdebstrap is installed, and Debian's keys, which Ubuntu lacks by default. It returns the keys' file.
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

// unneeded are folders that Asterisk does without. The devices in /dev can only be made by root, and nobody opens them here.
var unneeded = []string{"dev/*", "usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/asterisk/sounds"}

// noteVersions writes the packages and their versions where dpkg would have them if they were installed: an upgrade compares them.
const noteVersions = `for deb in "$1"/var/cache/apt/archives/*.deb; do dpkg-deb --field "$deb" Package Version || exit 1; echo; done >"$1/` + status + `"`

// debootstrap fills the folder made with Debian's Asterisk and what it needs. The packages are unpacked and not set up: nothing in there ever runs but
// Asterisk with its libraries (base-files has the links by which their loader is found). It goes through a tar archive so that all files belong to
// the user: a folder that mmdebstrap itself makes without root belongs to other users, and cannot be removed.
func (m machine) debootstrap(ctx context.Context, made, work, keyring, mirror string, held *os.File, progress io.Writer) error {
	args := []string{
		"--variant=extract", "--include=asterisk,base-files", "--extract-hook=" + noteVersions, "--format=tar", "--keyring=" + keyring,
		// The mirror may be a snapshot whose lists have expired; their signatures still hold.
		`--aptopt=Acquire::Check-Valid-Until "false"`, `--aptopt=APT::Install-Recommends "false"`,
		suite, "-",
	}
	if mirror != "" {
		args = append(args, mirror)
	}
	words, unpackWords := &tail{}, &tail{} // separate, so that tar's complaint about half an archive does not hide why it is only half
	fetch := m.command(ctx, held, words, "mmdebstrap", args...)
	if m.root {
		fetch.Env = append(os.Environ(), "TMPDIR="+work) // /tmp may be small; another user does not get into our cache
		mountsApart(fetch)
	}
	// Without setuid bits, because nobody keeps these programs up to date.
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

// mountsApart has a program of root's mount in a namespace of its own (mount_namespaces(7)). mmdebstrap mounts /proc and /dev/shm into its folder: if it were
// killed, whoever removes that folder would remove what is in the machine's /dev/shm. Some containers allow no such namespace, and no mounts either.
func mountsApart(cmd *exec.Cmd) {
	const apart = syscall.CLONE_NEWNS
	try := exec.CommandContext(context.Background(), "sh", "-c", ":")
	try.SysProcAttr = &syscall.SysProcAttr{Unshareflags: apart}
	if try.Run() == nil {
		cmd.SysProcAttr.Unshareflags = apart
	}
}

// command is a program that ends with ctx, together with everything it has started. It inherits the lock: if this process is killed, nobody
// starts again while the program is still at work.
func (m machine) command(ctx context.Context, held *os.File, words io.Writer, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = words
	cmd.ExtraFiles = []*os.File{held}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = m.patience
	return cmd
}

// runBoth runs two programs, the second reading from the first, and leaves nothing of them running.
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
		_ = first.Cancel() // nobody reads its output any more; it may have ended already
	}
	errFirst := first.Wait()
	endGroup(first)
	if errFirst != nil {
		return errFirst // the second fails because the first did
	}
	return err
}

// endGroup ends whatever a program has left running.
func endGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // an error means that nothing was left
}

// debOptions are the options in "deb [arch=amd64] http://…".
var debOptions = regexp.MustCompile(`\[[^]]*\]`)

// DebianMirror is the mirror that this machine's own apt uses; "" if there is none.
func DebianMirror() (string, error) { return thisMachine().debianMirror() }

// debianMirror is the mirror that the machine's own apt uses: the first "URIs:" line of debian.sources that is not commented out, or, in the
// older form, the first "deb" line for Debian; "" if there is none. Addresses that only this machine's apt can read (cdrom:, mirror+file:)
// do not count.
func (m machine) debianMirror() (string, error) {
	for _, source := range []struct {
		file   string
		mirror func(words []string) bool // whether the second word of a line is a mirror
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
