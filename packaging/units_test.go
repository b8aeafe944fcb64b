// Package packaging has the Debian package: its services, users and folders, and the scripts that make and install it. There is no code here, but
// tests: of the services' hardening, of the package itself, built and unpacked, and (make package-test) of the package in clean Debians that systemd
// boots.
package packaging

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// hardened are the services that run all the time, or reach what people say. The two that fetch Asterisk make a root folder as root, which takes
// chroot, mounts and changes of owners.
var hardened = []string{"ringfence.service", "ringfence-asterisk.service", "ringfence-restart.service"}

// systemd's own rating, in tenths: 0 is safest.
const mostExposed = "20"

func TestServicesAreHardened(t *testing.T) {
	t.Parallel()
	for _, unit := range hardened {
		out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold="+mostExposed, filepath.Join("systemd", unit)).CombinedOutput()
		if err != nil {
			t.Errorf("%s is rated worse than 2.0, or not at all: %v\n%s", unit, err, out)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		t.Log(lines[len(lines)-1])
	}
}

// What never gives up, tells systemd that it works, and is started again when it hangs.
func TestServicesComeBack(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"ringfence.service", "ringfence-asterisk.service"} {
		text, err := os.ReadFile(filepath.Join("systemd", unit))
		if err != nil {
			t.Fatal(err)
		}
		head, service, _ := strings.Cut(string(text), "[Service]")
		if !strings.Contains(head, "\nStartLimitIntervalSec=0\n") {
			t.Errorf("%s gives up: StartLimitIntervalSec=0 belongs into [Unit]", unit)
		}
		for _, line := range []string{"Type=notify", "Restart=always", "WatchdogSec=60"} {
			if !strings.Contains(service, "\n"+line+"\n") {
				t.Errorf("%s lacks %s", unit, line)
			}
		}
	}
}

// The speech recogniser is the first to be ended where memory runs out, and the last to have the processor. Calls go on.
func TestServiceOutlivesItsRecogniser(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("systemd/ringfence.service")
	if err != nil {
		t.Fatal(err)
	}
	_, afterwards, found := strings.Cut(string(text), "\nSystemCallFilter=~@privileged @resources\n")
	if !found || !strings.Contains(afterwards, "\nSystemCallFilter=setpriority\n") { // the later line wins
		t.Error("the recogniser may not lower its priority")
	}
	if !strings.Contains(string(text), "\nOOMPolicy=continue\n") {
		t.Error("the service is stopped when the system ends the recogniser")
	}
}

