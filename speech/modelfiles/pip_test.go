package modelfiles

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Whoever types the command as root may stand in a folder that others write to.
func TestPipIsNotTakenFromWhereTheCommandIsTyped(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip(err)
	}
	downloads, ran := t.TempDir(), filepath.Join(t.TempDir(), "ran")
	t.Chdir(t.TempDir())
	if err := os.WriteFile("pip.py", []byte("import os\nopen(os.environ['RAN'], 'w')\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("RAN", ran)
	out, err := pipCommand(t.Context(), downloads, "--version").CombinedOutput()
	t.Logf("%s %v", out, err) // pip may be missing
	if _, err := os.Stat(ran); err == nil {
		t.Error("a file pip.py where the command was typed was run")
	}
}

// pip says nothing itself while it downloads into a file of its own choice.
func TestProgressIsSaidEveryThreeSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		file := filepath.Join(folder, "pip-unpack", "model.whl")
		if err := errors.Join(os.Mkdir(filepath.Dir(file), 0o700), os.WriteFile(file, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		stop := showProgress(&said, folder, 6_500_000)
		for _, size := range []int64{2_100_000, 6_100_000} {
			if err := os.Truncate(file, size); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Second)
			synctest.Wait()
		}
		stop()
		if want := "  2 of 7 MB\n  6 of 7 MB\n"; said.String() != want {
			t.Errorf("it says %q, not %q", said.String(), want)
		}
	})
}
