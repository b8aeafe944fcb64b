package store

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/store/datafolder"
)

// onDisk is a small disk of its own with a data folder and a database that was made there.
func onDisk(t *testing.T) (at, data string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	at = t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", at).CombinedOutput(); err != nil {
		t.Skipf("nothing can be mounted here: %v %s", err, out)
	}
	t.Cleanup(func() { must(t, exec.Command("umount", at).Run()) })
	data = filepath.Join(at, "data")
	must(t, datafolder.Make(data))
	s, err := Open(t.Context(), filepath.Join(data, "ringfence.db"))
	must(t, err)
	must(t, s.EnsureHousehold(t.Context(), "home"))
	must(t, s.Close())
	return at, data
}

func fill(t *testing.T, at string) {
	t.Helper()
	f, err := os.Create(filepath.Join(at, "filling"))
	must(t, err)
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	must(t, f.Close())
}

func saysOf(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "somebody else") {
		t.Errorf("it says %v, not %q", err, words)
	}
}

// A disk that can only be read is nobody else's.
func TestAReadOnlyDiskIsCalledSo(t *testing.T) {
	at, data := onDisk(t)
	must(t, exec.Command("mount", "-o", "remount,ro", at).Run())
	must(t, datafolder.Make(data)) // nothing has to be changed
	saysOf(t, datafolder.Make(filepath.Join(at, "another", "folder")), "on a disk that can only be read")
	_, err := Open(t.Context(), filepath.Join(data, "ringfence.db"))
	saysOf(t, err, "on a disk that can only be read")
}

func TestAFullDiskIsCalledSo(t *testing.T) {
	at, data := onDisk(t)
	s, err := Open(t.Context(), filepath.Join(data, "ringfence.db"))
	must(t, err)
	fill(t, at)
	for err == nil {
		err = s.AddAuditLine(t.Context(), &AuditLine{By: ByCommand, What: "test", Text: strings.Repeat("a long one ", 90)})
	}
	saysOf(t, s.InWords(err), "is full: delete something")
	_ = s.Close() // which cannot tidy up
	_, err = Open(t.Context(), filepath.Join(at, "new.db"))
	saysOf(t, err, "is full: delete something")
}

func TestAMigrationThatFailsIsSaidInWords(t *testing.T) {
	s, path := open(t)
	_, err := s.write.Exec("DELETE FROM goose_db_version WHERE version_id >= 32")
	must(t, err)
	_, err = Open(t.Context(), path)
	saysOf(t, err, "could not be brought up to date, and is as it was: install the Ringfence from before again")
}
