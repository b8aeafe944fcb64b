package asterisk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// oldest is the first Asterisk with all that the dialplan uses (EXPORT() came with 20.1).
const oldest = 20

// Installation is an Asterisk on this machine.
type Installation struct {
	Program       []string // the command to start it, and arguments that come before its own
	Modules       string   // folder of its modules
	Documentation string   // folder of its XML documentation, without which Asterisk 22 does not start
	Version       string   // such as "22.10.1"
	Origin        string   // "PATH", "package" or "cache"
}

// ErrAbsent says that there is no Asterisk that would do.
var ErrAbsent = errors.New("there is no Asterisk 20 or newer on this machine: run `ringfence asterisk install`")

// Find looks for an Asterisk without installing anything: on the PATH, then in the user's cache. It returns ErrAbsent
// where there is none.
func Find(ctx context.Context) (Installation, error) {
	if inst, err := onPath(ctx, "PATH"); err == nil {
		return inst, nil
	}
	root, err := cachedRoot()
	if err != nil {
		return Installation{}, err
	}
	if inst, err := inRoot(ctx, root); err == nil {
		return inst, nil
	}
	return Installation{}, ErrAbsent
}

// Install finds an Asterisk, or gets one: the distribution's package where that is new enough, else a root folder with
// Debian's in the user's cache. It tells what it does on progress, and may be interrupted at any time.
func Install(ctx context.Context, progress io.Writer) (Installation, error) {
	if inst, err := Find(ctx); err == nil {
		return inst, nil
	}
	candidate := packaged(ctx)
	if candidate >= oldest && os.Geteuid() == 0 {
		say(progress, "Installing the distribution's asterisk package through apt")
		if err := installPackage(ctx, progress); err != nil {
			return Installation{}, err
		}
		return onPath(ctx, "package")
	}
	root, err := cachedRoot()
	if err != nil {
		return Installation{}, err
	}
	if err := makeRoot(ctx, root, progress); err != nil {
		return Installation{}, err
	}
	return inRoot(ctx, root)
}

func say(progress io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(progress, "==> "+format+"\n", args...) // nobody to tell is no reason to stop
}

// onPath is the Asterisk that this machine has anyway.
func onPath(ctx context.Context, origin string) (Installation, error) {
	program, err := exec.LookPath("asterisk")
	if err != nil {
		// sbin is not on everybody's PATH.
		if program, err = exec.LookPath("/usr/sbin/asterisk"); err != nil {
			return Installation{}, err
		}
	}
	inst := Installation{Program: []string{program}, Origin: origin}
	if inst.Version, err = version(ctx, inst.Program); err != nil {
		return inst, err
	}
	if inst.Modules, err = first("chan_pjsip.so", "/usr/lib/*/asterisk/modules", "/usr/lib/asterisk/modules", "/usr/lib64/asterisk/modules", "/usr/local/lib/asterisk/modules"); err != nil {
		return inst, err
	}
	inst.Documentation, err = first("core-*.xml", "/usr/share/asterisk/documentation", "/var/lib/asterisk/documentation", "/usr/local/share/asterisk/documentation")
	return inst, err
}

// first is the first of the folders that holds such a file.
func first(file string, folders ...string) (string, error) {
	for _, folder := range folders {
		found, err := filepath.Glob(filepath.Join(folder, file))
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return filepath.Dir(found[0]), nil
		}
	}
	return "", fmt.Errorf("there is no %s in %s: this Asterisk is not complete", file, strings.Join(folders, ", "))
}

// loaders are the dynamic loaders of Debian's architectures, and the names of their library folders. Started through its
// own loader a program runs outside its root folder, without chroot and without being root.
var loaders = map[string]struct{ loader, libraries string }{
	"amd64": {"lib64/ld-linux-x86-64.so.2", "x86_64-linux-gnu"},
	"arm64": {"lib/ld-linux-aarch64.so.1", "aarch64-linux-gnu"},
	"arm":   {"lib/ld-linux-armhf.so.3", "arm-linux-gnueabihf"},
}

