package packaging

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ringfence/asterisk"
	"ringfence/softphone"
)

const (
	// packagesIn names the folder with the packages that "make package-test" has made; "" leaves these tests out.
	packagesIn = "RINGFENCE_PACKAGES"
	// keptIn names a folder in which computers are kept with what is installed on them, so that one step after the other can be worked on.
	// Each step finds there what the last one left; after "removed" the folder has to be deleted.
	keptIn = "RINGFENCE_PACKAGE_KEPT"
)

const patience = 20 * time.Minute

// computer is a clean Debian that systemd boots, in a container with a network of its own.
type computer struct {
	*testing.T
	ctx    context.Context
	root   string
	groups []string // of the kernel's, in which its processes are: one for each hierarchy
	nspawn *exec.Cmd
	ended  chan struct{} // closed when nspawn has ended
	dhcp   *exec.Cmd
	// adapter is at the other end of its line.
	adapter *softphone.Caller
}

// inANetworkOfItsOwn runs a test once more in a network namespace of its own, and is true there. What has to be fetched is fetched before. It has
// its own processes, too: however the test ends, none of them outlives it.
func inANetworkOfItsOwn(t *testing.T, suite string) bool {
	t.Helper()
	const inside = "RINGFENCE_PACKAGE_NETWORK"
	if os.Getenv(packagesIn) == "" {
		t.Skip("make package-test runs this")
	}
	if os.Getenv(inside) != "" {
		return true
	}
	cleanRoot(t, suite, runtime.GOARCH)
	run := "^" + t.Name() + "$"
	if _, step, one := strings.Cut(flag.Lookup("test.run").Value.String(), "/"); one {
		run += "/" + step
	}
	again := exec.Command("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", os.Args[0], "-test.v", "-test.timeout", patience.String(), "-test.run", run) //nolint:gosec // this program itself
	again.Env = append(os.Environ(), inside+"=1")
	again.Stdout, again.Stderr = os.Stdout, os.Stderr
	// unshare ends its child when it ends, and the kernel ends it with the thread that has started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	again.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := again.Run(); err != nil {
		t.Error(err)
	}
	return false
}

// Where an Asterisk is: where the package's services look for the machine's own, and where root had it before there was a package.
const (
	machines   = "var/lib/ringfence-root"
	rootsCache = "root/.cache/ringfence"
)

// boot makes a computer with nothing but Debian and an Asterisk in a folder, at home in a network with a router and an adapter, and boots it.
func boot(t *testing.T, suite, asteriskIn string) *computer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience-time.Minute)
	t.Cleanup(cancel)
	c := &computer{T: t, ctx: ctx}
	c.makeRoot(suite, asteriskIn)
	c.home()
	c.makeGroups()
	c.start()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s", c.try("journalctl --no-pager -u 'ringfence*' | tail -60"))
		}
		_ = exec.Command("pkill", "-KILL", "-P", strconv.Itoa(c.nspawn.Process.Pid)).Run() // the first process in there, and with it all others
		<-c.ended
		c.removeGroups()
	})
	c.booted()
	return c
}

// makeRoot copies a clean Debian, and puts an Asterisk into a folder of it: there is no internet in there to fetch it from.
func (c *computer) makeRoot(suite, asteriskIn string) {
	c.Helper()
	clean := cleanRoot(c.T, suite, runtime.GOARCH)
	if kept := os.Getenv(keptIn); kept != "" {
		c.root = filepath.Join(kept, c.Name())
		if _, err := os.Stat(c.root); err == nil {
			return
		}
		c.on("mkdir", "-p", kept)
	} else {
		folder, err := os.MkdirTemp(filepath.Dir(clean), "package-test-") // beside Asterisk's files, which are linked
		c.must(err)
		c.Cleanup(func() { c.on("rm", "-rf", folder) })
		c.root = filepath.Join(folder, suite)
	}
	c.on("cp", "-a", clean, c.root)
	c.hasAsterisk(asteriskIn)
}

// hasAsterisk puts an Asterisk into a folder of the computer.
func (c *computer) hasAsterisk(asteriskIn string) {
	c.Helper()
	inst, err := asterisk.Install(c.ctx, os.Stderr)
	if err != nil || inst.Origin != "cache" {
		c.Fatalf("this machine has no root folder with Asterisk in its cache: %+v (%v)", inst, err)
	}
	from := strings.TrimSuffix(inst.Documentation, "/usr/share/asterisk/documentation")
	to := c.file(asteriskIn)
	c.on("mkdir", "-p", to)
	c.on("cp", "-al", from, filepath.Join(to, filepath.Base(from)))
}

// file is where a file of the computer is on the machine of the test.
func (c *computer) file(path string) string { return filepath.Join(c.root, path) }

// makeGroups makes a control group of its own for the computer. With --keep-unit systemd-nspawn puts what it runs below the group that it is in
// itself: two computers would share their services' groups, and systemd would find processes in there that are none of its own.
func (c *computer) makeGroups() {
	c.Helper()
	name := "ringfence-package-test-" + rand.Text()
	for _, hierarchy := range []string{"", "systemd", "unified"} { // the first alone, or the others, which systemd-nspawn keeps the same
		parent := filepath.Join("/sys/fs/cgroup", hierarchy)
		if _, err := os.Stat(filepath.Join(parent, "cgroup.procs")); err != nil {
			continue
		}
		group := filepath.Join(parent, name)
		c.must(os.Mkdir(group, 0o755))
		c.groups = append(c.groups, group)
	}
}

