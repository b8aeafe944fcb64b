package dockertest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"ringfence/asterisk"
)

// The images that the Dockerfile begins with come from a registry. So that the test needs none, it makes them of Debian's packages, from the
// mirror of the machine, under the same names.
const (
	baseApplication = "debian:bookworm-slim"
	baseAsterisk    = "debian:forky-slim"
	baseBuild       = "golang:1.26-bookworm"
)

// mirror is where the machine gets its packages, as mmdebstrap's last argument. Without it that has one of its own.
func (e *engine) mirror() []string {
	e.Helper()
	found, err := asterisk.DebianMirror()
	if err != nil {
		e.Fatal(err)
	}
	if found == "" {
		return nil
	}
	return []string{found}
}

// base makes one of Debian's images, for a kind of processor.
func (e *engine) base(name, suite, arch string, more ...string) {
	e.Helper()
	e.Logf("making %s for %s of Debian's packages", name, arch)
	tar := filepath.Join(e.dir, "base.tar")
	args := append([]string{
		"--mount", "mmdebstrap", "--variant=minbase", "--architectures=" + arch, "--format=tar",
		"--skip=check/qemu", // for arm64: it would want one more program, to see whether there is an emulator
		// The mirror may be a snapshot whose lists have expired; their signatures still hold.
		`--aptopt=Acquire::Check-Valid-Until "false"`,
	}, more...)
	args = append(append(args, suite, tar), e.mirror()...)
	cmd := e.command("unshare", args...) // with mounts of its own: if it is killed, nothing of the machine's is left in the folder that is removed then
	cmd.Env = append(cmd.Env, "TMPDIR="+e.dir)
	if _, err := output(cmd); err != nil {
		e.Fatal(err)
	}
	e.run("docker", append(append([]string{"import", "--platform", "linux/" + arch}, e.changes(name)...), tar, name)...)
	if err := os.Remove(tar); err != nil {
		e.Fatal(err)
	}
}

// baseWithGo makes the image that builds: with the Go of this machine, and the settings by which that finds modules.
func (e *engine) baseWithGo() {
	e.Helper()
	root := e.goSetting("GOROOT")
	more := []string{"--include=gcc,libc6-dev,ca-certificates", "--customize-hook=copy-in " + root + " /usr/local"}
	// A machine may trust an authority of its own.
	if file := os.Getenv("SSL_CERT_FILE"); file != "" {
		more = append(more, "--customize-hook=upload "+file+" /etc/ssl/certs/ca-certificates.crt")
	}
	e.base(baseBuild, "bookworm", runtime.GOARCH, more...)
}

// changes are the settings of an image.
func (e *engine) changes(name string) []string {
	if name != baseBuild {
		return nil
	}
	changes := []string{"--change", "ENV PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	if os.Getenv("SSL_CERT_FILE") != "" { // whose authorities baseWithGo puts there, and pip has its own
		changes = append(changes, "--change", "ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt")
	}
	for _, setting := range []string{"GOPROXY", "GONOSUMDB", "GOSUMDB"} {
		if v := e.goSetting(setting); v != "" {
			changes = append(changes, "--change", fmt.Sprintf("ENV %s=%q", setting, v))
		}
	}
	return changes
}

// goSetting is a setting of this machine's Go. (runtime.GOROOT knows nothing where tests are built with -trimpath.)
func (e *engine) goSetting(name string) string {
	e.Helper()
	value, err := exec.CommandContext(e.Context(), "go", "env", name).Output()
	if err != nil {
		e.Fatal(err)
	}
	return strings.TrimSpace(string(value))
}
