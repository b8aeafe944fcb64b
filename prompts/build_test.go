package prompts

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The tests of this file build the package as it would be with another file in the place of one (go build -overlay): the
// checkout is not touched.

func TestPhrasesGoIsUpToDate(t *testing.T) {
	made := generate(t, nil)
	now, err := os.ReadFile("phrases.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, now) {
		t.Error("phrases.go does not fit the words: run `go generate ./prompts`")
	}
}

func TestAPhraseWithoutARecordingDoesNotBuild(t *testing.T) {
	for _, missing := range []string{"en-GB/goodbye.wav", "en-GB/goodbye.wav16", "en-GB.toml", "en-US/n7.wav", "fr-FR/call-from.wav16", "fr-FR.toml"} {
		t.Run("without "+missing, func(t *testing.T) {
			out, err := build(t, map[string]string{missing: ""})
			if err == nil || !strings.Contains(out, missing+": no matching files found") {
				t.Errorf("the build says %q (%v)", out, err)
			}
		})
	}
	t.Run("with a new phrase", func(t *testing.T) {
		phrases := filepath.Join(t.TempDir(), "phrases.go")
		if err := os.WriteFile(phrases, generate(t, []byte("\n[more]\nring-later = \"Please ring later.\"\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := build(t, map[string]string{"phrases.go": phrases})
		if err == nil || !strings.Contains(out, "en-GB/ring-later.wav: no matching files found") {
			t.Errorf("the build says %q (%v)", out, err)
		}
	})
	t.Run("with all recordings", func(t *testing.T) {
		if out, err := build(t, nil); err != nil {
			t.Errorf("the build says %q", out)
		}
	})
}

// generate is what "go generate" makes of the words, with more words behind those of British English.
func generate(t *testing.T, more []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	for _, language := range Languages() {
		words, err := os.ReadFile(language + ".toml")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, language+".toml"), append(words, more...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "go", "run", "./internal/phrases", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	made, err := os.ReadFile(filepath.Join(dir, "phrases.go"))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// build compiles the package with files replaced; "" takes a file away.
func build(t *testing.T, replaced map[string]string) (string, error) {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	absolute := map[string]string{}
	for file, other := range replaced {
		absolute[filepath.Join(here, file)] = other
	}
	overlay, err := json.Marshal(map[string]any{"Replace": absolute})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", file, ".").CombinedOutput()
	return string(out), err
}
