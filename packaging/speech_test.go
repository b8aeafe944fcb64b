package packaging

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/app"
)

// The package of speech recognition has what its folder of files has, says under which licences, and is the same twice. These files are not the real
// ones, which have to be downloaded.
func TestSpeechPackageHasWhatItShould(t *testing.T) {
	t.Parallel()
	files := t.TempDir()
	library, err := os.ReadFile("/bin/sleep") // that wants the C library, as the real one does
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"encoder_model.ort": []byte("encodes"), "tokenizer.bin": []byte("words"), "libonnxruntime.so.1.32.0": library,
		"LICENSE.moonshine":                 []byte("MIT License\n\nCopyright (c) 2025 Moonshine AI\n\nDo what you like.\n\nNo warranty.\n\n"),
		"LICENSE.onnxruntime":               []byte("MIT License\n\nCopyright (c) Microsoft Corporation\n\nDo as you please.\n"),
		"ThirdPartyNotices.onnxruntime.txt": []byte("of others"),
	} {
		if err := os.WriteFile(filepath.Join(files, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var made [2][]byte
	var deb string
	for i := range made {
		deb = does(t, "./build-speech-deb", t.TempDir(), "amd64", files, "7.8.9")
		if made[i], err = os.ReadFile(deb); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(made[0], made[1]) {
		t.Error("two packages of the same commit differ")
	}
	if filepath.Base(deb) != "ringfence-speech_7.8.9_amd64.deb" {
		t.Errorf("the package is called %s", deb)
	}
	listed := does(t, "dpkg-deb", "--contents", deb)
	for line := range strings.Lines(listed) {
		if fields := strings.Fields(line); fields[1] != "root/root" || fields[0][0] != 'l' && (fields[0][5] == 'w' || fields[0][8] == 'w') {
			t.Errorf("others may change %s", line)
		}
	}
	for _, file := range []string{"encoder_model.ort", "tokenizer.bin", "libonnxruntime.so.1.32.0", "LICENSE.moonshine", "ThirdPartyNotices.onnxruntime.txt"} {
		if !strings.Contains(listed, "-rw-r--r-- ") || !strings.Contains(listed, " ./usr/lib/ringfence/speech/"+file) {
			t.Errorf("the package lacks %s:\n%s", file, listed)
		}
	}
	// The first that looks for it: whoever goes back to an older Ringfence keeps speech recognition.
	if info := does(t, "dpkg-deb", "--info", deb); !strings.Contains(info, "Depends: ringfence (>= 0.1.0), libc6 (>= 2.") {
		t.Errorf("the package says\n%s", info)
	}
	root := t.TempDir()
	does(t, "dpkg-deb", "--extract", deb, root)
	text, err := os.ReadFile(filepath.Join(root, "usr/share/doc/ringfence-speech/copyright"))
	for _, want := range []string{"Copyright: 2025 Moonshine AI\nLicense: MIT\n Do what you like.\n .\n No warranty.\n\n", "Copyright: Microsoft Corporation\nLicense: MIT\n Do as you please.\n"} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("its copyright lacks %q (%v):\n%s", want, err, text)
		}
	}
	if text, err := os.ReadFile(filepath.Join(root, "usr/share/doc/ringfence-speech/ThirdPartyNotices.onnxruntime.txt")); err != nil || string(text) != "of others" {
		t.Errorf("the notices are %q (%v)", text, err)
	}
}

// The program finds what the package has where it is installed, and reads a recording with it. Both packages are unpacked, and laid over the machine's
// own /usr/lib, for this test alone.
func TestUnpackedSpeechPackageIsUsed(t *testing.T) {
	if os.Getenv(packagesIn) == "" {
		t.Skip("make package-test runs this")
	}
	root, home := t.TempDir(), t.TempDir()
	for _, name := range []string{"ringfence", "ringfence-speech"} {
		does(t, "dpkg-deb", "--extract", packageOf(name, app.Release), root)
	}
	read := func(mount string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "unshare", "--mount", "sh", "-ec", mount+` exec "$0/usr/bin/ringfence" --config "$1/none.toml" --data "$1" speech read ../softphone/voices/microsoft.wav`, root, home) //nolint:gosec // the test's own
		cmd.Env = append(os.Environ(), "RINGFENCE_SPEECH=", "XDG_CACHE_HOME="+home)
		said, err := cmd.CombinedOutput()
		return string(said), err
	}
	switch said, err := read(""); {
	case err == nil:
		t.Skip("this machine has speech recognition already, which would be used")
	case !strings.Contains(said, "speech recognition is not installed"):
		t.Errorf("without the package it says %v: %s", err, said)
	}
	said, err := read(`mount -t overlay -o lowerdir="$0/usr/lib:/usr/lib" overlay /usr/lib;`)
	if err != nil || !strings.Contains(said, "my name is Steve from Microsoft Windows") {
		t.Errorf("with the package it reads: %v: %s", err, said)
	}
}
