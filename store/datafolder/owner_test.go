package datafolder

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What root makes in a service's folder is the service's. A link to a file of root's, which the service may have made, is left as it is.
func TestWhatRootMakesIsGivenToTheFoldersOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	const service = 10100
	folder := filepath.Join(t.TempDir(), "data")
	secret := filepath.Join(filepath.Dir(folder), "secret")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(folder, "recordings"), 0o700))
	must(os.WriteFile(filepath.Join(folder, "recordings", "1.wav"), nil, 0o600))
	must(os.WriteFile(secret, nil, 0o600))
	must(os.Symlink(secret, filepath.Join(folder, "symbolic")))
	must(os.Link(secret, filepath.Join(folder, "hard")))
	must(GiveToOwner(folder)) // root's own
	check := func(path string, want uint32) {
		t.Helper()
		info, err := os.Lstat(path)
		must(err)
		if stat, is := info.Sys().(*syscall.Stat_t); !is || stat.Uid != want || stat.Gid != want {
			t.Errorf("%s belongs to %d, not to %d", path, stat.Uid, want)
		}
	}
	check(filepath.Join(folder, "recordings"), 0)
	must(os.Chown(folder, service, service))
	must(GiveToOwner(folder))
	check(filepath.Join(folder, "recordings"), service)
	check(filepath.Join(folder, "recordings", "1.wav"), service)
	check(secret, 0)
	must(GiveToOwner(filepath.Join(folder, "none")))
}
