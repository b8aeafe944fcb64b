package asterisk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"syscall"
)

// packaged says whether to install the distribution's package. An Asterisk that is there already, and too old for us, may be somebody's
// telephone exchange: it is left as it is, and ours goes into the cache.
func (m machine) packaged(ctx context.Context, progress io.Writer) bool {
	if _, err := m.program(); err == nil || !m.root {
		return false
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return false
	}
	say(progress, "Asking apt for Asterisk")
	if err := m.apt(ctx, progress, "update", "-qq"); err != nil {
		say(progress, "Going on with what apt knows: %s", err)
	}
	cmd := exec.CommandContext(ctx, "apt-cache", "policy", "asterisk")
	cmd.Env = append(os.Environ(), "LC_ALL=C") // else it answers in the user's language
	out, err := cmd.Output()
	return err == nil && candidate(string(out)) >= oldest
}

var candidateLine = regexp.MustCompile(`(?m)^\s*Candidate:\s*(?:\d+:)?(\d+)`)

// candidate is the major version that apt would install, according to "apt-cache policy"; 0 if there is none.
func candidate(policy string) int {
	found := candidateLine.FindStringSubmatch(policy)
	if found == nil {
		return 0
	}
	major, _ := strconv.Atoi(found[1]) // only digits; if they overflow, it is no version
	return major
}

// installPackage installs the package but keeps its service off, now and after a reboot: it would take port 5060, which another telephone
// exchange may be using.
func (m machine) installPackage(ctx context.Context, progress io.Writer) (err error) {
	say(progress, "Installing through apt: asterisk (its own service stays off)")
	release, err := m.holdServices()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := m.apt(ctx, progress, "install", "-y", "-qq", "--no-install-recommends", "asterisk"); err != nil {
		return err
	}
	if err := m.disableService(progress); err != nil {
		return err
	}
	return ctx.Err()
}

// policyFile is the program that Debian's packages ask before they start a service (invoke-rc.d, deb-systemd-invoke); 101 means no.
const (
	policyFile = "usr/sbin/policy-rc.d"
	policyText = "#!/bin/sh\n# Made by ringfence while it installs Asterisk; it may be removed.\nexit 101\n"
)

// holdServices keeps packages from starting services until release is called. A machine that has a policy of its own keeps it; there
// disableService has to be enough.
func (m machine) holdServices() (release func() error, err error) {
	file := m.file(policyFile)
	now, err := os.ReadFile(file)
	switch {
	case err == nil && string(now) != policyText:
		return func() error { return nil }, nil
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return nil, err
	}
	// If our policy is there already, a ringfence that was killed has left it behind.
	if err := os.WriteFile(file, []byte(policyText), 0o755); err != nil {
		return nil, fmt.Errorf("cannot keep the service of the asterisk package from starting: %w", err)
	}
	return func() error { return os.Remove(file) }, nil
}

// disableService stops and disables the package's service, even after an interrupt.
func (m machine) disableService(progress io.Writer) error {
	for _, command := range [][]string{
		{"systemctl", "disable", "--quiet", "asterisk.service"},
		{"systemctl", "stop", "asterisk.service"},
		{"update-rc.d", "asterisk", "disable"}, // where there is no systemd
	} {
		if _, err := exec.LookPath(command[0]); err != nil {
			continue
		}
		if _, err := os.Stat(m.file("run/systemd/system")); command[1] == "stop" && err != nil {
			continue // a container: systemd is installed and not running
		}
		cmd := exec.Command(command[0], command[1:]...) //nolint:noctx // see above
		if out, err := cmd.CombinedOutput(); err != nil {
			_, _ = progress.Write(out)
			return fmt.Errorf("the service of the asterisk package could not be switched off: run `systemctl disable --now asterisk` (%w)", err)
		}
	}
	return nil
}

// apt runs apt-get. When ctx ends it may finish what it is doing, because a half-installed package is worse than waiting a moment. So it
// has a process group of its own, which a Ctrl-C at the terminal does not reach.
func (m machine) apt(ctx context.Context, progress io.Writer, args ...string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	cmd := exec.Command("apt-get", args...) //nolint:noctx // see above
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	words := &tail{}
	cmd.Stdout, cmd.Stderr = words, words
	stop := showProgress(ctx, progress, words, "Interrupted: apt finishes what it does first")
	err := cmd.Run()
	stop()
	if err != nil {
		_, _ = io.Copy(progress, bytes.NewBufferString(words.last()+"\n"))
		return fmt.Errorf("apt-get %s did not work: its words above say why", args[0])
	}
	return nil
}
