package asterisk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Installation is an Asterisk on this machine.
type Installation struct {
	Program       []string // the command that starts it, with arguments that go before its own
	Modules       string   // folder of its modules
	Documentation string   // folder of its XML documentation, without which Asterisk 22 does not start
	Version       string   // such as "22.10.1"
	Origin        string   // "PATH", "package", "cache" or "machine" (a root folder for all of the machine)
}

// ErrAbsent says that there is no usable Asterisk.
var ErrAbsent = errors.New("there is no Asterisk 20 or newer on this machine: run `ringfence asterisk install`")

// Find looks for an Asterisk without installing anything: on the PATH, then in the machine's own root folder, then in the user's cache. If there
// is none it returns ErrAbsent, with what is wrong with any that it found.
func Find(ctx context.Context) (Installation, error) { return thisMachine().find(ctx) }

// Install finds an Asterisk, or gets one: the distribution's package where that is new enough, else a root folder with Debian's, for all of the
// machine where Ringfence's package is installed, or in the user's cache. It reports on progress what it does, and may be interrupted at any time. Several that run at the same time fetch it
// only once.
func Install(ctx context.Context, progress io.Writer) (Installation, error) {
	return thisMachine().install(ctx, progress)
}

// machine is where Asterisk is looked for and installed. Programs are found on the PATH. Tests make machines of their own.
type machine struct {
	files    string        // the root of its file system
	root     bool          // may install packages
	patience time.Duration // how long a program that was told to end may take
}

func thisMachine() machine {
	return machine{files: "/", root: os.Geteuid() == 0, patience: 10 * time.Second}
}

func (m machine) file(name string) string { return filepath.Join(m.files, name) }

func (m machine) find(ctx context.Context) (Installation, error) {
	inst, errPath := m.onPath(ctx, "PATH")
	if errPath == nil {
		return inst, nil
	}
	inst, errMachine := inRoot(ctx, m.sharedRoot(), "machine")
	if errMachine == nil {
		return inst, nil
	}
	errCache := fs.ErrNotExist
	if folder, err := cachedRoot(); err == nil { // a service has no home, and no cache
		if inst, errCache = inRoot(ctx, folder, "cache"); errCache == nil {
			return inst, nil
		}
	}
	if err := ctx.Err(); err != nil {
		return Installation{}, err
	}
	for _, err := range []error{errPath, errMachine, errCache} {
		if !errors.Is(err, exec.ErrNotFound) && !errors.Is(err, os.ErrNotExist) {
			return Installation{}, fmt.Errorf("%w (%w)", ErrAbsent, err)
		}
	}
	return Installation{}, ErrAbsent
}

func (m machine) install(ctx context.Context, progress io.Writer) (Installation, error) {
	if inst, err := m.find(ctx); err == nil || ctx.Err() != nil {
		return inst, err
	}
	folder, origin, err := m.rootFolder()
	if err == nil && origin == "machine" && !m.root {
		err = errors.New("Asterisk has not been fetched yet: run `sudo ringfence asterisk install`")
	}
	if err != nil {
		return Installation{}, err
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return Installation{}, fmt.Errorf("there is no place for Asterisk: %w", err)
	}
	held, err := lock(ctx, folder+".lock", progress)
	if err != nil {
		return Installation{}, err
	}
	defer func() { _ = held.Close() }() // nothing was written to it
	if inst, err := m.find(ctx); err == nil || ctx.Err() != nil {
		return inst, err // another process has got it meanwhile
	}
	if m.packaged(ctx, progress) {
		if err := m.installPackage(ctx, progress); err != nil {
			return Installation{}, err
		}
		return m.onPath(ctx, "package")
	}
	if err := m.makeRoot(ctx, folder, held, progress); err != nil {
		return Installation{}, err
	}
	return inRoot(ctx, folder, origin)
}

func say(progress io.Writer, format string, args ...any) {
	fmt.Fprintf(progress, "==> "+format+"\n", args...)
}