// script is a maintainer script.
func script(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("debian", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Whoever has not set it up reads the next step, whatever version was there before: dpkg names one also after the package was removed.
func TestInstallationSaysTheNextStep(t *testing.T) {
	t.Parallel()
	_, says, found := strings.Cut(script(t, "postinst"), "sayNextStep() {")
	says, main, ends := strings.Cut(says, "\n}\n")
	if !found || !ends || !strings.HasSuffix(main, "\n  sayNextStep /etc/ringfence/ringfence.toml\nfi\nexit 0\n") {
		t.Fatal("postinst doesn't end with sayNextStep")
	}
	for file, want := range map[string]string{"units_test.go": "", "no-such-file": "Ringfence is installed. The next step:\n    sudo ringfence setup\n"} {
		out, err := exec.CommandContext(t.Context(), "sh", "-ec", "sayNextStep() {"+says+"\n}\nsayNextStep "+file).CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("with %s: %q (%v)", file, out, err)
		}
	}
}

// What the maintainer scripts do as root in folders in which the services may write too is nothing that the services could turn against root.
func TestScriptsTrustNoFolderOfTheServices(t *testing.T) {
	t.Parallel()
	_, takeOver, found := strings.Cut(script(t, "postinst"), "takeOver() {")
	takeOver, _, ends := strings.Cut(takeOver, "\n}\n")
	if !found || !ends {
		t.Fatal("postinst has no takeOver")
	}
	for before, want := range map[string]bool{"": true, "0.9": false} {
		out, err := exec.Command("sh", "-c", "find() { echo find $*; }\nchown() { :; }\ntakeOver() {"+takeOver+"\n}\ntakeOver \"$1\"", "sh", before).CombinedOutput()
		if err != nil || strings.Contains(string(out), "chgrp") != want {
			t.Errorf("after version %q it does %s (%v)", before, out, err)
		}
	}

	// A folder of backups with names that a program which has been taken over could choose: only old backups go.
	_, rotate, found := strings.Cut(script(t, "preinst"), "runuser -u ringfence -- sh -c '")
	rotate, _, ends = strings.Cut(rotate, "' rotate")
	if !found || !ends {
		t.Fatal("preinst does not delete old backups as their owner")
	}
	folder, elsewhere := t.TempDir(), t.TempDir()
	for _, name := range []string{"ringfence-1.tar.gz", "ringfence-2.tar.gz", "ringfence-3.tar.gz", "ringfence-4.tar.gz", "ringfence-\nhostage.tar.gz"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	hostage := filepath.Join(elsewhere, "hostage.tar.gz")
	if err := os.WriteFile(hostage, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", rotate, "rotate", folder)
	cmd.Dir = elsewhere
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if left, err := filepath.Glob(filepath.Join(folder, "*.tar.gz")); err != nil || len(left) >= 5 {
		t.Errorf("left are %q (%v)", left, err)
	}
	if _, err := os.Stat(hostage); err != nil {
		t.Errorf("it has deleted what lies elsewhere: %v", err)
	}
}

// debOf builds a package around a program that wants the C library, as ours does.
func debOf(t *testing.T, folder, version string) string {
	t.Helper()
	program, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("./build-deb", folder, "amd64", program, version).Output()
	if err != nil {
		t.Fatalf("build-deb: %v", err)
	}
	return strings.TrimSpace(string(out))
}

func TestPackageIsTheSameTwice(t *testing.T) {
	t.Parallel()
	var made [2][]byte
	for i := range made {
		text, err := os.ReadFile(debOf(t, t.TempDir(), ""))
		if err != nil {
			t.Fatal(err)
		}
		made[i] = text
	}
	if !bytes.Equal(made[0], made[1]) {
		t.Error("two packages of the same commit differ")
	}
}

// What is in the package belongs to root and can be changed by nobody else, and nothing of it is a settings file that an upgrade would ask about.
func TestPackageHasWhatItShould(t *testing.T) {
	t.Parallel()
	deb := debOf(t, t.TempDir(), "7.8.9")
	listed, err := exec.Command("dpkg-deb", "--contents", deb).Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(listed)) {
		fields := strings.Fields(line)
		if mode := fields[0]; fields[1] != "root/root" || mode[5] == 'w' || mode[8] == 'w' {
			t.Errorf("others may change %s", line)
		}
	}
	for _, file := range []string{
		"./usr/bin/ringfence", "./usr/lib/systemd/system/ringfence.service", "./usr/lib/sysusers.d/ringfence.conf", "./usr/lib/tmpfiles.d/ringfence.conf",
		"./usr/share/doc/ringfence/copyright", "./usr/share/doc/ringfence/third-party.txt.gz", "./usr/share/doc/ringfence/examples/ringfence.toml",
	} {
		if !strings.Contains(string(listed), " "+file+"\n") {
			t.Errorf("the package lacks %s", file)
		}
	}
	// The settings are written by setup, with a household's passwords. No default would work for most (Debian Policy 10.7.3), so there is no conffile.
	if strings.Contains(string(listed), "./etc") {
		t.Error("the package has files in /etc")
	}
	info, err := exec.Command("dpkg-deb", "--info", deb).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Version: 7.8.9", "Architecture: amd64", "Depends: libc6 (>= 2.", "asterisk (>= 1:20) | mmdebstrap"} {
		if !strings.Contains(string(info), want) {
			t.Errorf("the package does not say %q: %s", want, info)
		}
	}
}