// inRoot is the Asterisk in a root folder.
func inRoot(ctx context.Context, root string) (Installation, error) {
	names, known := loaders[runtime.GOARCH]
	if !known {
		return Installation{}, fmt.Errorf("there is no ready Asterisk for this kind of processor (%s): install Asterisk 20 or newer", runtime.GOARCH)
	}
	libraries := filepath.Join(root, "usr/lib", names.libraries)
	inst := Installation{
		Program:       []string{filepath.Join(root, names.loader), "--library-path", libraries, filepath.Join(root, "usr/sbin/asterisk")},
		Modules:       filepath.Join(libraries, "asterisk/modules"),
		Documentation: filepath.Join(root, "usr/share/asterisk/documentation"),
		Origin:        "cache",
	}
	var err error
	inst.Version, err = version(ctx, inst.Program)
	return inst, err
}

var versionLine = regexp.MustCompile(`Asterisk (?:certified[/-])?(\d+)(\.[\d.]*\d)?`)

// version asks a program for its version, and refuses one that is too old.
func version(ctx context.Context, program []string) (string, error) {
	out, err := exec.CommandContext(ctx, program[0], append(program[1:len(program):len(program)], "-V")...).Output()
	if err != nil {
		return "", fmt.Errorf("%s does not run: %w", program[len(program)-1], err)
	}
	return parseVersion(string(out))
}

func parseVersion(line string) (string, error) {
	found := versionLine.FindStringSubmatch(line)
	if found == nil {
		return "", fmt.Errorf("%q is not a version of Asterisk", strings.TrimSpace(line))
	}
	major, err := strconv.Atoi(found[1])
	if err != nil || major < oldest {
		return "", fmt.Errorf("Asterisk %s is too old: it takes %d or newer", found[1], oldest)
	}
	return found[1] + found[2], nil
}

// packaged is the major version of the distribution's package, 0 where there is none.
func packaged(ctx context.Context) int {
	out, err := exec.CommandContext(ctx, "apt-cache", "policy", "asterisk").Output()
	if err != nil {
		return 0
	}
	return candidate(string(out))
}

var candidateLine = regexp.MustCompile(`(?m)^\s*Candidate:\s*(?:\d+:)?(\d+)`)

func candidate(policy string) int {
	found := candidateLine.FindStringSubmatch(policy)
	if found == nil {
		return 0
	}
	major, _ := strconv.Atoi(found[1]) // digits only
	return major
}

// policyFile is what Debian's packages ask before they start a service (deb-systemd-invoke, invoke-rc.d).
const policyFile = "/usr/sbin/policy-rc.d"

// installPackage installs the package without letting its service start: that would take port 5060, and another
// telephone exchange may be in use.
func installPackage(ctx context.Context, progress io.Writer) error {
	f, err := os.OpenFile(policyFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err == nil {
		defer func() { _ = os.Remove(policyFile) }()
		_, err = f.WriteString("#!/bin/sh\nexit 101\n")
		err = errors.Join(err, f.Close())
	} else if errors.Is(err, os.ErrExist) {
		err = nil // the machine has a policy of its own
	}
	if err != nil {
		return err
	}
	return apt(ctx, progress, "asterisk")
}

// apt installs packages. It is left to finish what it does when ctx ends: a half-installed package is worse than a
// moment of waiting.
func apt(ctx context.Context, progress io.Writer, packages ...string) error {
	for _, args := range [][]string{{"update", "-qq"}, append([]string{"install", "-y", "-qq", "--no-install-recommends"}, packages...)} {
		if err := ctx.Err(); err != nil {
			return err
		}
		cmd := exec.Command("apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			_, _ = progress.Write(out)
			return fmt.Errorf("apt-get %s did not work: its words above say why", args[0])
		}
	}
	return nil
}
