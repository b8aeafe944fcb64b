// Package qemutest lets tests run programs for another kind of processor.
package qemutest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const (
	folder = "/proc/sys/fs/binfmt_misc" // docs.kernel.org/admin-guide/binfmt-misc.html
	qemu   = "/usr/bin/qemu-aarch64-static"
	// What a program for arm64 begins with, and which of its bits count: as in QEMU's scripts/qemu-binfmt-conf.sh.
	magic = `\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00`
	mask  = `\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`
)

// EmulateARM64 lets this machine run programs for arm64, if it does not yet, until the test ends. It takes root, and qemu-user-static. The kernel keeps QEMU
// open by itself (flag F), so that root folders and containers need none.
func EmulateARM64(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(qemu); err != nil {
		t.Fatalf("%v: install qemu-user-static (apt-get install qemu-user-static)", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "register")); err != nil {
		if out, err := exec.CommandContext(t.Context(), "mount", "-t", "binfmt_misc", "binfmt_misc", folder).CombinedOutput(); err != nil {
			t.Fatalf("programs for arm64 cannot be run here: %v: %s", err, out)
		}
	}
	const name = "ringfence-arm64"
	for _, known := range []string{"qemu-aarch64", name} { // Debian's, or one that a killed run has left
		if _, err := os.Stat(filepath.Join(folder, known)); err == nil {
			return
		}
	}
	line := ":" + name + ":M::" + magic + ":" + mask + ":" + qemu + ":POCF"
	if err := os.WriteFile(filepath.Join(folder, "register"), []byte(line), 0o200); err != nil {
		t.Fatalf("programs for arm64 cannot be run here: %v", err)
	}
	t.Cleanup(func() {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("-1"), 0o200); err != nil {
			t.Error(err)
		}
	})
}
