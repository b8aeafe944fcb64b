package prompts

import (
	"os"
	"path/filepath"
	"testing"
)

// A folder that has everything is left as it is at the next start, without unpacking or reading it; one that lacks a file, or has another's, is not.
func TestUnpackedRecordingsAreLeftAsTheyAre(t *testing.T) {
	dir := t.TempDir()
	if areWritten(dir) {
		t.Fatal("an empty folder has everything")
	}
	if err := Write(dir); err != nil || !areWritten(dir) {
		t.Fatalf("a folder that was written lacks something (%v)", err)
	}
	file := fileOf(dir, "fr-FR", "goodbye", Wide)
	if err := os.Truncate(file, 100); err != nil || areWritten(dir) {
		t.Errorf("a file that is cut off is not noticed (%v)", err)
	}
	if err := os.Remove(file); err != nil || areWritten(dir) {
		t.Errorf("a file that is missing is not noticed (%v)", err)
	}
	if err := os.WriteFile(filepath.Join(dir, writtenFile), []byte("older"), 0o600); err != nil || areWritten(dir) {
		t.Errorf("other recordings are not noticed (%v)", err)
	}
}