// removeGroups waits until the last process is gone from them.
func (c *computer) removeGroups() {
	for _, group := range c.groups {
		for exec.Command("find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+").Run() != nil {
			select {
			case <-c.ctx.Done():
				c.Errorf("%s can't be removed", group)
				return
			case <-time.After(100 * time.Millisecond): // nobody tells
			}
		}
	}
}

// start switches the computer on.
func (c *computer) start() {
	c.Helper()
	const inGroups = `for group; do [ "$group" = -- ] && shift && break; echo $$ >"$group/cgroup.procs" && shift || exit 1; done; exec systemd-nspawn "$@"`
	args := append(append([]string{"-c", inGroups, "sh"}, c.groups...), "--", "-q", "-b", "-D", c.root, "--machine=ringfence", "--register=no", "--keep-unit", "--network-bridge=home0", "--console=pipe")
	nspawn := exec.Command("sh", args...) //nolint:gosec // a folder of the test's own
	c.must(nspawn.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = nspawn.Wait() // its exit code is read where it matters
	}()
	c.nspawn, c.ended = nspawn, ended
}

// rebootWanted is how systemd-nspawn ends where the computer in it wants to be rebooted and nothing but a unit could start it again
// (EXIT_FORCE_RESTART in systemd's src/nspawn/nspawn.c, with --keep-unit).
const rebootWanted = 133

// reboot reboots the computer as a person would, and waits until it has booted.
func (c *computer) reboot() {
	c.Helper()
	_, _ = c.attempt("systemctl reboot") // it is torn off by its own reboot
	ctx, cancel := context.WithTimeout(c.ctx, 3*time.Minute)
	defer cancel()
	select {
	case <-c.ended:
	case <-ctx.Done():
		c.Fatalf("it doesn't shut down: %s", c.try("systemctl list-jobs"))
	}
	if code := c.nspawn.ProcessState.ExitCode(); code != rebootWanted {
		c.Fatalf("it has ended with %d, and doesn't want to be started again", code)
	}
	c.start()
	c.booted()
}

// cleanRoot is a root folder with a clean Debian for a kind of machine, which is made once and kept.
func cleanRoot(t *testing.T, suite, arch string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, "ringfence", "clean-"+suite)
	if arch != runtime.GOARCH {
		folder += "-" + arch
	}
	lock, err := os.OpenFile(folder+".lock", os.O_RDWR|os.O_CREATE, 0o600) // two tests may want the same
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }() // which releases it
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	t.Logf("making a clean %s for %s, once", suite, arch)
	mirror, err := asterisk.DebianMirror()
	if err != nil {
		t.Fatalf("this machine's mirror of Debian is not known: %v", err)
	}
	made := folder + ".new"
	_ = os.RemoveAll(made) // one that was interrupted
	// With mounts of its own: if it is killed, nothing of the machine's, as /dev/shm, is left in the folder for the line above to remove.
	out, err := exec.Command("unshare", "--mount", "mmdebstrap", "--variant=minbase", "--mode=root",
		"--architectures="+arch, "--skip=check/qemu", // the kernel has an emulator where there has to be one
		`--aptopt=Acquire::Check-Valid-Until "false"`, `--aptopt=APT::Install-Recommends "false"`,
		"--include=systemd-sysv,dbus,iproute2,procps,debconf,mmdebstrap,debian-archive-keyring",
		"--customize-hook=printf '[Match]\\nName=host0\\n[Network]\\nDHCP=ipv4\\n' > $1/etc/systemd/network/host0.network",
		"--customize-hook=chroot $1 systemctl enable systemd-networkd",
		suite, made, mirror).CombinedOutput() //nolint:gosec // the machine's own mirror
	if err != nil {
		t.Fatalf("mmdebstrap: %v: %s", err, out)
	}
	if err := os.Rename(made, folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

// on runs a program on the machine of the test.
func (c *computer) on(name string, args ...string) {
	c.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil { //nolint:gosec // names from this test
		c.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

func (c *computer) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// attempt runs a shell command in the computer.
func (c *computer) attempt(command string) (string, error) {
	leader, err := exec.Command("pgrep", "-P", strconv.Itoa(c.nspawn.Process.Pid)).Output()
	if err != nil {
		return "", errors.New("it is not there")
	}
	out, err := exec.CommandContext(c.ctx, "nsenter", "-t", strings.TrimSpace(string(leader)), "-a", "/bin/sh", "-c", command).CombinedOutput() //nolint:gosec // the test's own
	return strings.TrimSpace(string(out)), err
}

// try is what a command says, and how it failed if it did.
func (c *computer) try(command string) string {
	out, err := c.attempt(command)
	if err != nil {
		return fmt.Sprintf("%s (%v)", out, err)
	}
	return out
}

func (c *computer) run(command string) string {
	c.Helper()
	out, err := c.attempt(command)
	if err != nil {
		c.Fatalf("%s: %v: %s", command, err, out)
	}
	return out
}

// until waits until a command in the computer succeeds.
func (c *computer) until(command string) {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, 4*time.Minute)
	defer cancel()
	for {
		out, err := c.attempt(command)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			c.Fatalf("%s: %v: %s", command, err, out)
		case <-c.ended:
			c.Fatalf("the container has ended (%s: %v: %s)", command, err, out)
		case <-time.After(200 * time.Millisecond): // nobody tells
		}
	}
}

func (c *computer) booted() {
	c.Helper()
	c.until("systemctl is-system-running | grep -qE 'running|degraded'")
}

// has checks that a command says something.
func (c *computer) has(command, want string) {
	c.Helper()
	if got := c.try(command); !strings.Contains(got, want) {
		c.Errorf("%s says %q, not %q", command, got, want)
	}
}
