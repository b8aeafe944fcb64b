package main_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/asterisk"
)

// upgraded is a machine whose own Asterisk is to be upgraded: in a mount namespace of its own, and with a Debian that has the Asterisk that a test makes.
type upgraded struct {
	*testing.T
	ctx       context.Context
	varLib    string // is /var/lib there
	now, next string // the root folders of the Asterisk that the machine has, and of Debian's present one
	programs  string // goes before the PATH
}

const packagesOf = "var/lib/dpkg/status" // in a root folder

// openUpgraded makes one. Debian's present Asterisk is the same, but says that it is newer.
func openUpgraded(t *testing.T) *upgraded {
	t.Helper()
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount, and upgrade Asterisk")
	}
	inst, err := asterisk.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	from, inRoot := strings.CutSuffix(inst.Documentation, "/usr/share/asterisk/documentation")
	if !inRoot || from == "" {
		t.Skip("this machine's Asterisk is a package, which apt upgrades")
	}
	slots.take(t, true)
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	u := &upgraded{T: t, ctx: ctx, varLib: filepath.Join(dir, "lib"), next: filepath.Join(dir, "next"), programs: filepath.Join(dir, "bin")}
	u.now = filepath.Join(u.varLib, "ringfence-root", filepath.Base(from))
	for _, root := range []string{u.now, u.next} {
		u.run("mkdir", "-p", filepath.Dir(root))
		u.run("sh", "-c", `cp -al "$1" "$2" 2>/dev/null || { rm -rf "$2"; cp -a "$1" "$2"; }`, "sh", from, root)
	}
	u.replace(packagesOf, "newer")
	u.must(os.Mkdir(u.programs, 0o700))
	// Of what Debian has only what Asterisk is run with: copying all of it would take most of the test.
	// 1 is what tar ends with when other tests have linked to the same files meanwhile, which changes the time of their last change.
	debian := "#!/bin/sh\ncd '" + u.next + "' && { tar --create lib* usr/lib* usr/sbin usr/share/asterisk " + packagesOf + " || [ $? = 1 ]; }\n"
	u.must(os.WriteFile(filepath.Join(u.programs, "mmdebstrap"), []byte(debian), 0o700))
	return u
}

func (u *upgraded) must(err error) {
	u.Helper()
	if err != nil {
		u.Fatal(err)
	}
}

func (u *upgraded) run(name string, args ...string) {
	u.Helper()
	_, err := diskTool(name, args...)
	u.must(err)
}

// replace gives a file of Debian's present Asterisk another content: the file before is a link to this machine's own.
func (u *upgraded) replace(name, content string) {
	u.Helper()
	file := filepath.Join(u.next, name)
	u.must(errors.Join(os.Remove(file), os.WriteFile(file, []byte(content), 0o644)))
}

// upgrade runs the command, and returns what it says.
func (u *upgraded) upgrade() (said string, err error) {
	const there = `mount --bind "$1" /var/lib && PATH="$2:$PATH" && shift 2 && exec "$@"`
	cmd := exec.CommandContext(u.ctx, "unshare", "--mount", "sh", "-c", there, "sh", u.varLib, u.programs, //nolint:gosec // the program under test
		plain, "--config", filepath.Join(u.varLib, "none.toml"), "asterisk", "upgrade")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// isThere checks which Asterisk the machine has, and that nothing else is left of the upgrade but what was before.
func (u *upgraded) isThere(newer bool, folders ...string) {
	u.Helper()
	text, err := os.ReadFile(filepath.Join(u.now, packagesOf))
	if err != nil || (string(text) == "newer") != newer {
		u.Errorf("the newer one should be there: %v, but its packages are %.40q (%v)", newer, text, err)
	}
	found, err := filepath.Glob(u.now + "*")
	u.must(err)
	for _, f := range found {
		if name := strings.TrimPrefix(f, u.now); name != "" && name != ".lock" && !strings.Contains(strings.Join(folders, " "), name) {
			u.Errorf("%s is left", f)
		}
	}
}

func TestAnAsteriskThatTakesTheTestCallTakesThePlaceOfTheOneBefore(t *testing.T) {
	u := openUpgraded(t)
	if said, err := u.upgrade(); err != nil || !strings.Contains(said, "has taken the place of") {
		t.Errorf("%v: %s", err, said)
	}
	u.isThere(true, ".before")
}

// One that starts, and answers at its console and over SIP, but has no sound for a call, would leave the household without a telephone.
func TestAnAsteriskThatTakesNoTestCallStaysOut(t *testing.T) {
	u := openUpgraded(t)
	found, err := filepath.Glob(filepath.Join(u.next, "usr/lib/*/asterisk/modules/res_rtp_asterisk.so"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v (%v)", found, err)
	}
	u.must(os.Remove(found[0]))
	said, err := u.upgrade()
	if err == nil || !strings.Contains(said, "did not take a test call, so "+install.Version+" stays") {
		t.Errorf("%v: %s", err, said)
	}
	u.isThere(false)
}