// program is the Asterisk that this machine has already, whatever its age.
func (m machine) program() (string, error) {
	program, err := exec.LookPath("asterisk")
	if err != nil {
		// sbin is not on everybody's PATH.
		program, err = exec.LookPath(m.file("usr/sbin/asterisk"))
	}
	return program, err
}

func (m machine) onPath(ctx context.Context, origin string) (Installation, error) {
	program, err := m.program()
	if err != nil {
		return Installation{}, err
	}
	inst := Installation{Program: []string{program}, Origin: origin}
	if inst.Version, err = version(ctx, inst.Program); err != nil {
		return Installation{}, err
	}
	modules := []string{"usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules", "usr/lib64/asterisk/modules", "usr/local/lib/asterisk/modules"}
	documentation := []string{"usr/share/asterisk/documentation", "var/lib/asterisk/documentation", "usr/local/share/asterisk/documentation"}
	own := m.directories()
	if folder := own["astmoddir"]; folder != "" {
		modules = append([]string{folder}, modules...)
	}
	if folder := own["astdatadir"]; folder != "" {
		documentation = append([]string{filepath.Join(folder, "documentation")}, documentation...)
	}
	if inst.Modules, err = m.first("chan_pjsip.so", modules); err != nil {
		return Installation{}, err
	}
	if inst.Documentation, err = m.first("core-*.xml", documentation); err != nil {
		return Installation{}, err
	}
	return inst, nil
}

// directories are those named in the machine's own asterisk.conf, such as "astmoddir", if it has one. They are only hints, so errors in
// that file do not matter.
func (m machine) directories() map[string]string {
	text, _ := os.ReadFile(m.file("etc/asterisk/asterisk.conf"))
	found := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, ";")
		name, folder, _ := strings.Cut(line, "=")
		found[strings.TrimSpace(name)] = strings.TrimSpace(strings.TrimPrefix(folder, ">"))
	}
	return found
}

// first is the first of the folders that has such a file.
func (m machine) first(file string, folders []string) (string, error) {
	for _, folder := range folders {
		found, err := filepath.Glob(m.file(filepath.Join(folder, file)))
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return filepath.Dir(found[0]), nil
		}
	}
	return "", fmt.Errorf("there is no %s in %s: this Asterisk is not complete", file, strings.Join(folders, ", "))
}

// loaders are the dynamic loaders of Debian's architectures, with the names of their library folders. Started through the loader of its
// own root folder, a program needs neither chroot nor root.
var loaders = map[string]struct{ loader, libraries string }{
	"amd64": {"lib64/ld-linux-x86-64.so.2", "x86_64-linux-gnu"},
	"arm64": {"lib/ld-linux-aarch64.so.1", "aarch64-linux-gnu"},
	"arm":   {"lib/ld-linux-armhf.so.3", "arm-linux-gnueabihf"},
}

// inRoot is the Asterisk in a root folder.
func inRoot(ctx context.Context, folder, origin string) (Installation, error) {
	names, known := loaders[runtime.GOARCH]
	if !known {
		return Installation{}, fmt.Errorf("there is no ready Asterisk for this kind of processor (%s): install Asterisk 20 or newer", runtime.GOARCH)
	}
	libraries := filepath.Join(folder, "usr/lib", names.libraries)
	inst := Installation{
		Program:       []string{filepath.Join(folder, names.loader), "--library-path", libraries, filepath.Join(folder, "usr/sbin/asterisk")},
		Modules:       filepath.Join(libraries, "asterisk/modules"),
		Documentation: filepath.Join(folder, "usr/share/asterisk/documentation"),
		Origin:        origin,
	}
	for _, needed := range []string{filepath.Join(inst.Modules, "chan_pjsip.so"), filepath.Join(inst.Documentation, "core-en_US.xml")} {
		if _, err := os.Stat(needed); err != nil {
			return Installation{}, err
		}
	}
	var err error
	if inst.Version, err = version(ctx, inst.Program); err != nil {
		return Installation{}, err
	}
	return inst, nil
}
