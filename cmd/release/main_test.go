package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"aead.dev/minisign"

	"ringfence/licences"
	"ringfence/sharing/list"
)

// A release's checksums hold and are signed, its bill names every module whose licence is handed on, and a second run gives the same bytes.
func TestReleaseIsCompleteAndTheSameTwice(t *testing.T) {
	folder, key := t.TempDir(), filepath.Join(t.TempDir(), "key")
	public, err := list.WriteKeys(key, "")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-o", filepath.Join(folder, "ringfence-linux-amd64"), ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	speechPackage(t, folder, "licences of the model", "licences of others")
	t.Chdir("../..")
	made := map[string]string{}
	for run := range 2 {
		if err := complete(folder, key); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{licencesFile, sumsFile, sumsFile + ".minisig", "ringfence-linux-amd64.cdx.json", "ringfence-speech_1_amd64.cdx.json"} {
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			if run > 0 && made[name] != string(text) {
				t.Errorf("%s is not the same twice", name)
			}
			made[name] = string(text)
		}
	}
	if !minisign.Verify(public, []byte(made[sumsFile]), []byte(made[sumsFile+".minisig"])) {
		t.Error("the signature does not hold")
	}
	check := exec.Command("sha256sum", "--check", "--strict", sumsFile)
	check.Dir = folder
	if out, err := check.CombinedOutput(); err != nil || !strings.Contains(string(out), "ringfence-linux-amd64.cdx.json: OK") {
		t.Errorf("the checksums: %v: %s", err, out)
	}
	if !strings.Contains(made[licencesFile], "Apache License") || !strings.Contains(made[licencesFile], licences.Text) ||
		!strings.HasSuffix(made[licencesFile], "licences of the model\nlicences of others") {
		t.Error("licences are missing")
	}
	var b bill
	if err := json.Unmarshal([]byte(made["ringfence-linux-amd64.cdx.json"]), &b); err != nil || b.Format != "CycloneDX" {
		t.Fatalf("the bill: %v", err)
	}
	names := map[string]string{}
	for _, c := range b.Components {
		if len(c.Licences) != 1 || c.Version == "" {
			t.Errorf("%s %s is under %v", c.Name, c.Version, c.Licences)
			continue
		}
		names[c.Name] = c.Licences[0].License.ID
	}
	if names["aead.dev/minisign"] != "MIT" || names["std"] != "BSD-3-Clause" || len(b.Dependencies) != 1 || len(b.Dependencies[0].DependsOn) != len(b.Components) {
		t.Errorf("the bill has %v", names)
	}
	hasModelAndRuntime(t, made["ringfence-speech_1_amd64.cdx.json"])
}

// hasModelAndRuntime checks the bill of the package of speech recognition.
func hasModelAndRuntime(t *testing.T, text string) {
	t.Helper()
	var b bill
	if err := json.Unmarshal([]byte(text), &b); err != nil || b.Format != "CycloneDX" || b.Metadata.Component.Name != "ringfence-speech" || len(b.Components) != 2 {
		t.Fatalf("the bill of speech recognition: %v: %s", err, text)
	}
	for i, want := range []component{
		{Type: "machine-learning-model", PURL: "pkg:pypi/moonshine-voice@0.0.62"}, {Type: "library", PURL: "pkg:pypi/onnxruntime@1.32.0"},
	} {
		if c := b.Components[i]; c.Type != want.Type || c.PURL != want.PURL || c.Licences[0].License.ID != "MIT" || len(c.Hashes) != 1 || len(c.Hashes[0].Content) != 64 {
			t.Errorf("the bill of speech recognition has %+v", c)
		}
	}
}

// speechPackage makes a package of speech recognition with nothing but its licences.
func speechPackage(t *testing.T, folder string, texts ...string) {
	t.Helper()
	root := t.TempDir()
	files := map[string]string{"./DEBIAN/control": "Package: ringfence-speech\nVersion: 1\nArchitecture: amd64\nMaintainer: Us <us@localhost>\nDescription: speech\n"}
	for i, name := range speechLicences {
		files[name] = texts[i]
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil { //nolint:gosec // as in a package
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("dpkg-deb", "--root-owner-group", "--build", root, filepath.Join(folder, "ringfence-speech_1_amd64.deb")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func TestAReleaseWithoutProgramsIsRefused(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if _, err := list.WriteKeys(key, ""); err != nil {
		t.Fatal(err)
	}
	t.Chdir("../..")
	if err := complete(t.TempDir(), key); err == nil || !strings.Contains(err.Error(), "there is no ringfence-linux") {
		t.Errorf("it says %v", err)
	}
}
