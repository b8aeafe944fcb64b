package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ringfence/app"
	"ringfence/internal/qemutest"
)

// On a clean Debian 12 for 64-bit ARM, as on a Raspberry Pi, the package installs, a household is set up and a number is looked up. Where this machine is of
// another kind, QEMU runs all of it; nothing is booted.
func TestPackageOnARM64(t *testing.T) {
	const arch = "arm64"
	if os.Getenv(packagesIn) == "" {
		t.Skip("make package-test runs this")
	}
	t.Parallel()
	if runtime.GOARCH != arch {
		qemutest.EmulateARM64(t)
	}
	clean := cleanRoot(t, "bookworm", arch)
	folder, err := os.MkdirTemp(filepath.Dir(clean), "package-test-") //nolint:usetesting // /tmp may be too small for it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	root := filepath.Join(folder, arch)
	does(t, "cp", "-a", clean, root)
	does(t, "cp", packageFor(arch, "ringfence", app.Release), filepath.Join(root, "root/ringfence.deb"))
	text := strings.NewReplacer("host0", "127.0.0.1", adapterIP, "127.0.0.2").Replace(answers)
	if err := os.WriteFile(filepath.Join(root, "root/answers.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ run, says string }{
		{"dpkg -i /root/ringfence.deb", "sudo ringfence setup"},
		{"ringfence version", "linux/" + arch},
		{"ringfence setup --no-call --answers /root/answers.toml", "The settings are in /etc/ringfence/ringfence.toml."},
		{"ringfence block add 02079460666", ""},
		{"ringfence lookup 02079460666", "020 7946 0666 would be turned away."},
		{"ringfence lookup 02079460009", "020 7946 0009 would be asked who they are"},
		{"stat -c '%U %a' /var/lib/ringfence/ringfence.db", "ringfence 600"},
	} {
		if said := inARoot(t, root, step.run); !strings.Contains(said, step.says) {
			t.Errorf("%s says %q, not %q", step.run, said, step.says)
		}
	}
}

// On 32-bit ARM the package's program runs, too. QEMU runs it with the C library that the compiler for such machines brings; there is no Debian around it.
func TestProgramOnARMHF(t *testing.T) {
	const arch = "armhf"
	if os.Getenv(packagesIn) == "" {
		t.Skip("make package-test runs this")
	}
	t.Parallel()
	root, home := t.TempDir(), t.TempDir()
	does(t, "dpkg-deb", "--extract", packageFor(arch, "ringfence", app.Release), root)
	file := filepath.Join(home, "answers.toml")
	text := strings.NewReplacer("host0", "127.0.0.1", adapterIP, "127.0.0.2").Replace(answers)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ run, says string }{
		{"version", "linux/arm"},
		{"setup --no-call --answers " + file, "home-hall"},
		{"block add 02079460666", ""},
		{"lookup 02079460666", "020 7946 0666 would be turned away."},
	} {
		command := []string{"-L", "/usr/arm-linux-gnueabihf", filepath.Join(root, "usr/bin/ringfence"), "--config", filepath.Join(home, "ringfence.toml"), "--data", filepath.Join(home, "data")}
		if said := does(t, "qemu-arm-static", append(command, strings.Fields(step.run)...)...); !strings.Contains(said, step.says) {
			t.Errorf("%s says %q, not %q", step.run, said, step.says)
		}
	}
}

// inARoot runs a shell command in a root folder, and says what that says. Its mounts and processes end with it.
func inARoot(t *testing.T, root, command string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "unshare", "--mount", "--pid", "--fork", "--kill-child", //nolint:gosec // the test's own
		"sh", "-c", `mount -t proc proc "$0/proc" && exec chroot "$0" sh -c "$1" </dev/null 2>&1`, root, command).CombinedOutput()
	t.Logf("%s: %s", command, out)
	if err != nil {
		t.Errorf("%s: %v", command, err)
	}
	return string(out)
}
