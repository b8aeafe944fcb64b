package modelfiles

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
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
