package asterisk

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// packaged is a machine with Ringfence's package, and an Asterisk of its own that was fetched with these packages in it.
func packaged(t *testing.T, packages string) *fakeMachine {
	t.Helper()
	m := newMachine(t)
	m.folder(m.file(machineFolder))
	m.hasMmdebstrap("")
	if inst, err := m.get(t.Context()); err != nil || inst.Origin != "machine" || !strings.HasPrefix(inst.Program[0], m.sharedRoot()) {
		t.Fatalf("got %+v (%v)", inst, err)
	}
	m.write(filepath.Join(m.sharedRoot(), "var/lib/dpkg/status"), packages)
	return m
}

// The package's services find their Asterisk, which is not in root's cache: a service has no home.
func TestThePackagesAsteriskIsForAllOfTheMachine(t *testing.T) {
	m := packaged(t, "")
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	m.root = false
	if inst, err := m.find(t.Context()); err != nil || inst.Origin != "machine" {
		t.Errorf("a service finds %+v (%v)", inst, err)
	}
	if err := os.RemoveAll(m.sharedRoot()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.find(t.Context()); !errors.Is(err, ErrAbsent) {
		t.Errorf("without any, it finds %v", err)
	}
	if _, err := m.get(t.Context()); err == nil || !strings.Contains(err.Error(), "sudo ringfence asterisk install") {
		t.Errorf("who is not root is told %v", err)
	}
}

func TestUpgradeLeavesAnAsteriskThatIsNewEnough(t *testing.T) {
	m := packaged(t, "")
	// The root folder that hasMmdebstrap makes has no list of packages.
	m.has("mmdebstrap", strings.Replace(fakeRoot(), "usr/sbin/asterisk ", "usr/sbin/asterisk var/lib/dpkg/status ", 1))
	up, err := m.prepareUpgrade(t.Context(), m.said)
	if up != nil || err != nil {
		t.Errorf("an upgrade to the same: %+v (%v)", up, err)
	}
	if names := entries(t, m.file(machineFolder)); strings.Contains(names, "next") || strings.Contains(names, "unfinished") {
		t.Errorf("it has left %s", names)
	}
}

// What mmdebstrap notes of the packages that it has downloaded is what an upgrade compares.
func TestVersionsAreNoted(t *testing.T) {
	root := t.TempDir()
	for _, folder := range []string{"var/cache/apt/archives", "var/lib/dpkg"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{"asterisk": "1:22.10.1~dfsg+~cs6.15.60671435-1", "libc6": "2.42-4"}
	for name, version := range want {
		source := t.TempDir()
		if err := os.Mkdir(filepath.Join(source, "DEBIAN"), 0o755); err != nil {
			t.Fatal(err)
		}
		control := "Package: " + name + "\nVersion: " + version + "\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: nothing\n"
		if err := os.WriteFile(filepath.Join(source, "DEBIAN/control"), []byte(control), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("dpkg-deb", "--root-owner-group", "--build", source, filepath.Join(root, "var/cache/apt/archives", name+".deb")).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if out, err := exec.Command("sh", "-c", noteVersions, "exec", root).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got, err := packageVersions(root); err != nil || !maps.Equal(got, want) {
		t.Errorf("%v (%v), want %v", got, err, want)
	}
}

func TestUpgradeSwitchesAndGoesBack(t *testing.T) {
	m := packaged(t, "older")
	up, err := m.prepareUpgrade(t.Context(), m.said)
	if err != nil || up == nil {
		t.Fatalf("no upgrade: %v", err)
	}
	kept := func() string {
		text, err := os.ReadFile(filepath.Join(m.sharedRoot(), "var/lib/dpkg/status"))
		if err != nil {
			return "newer"
		}
		return string(text)
	}
	if kept() != "older" || !strings.HasPrefix(up.Installation.Program[0], m.sharedRoot()+".next/") {
		t.Errorf("before the switch %s is in place, and the new one is %s", kept(), up.Installation.Program[0])
	}
	if err := up.Switch(); err != nil || kept() != "newer" {
		t.Errorf("after it %s is in place (%v)", kept(), err)
	}
	if err := up.GoBack(); err != nil || kept() != "older" {
		t.Errorf("after going back %s is in place (%v)", kept(), err)
	}
	if err := up.Close(); err != nil {
		t.Error(err)
	}
	if names := entries(t, m.file(machineFolder)); strings.Contains(names, "next") || strings.Contains(names, "before") {
		t.Errorf("it has left %s", names)
	}
}

// A mirror that is behind, or somebody who plays an old one, brings no mended fault back.
func TestUpgradeNeverGoesBack(t *testing.T) {
	dpkg, err := exec.LookPath("dpkg")
	if err != nil {
		t.Skip("only Debian has dpkg")
	}
	packages := func(libc, asterisk string) string {
		return "Package: libc6\nVersion: " + libc + "\n\nPackage: asterisk\nStatus: install ok installed\nVersion: " + asterisk + "\n\n"
	}
	m := packaged(t, packages("2.41-9", "1:22.10.1"))
	if err := os.Symlink(dpkg, filepath.Join(m.programs, "dpkg")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ libc, asterisk, older string }{
		{"2.41-10", "1:22.9.4", "asterisk"}, {"2.41-8", "1:22.11.0", "libc6"}, {"2.41-10", "1:22.10.1", ""}, {"2.41-9", "1:22.10.1+deb1", ""},
	} {
		list := filepath.Join(t.TempDir(), "status")
		m.write(list, packages(test.libc, test.asterisk))
		with := strings.Replace(fakeRoot(), "tar -C", `mkdir -p "$new/var/lib/dpkg" && cat "`+list+`" > "$new/var/lib/dpkg/status"`+"\ntar -C", 1)
		m.has("mmdebstrap", with)
		up, err := m.prepareUpgrade(t.Context(), m.said)
		switch {
		case test.older != "":
			if up != nil || err == nil || !strings.Contains(err.Error(), "an older "+test.older+" than") {
				t.Errorf("%+v: %+v (%v)", test, up, err)
			}
		case up == nil || err != nil:
			t.Errorf("%+v: %+v (%v)", test, up, err)
		default:
			if err := up.Close(); err != nil {
				t.Error(err)
			}
		}
		if names := entries(t, m.file(machineFolder)); strings.Contains(names, "next") {
			t.Errorf("it has left %s", names)
		}
	}
}

func TestUpgradeLeavesTheDistributionsPackageToApt(t *testing.T) {
	m := newMachine(t)
	m.hasAsterisk("22.1.0")
	if _, err := m.prepareUpgrade(t.Context(), m.said); !errors.Is(err, ErrPackaged) {
		t.Errorf("it says %v", err)
	}
}

func entries(t *testing.T, folder string) string {
	t.Helper()
	all, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}
