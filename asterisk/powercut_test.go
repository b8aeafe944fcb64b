package asterisk

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A root folder is on the disk before it is in its place: a power cut just after leaves no Asterisk with empty files. The machine's folder is on a
// file system of its own, whose image is copied as it is, and then mounted.
func TestARootFolderOutlivesAPowerCut(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	tool := map[string]string{}
	for _, name := range []string{"mkfs.ext4", "mount", "umount", "cp"} { // found before the PATH is the fake machine's
		path, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("there is no %s", name)
		}
		tool[name] = path
	}
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.Command(tool[name], args...).CombinedOutput(); err != nil {
			t.Fatalf("%s %v: %v: %s", name, args, err, out)
		}
	}
	mount := func(image, at string) {
		t.Helper()
		run("mount", "-o", "loop,commit=300", image, at) // so that nothing is written while it is copied
		t.Cleanup(func() { run("umount", at) })
	}
	m, dir := newMachine(t), t.TempDir()
	disk, after, at := filepath.Join(dir, "disk"), filepath.Join(dir, "after"), filepath.Join(dir, "mounted")
	m.write(disk, "")
	if err := os.Truncate(disk, 64<<20); err != nil {
		t.Fatal(err)
	}
	run("mkfs.ext4", "-q", disk)
	m.folder(m.file(machineFolder))
	m.folder(at)
	mount(disk, m.file(machineFolder))
	m.hasMmdebstrap("")
	inst, err := m.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run("cp", "--sparse=always", disk, after)
	mount(after, at)
	place, err := filepath.Rel(m.sharedRoot(), inst.Program[0])
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(at, filepath.Base(m.sharedRoot())+".unfinished", "root", place))
	if err != nil { // the move itself is there, or not yet
		text, err = os.ReadFile(filepath.Join(at, filepath.Base(m.sharedRoot()), place))
	}
	if err != nil || !strings.Contains(string(text), "Asterisk 22") {
		t.Errorf("after a power cut Asterisk's program holds %q (%v)", text, err)
	}
}
