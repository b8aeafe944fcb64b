package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The package around the real program, unpacked into a folder as dpkg would: its users and folders can be made, systemd takes its units, and its
// program sets a household up and checks itself. What a boot is needed for, "make package-test" tries.
func TestUnpackedPackageWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program without the race detector")
	}
	t.Parallel()
	u := unpack(t)
	u.makesUsersAndFolders()
	u.hasUnitsThatSystemdTakes()
	u.setsUp()
	u.checks()
	u.letsNobodyElseWrite()
}

// unpacked is a folder with what is in the package.
type unpacked struct {
	*testing.T
	root, home string // home has the settings and data of a household that tries it
	deb        string
}

func unpack(t *testing.T) *unpacked {
	t.Helper()
	u := &unpacked{T: t, root: t.TempDir(), home: t.TempDir()}
	program := filepath.Join(u.home, "ringfence")
	u.does("go", "build", "-ldflags", "-s -w", "-o", program, "ringfence/cmd/ringfence")
	u.deb = u.does("env", "RINGFENCE_COMPRESSION=none", "./build-deb", u.home, u.does("dpkg", "--print-architecture"), program)
	u.does("dpkg-deb", "--extract", u.deb, u.root)
	for _, script := range []string{"preinst", "postinst", "prerm", "postrm"} {
		u.does("sh", "-n", filepath.Join("debian", script))
	}
	return u
}

// does runs a program, and returns what it says.
func (u *unpacked) does(name string, args ...string) string {
	u.Helper()
	return does(u.T, name, args...)
}

func does(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput() //nolint:gosec // names from these tests
	if err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// makesUsersAndFolders makes them as postinst does.
func (u *unpacked) makesUsersAndFolders() {
	u.Helper()
	if err := os.Mkdir(filepath.Join(u.root, "etc"), 0o755); err != nil {
		u.Fatal(err)
	}
	u.does("systemd-sysusers", "--root="+u.root, "ringfence.conf")
	u.does("systemd-tmpfiles", "--root="+u.root, "--create", "ringfence.conf")
	for folder, want := range map[string]os.FileMode{"etc/ringfence": 0o770 | os.ModeSetgid, "var/lib/ringfence": 0o700, "var/lib/ringfence-asterisk": 0o750 | os.ModeSetgid} {
		info, err := os.Stat(filepath.Join(u.root, folder))
		if err != nil {
			u.Fatal(err)
		}
		if got := info.Mode() &^ os.ModeDir; got != want {
			u.Errorf("%s has the rights %v, not %v", folder, got, want)
		}
	}
}

// hasUnitsThatSystemdTakes has systemd read the units, and look for the programs that they start.
func (u *unpacked) hasUnitsThatSystemdTakes() {
	u.Helper()
	units, err := filepath.Glob(filepath.Join(u.root, "usr/lib/systemd/system/*"))
	if err != nil || len(units) == 0 {
		u.Fatalf("the package has no units (%v)", err)
	}
	// What any Debian has: what the units come after, and the program that restarts them.
	u.does("sh", "-c", `cp -P /lib/systemd/system/*.target "$0/usr/lib/systemd/system/" && cp "$(command -v systemctl)" "$0/usr/bin/"`, u.root)
	for _, unit := range units {
		if said := u.does("systemd-analyze", "verify", "--root="+u.root, "--man=no", filepath.Base(unit)); said != "" {
			u.Errorf("%s: %s", filepath.Base(unit), said)
		}
	}
}

// try runs the package's program for the household, and returns what it says and whether it ends well.
func (u *unpacked) try(args ...string) (string, bool) {
	u.Helper()
	program := filepath.Join(u.root, "usr/bin/ringfence")
	out, err := exec.Command(program, append([]string{"--config", filepath.Join(u.home, "ringfence.toml"), "--data", filepath.Join(u.home, "data")}, args...)...).CombinedOutput()
	return string(out), err == nil
}

// setsUp answers the questions of the set-up.
func (u *unpacked) setsUp() {
	u.Helper()
	file := filepath.Join(u.home, "answers.toml")
	text := strings.NewReplacer("host0", "127.0.0.1", adapterIP, "127.0.0.2").Replace(answers)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		u.Fatal(err)
	}
	if said, well := u.try("setup", "--no-call", "--answers", file); !well || !strings.Contains(said, "home-hall") {
		u.Fatalf("the set-up says: %s", said)
	}
}

// checks has it check itself: the settings are right, and nothing runs, which it must not call well.
func (u *unpacked) checks() {
	u.Helper()
	if said, well := u.try("check", "--only", "settings"); !well || !strings.Contains(said, "ok    settings") {
		u.Errorf("check of the settings says: %s", said)
	}
	if said, well := u.try("check", "--only", "application"); well || !strings.Contains(said, "FAIL") {
		u.Errorf("check says of an application that does not run: %s", said)
	}
}

// letsNobodyElseWrite walks over what the package has, and what the set-up and the checks have made of it: only root owns the first, nobody but the owner writes
// to any of it, and secrets are for those who need them.
func (u *unpacked) letsNobodyElseWrite() {
	u.Helper()
	for line := range strings.SplitSeq(u.does("dpkg-deb", "--contents", u.deb), "\n") {
		rights, rest, _ := strings.Cut(line, " ")
		if owner, _, _ := strings.Cut(rest, " "); owner != "root/root" || !strings.HasPrefix(rights, "l") && (rights[5] == 'w' || rights[8] == 'w') || strings.ContainsAny(rights, "sS") {
			u.Errorf("the package has %s", line)
		}
	}
	if said, well := u.try("block", "add", "020 7946 0666"); !well { // which makes the data folder, and what is in it
		u.Fatal(said)
	}
	seen := 0
	u.walks(u.home, func(path string, mode os.FileMode) {
		seen++
		switch name, _ := filepath.Rel(u.home, path); {
		case mode.Perm()&0o022 != 0:
			u.Errorf("others than the owner can write %s: %v", name, mode)
		case strings.HasPrefix(name, "ringfence.toml") && mode.Perm()&^0o640 != 0, strings.HasPrefix(name, "data") && mode.Perm()&0o077 != 0:
			u.Errorf("others can read %s: %v", name, mode)
		}
	})
	if seen < 8 {
		u.Errorf("only %d files were found", seen)
	}
	for name, want := range map[string]os.FileMode{"ringfence.toml": 0o640, "data": 0o700, "data/ringfence.db": 0o600} {
		if info, err := os.Stat(filepath.Join(u.home, name)); err != nil || info.Mode().Perm() != want {
			u.Errorf("%s has not the rights %v: %v, %v", name, want, info, err)
		}
	}
}

// walks visits files and folders below one, but no links.
func (u *unpacked) walks(root string, visit func(path string, mode os.FileMode)) {
	u.Helper()
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == root || d.Type()&os.ModeSymlink != 0 {
			return err
		}
		info, err := d.Info()
		if err == nil {
			visit(path, info.Mode())
		}
		return err
	})
	if err != nil {
		u.Error(err)
	}
}
