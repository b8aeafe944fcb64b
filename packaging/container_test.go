package packaging

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringfence/asterisk"
)

// packagesIn names the folder with the packages that "make package-test" has made; "" leaves these tests out.
const packagesIn = "RINGFENCE_PACKAGES"

// The home network, which lies in a network namespace of the test's own.
const (
	router     = "10.78.0.1"
	adapter    = "10.78.0.20" // from which calls come
	telephone  = "10.78.0.21"
	firstLease = "10.78.0.50"
	otherLease = "10.78.0.51"
)

const patience = 20 * time.Minute

// computer is a clean Debian that systemd boots, in a container with a network of its own.
type computer struct {
	*testing.T
	ctx    context.Context
	root   string
	nspawn *exec.Cmd
	ended  chan struct{}
	dhcp   *exec.Cmd
}

// inANetworkOfItsOwn runs a test once more in a network namespace of its own, and is true there. What has to be fetched is fetched before.
func inANetworkOfItsOwn(t *testing.T, suite string) bool {
	t.Helper()
	const inside = "RINGFENCE_PACKAGE_NETWORK"
	if os.Getenv(packagesIn) == "" {
		t.Skip("make package-test runs this")
	}
	if os.Getenv(inside) != "" {
		return true
	}
	cleanRoot(t, suite)
	again := exec.Command("unshare", "--net", os.Args[0], "-test.v", "-test.timeout", patience.String(), "-test.run", "^"+t.Name()+"$") //nolint:gosec // this program itself
	again.Env = append(os.Environ(), inside+"=1")
	again.Stdout, again.Stderr = os.Stdout, os.Stderr
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

// boot makes a computer with nothing but Debian, and an Asterisk in a folder: there is no internet in here to fetch it from.
func boot(t *testing.T, suite, asteriskIn string) *computer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience-time.Minute)
	t.Cleanup(cancel)
	c := &computer{T: t, ctx: ctx, ended: make(chan struct{})}
	clean := cleanRoot(t, suite)
	c.root = clean + "-" + strconv.Itoa(os.Getpid())
	c.on("cp", "-a", clean, c.root)
	t.Cleanup(func() { c.on("rm", "-rf", c.root) })
	inst, err := asterisk.Install(ctx, os.Stderr)
	if err != nil || inst.Origin != "cache" {
		t.Fatalf("this machine has no root folder with Asterisk in its cache: %+v (%v)", inst, err)
	}
	from := strings.TrimSuffix(inst.Documentation, "/usr/share/asterisk/documentation")
	to := filepath.Join(c.root, asteriskIn)
	c.on("mkdir", "-p", to)
	c.on("cp", "-al", from, filepath.Join(to, filepath.Base(from)))
	for _, command := range []string{
		"link set lo up", "link add home0 type bridge", "link set home0 up",
		"address add " + router + "/24 dev home0", "address add " + adapter + "/24 dev home0", "address add " + telephone + "/24 dev home0",
	} {
		c.on("ip", strings.Fields(command)...)
	}
	c.leases(firstLease)
	t.Cleanup(c.stopLeases)
	c.nspawn = exec.Command("systemd-nspawn", "-q", "-b", "-D", c.root, "--register=no", "--keep-unit", "--network-bridge=home0", "--console=pipe") //nolint:gosec // a folder of the test's own
	if err := c.nspawn.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.ended)
		_ = c.nspawn.Wait() // how it ends is seen in what no longer works
	}()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s", c.try("journalctl --no-pager -u 'ringfence*' | tail -60"))
		}
		_ = c.nspawn.Process.Kill() // and with it all in the container
		<-c.ended
	})
	c.booted()
	return c
}

// cleanRoot is a root folder with a clean Debian, which is made once and kept.
func cleanRoot(t *testing.T, suite string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, "ringfence", "clean-"+suite)
	if _, err := os.Stat(folder); err == nil {
		return folder
	}
	t.Logf("making a clean %s, once", suite)
	mirror, err := asterisk.DebianMirror()
	if err != nil {
		t.Fatalf("this machine's mirror of Debian is not known: %v", err)
	}
	made := folder + ".new"
	_ = os.RemoveAll(made) // one that was interrupted
	out, err := exec.Command("mmdebstrap", "--variant=minbase", "--mode=root", `--aptopt=Acquire::Check-Valid-Until "false"`, `--aptopt=APT::Install-Recommends "false"`,
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

// leases has the router give the computer an address; what it had before is refused.
func (c *computer) leases(address string) {
	c.Helper()
	c.stopLeases()
	c.dhcp = exec.Command("dnsmasq", "--keep-in-foreground", "--port=0", "--interface=home0", "--bind-interfaces", "--user=root", "--dhcp-authoritative", //nolint:gosec // addresses of the test's own
		"--no-ping", "--leasefile-ro", "--conf-file=/dev/null", "--pid-file=", "--dhcp-range="+address+","+address+",2m")
	if err := c.dhcp.Start(); err != nil {
		c.Fatal(err)
	}
}

func (c *computer) stopLeases() {
	if c.dhcp != nil {
		_ = c.dhcp.Process.Kill()
		_ = c.dhcp.Wait()
		c.dhcp = nil
	}
}

// init is the first process of the container, which is another one after a reboot.
func (c *computer) init() (string, error) {
	children, err := exec.Command("pgrep", "-P", strconv.Itoa(c.nspawn.Process.Pid)).Output()
	return strings.TrimSpace(string(children)), err
}

// attempt runs a shell command in the computer.
func (c *computer) attempt(command string) (string, error) {
	leader, err := c.init()
	if err != nil {
		return "", errors.New("it is not there")
	}
	out, err := exec.CommandContext(c.ctx, "nsenter", "-t", leader, "-a", "/bin/sh", "-c", command).CombinedOutput() //nolint:gosec // the test's own
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
