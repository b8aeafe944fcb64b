package list_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/sharing/list"
)

// minisignCommand is the command of the minisign that most people have.
func minisignCommand(t *testing.T) func(in string, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath("minisign")
	if err != nil {
		t.Skip("the minisign command is not here; `make test` installs it")
	}
	return func(in string, args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), path, args...)
		cmd.Stdin = strings.NewReader(in)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
}

func TestTheMinisignCommandVerifiesAList(t *testing.T) {
	command := minisignCommand(t)
	dir := t.TempDir()
	public, err := list.WriteKeys(filepath.Join(dir, "key"), "")
	if err != nil {
		t.Fatal(err)
	}
	secret, err := list.ReadKey(filepath.Join(dir, "key"), "")
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, "list")
	publish(t, folder, secret, list.Options{}, entry("+442079460123", 1))
	manifest := filepath.Join(folder, list.ManifestFile)
	for _, key := range [][]string{{"-P", public.String()}, {"-p", filepath.Join(dir, "key.pub")}} {
		out, err := command("", append([]string{"-V", "-m", manifest}, key...)...)
		if err != nil || !strings.Contains(out, "serial:1\tname:Great Dunmow") {
			t.Errorf("%v: %v\n%s", key, err, out)
		}
	}
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manifest, bytes.Replace(text, []byte("Dunmow"), []byte("Dunmov"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := command("", "-V", "-m", manifest, "-P", public.String()); err == nil {
		t.Errorf("a changed manifest is verified:\n%s", out)
	}
	// Our secret key is one of minisign's too.
	if out, err := command("", "-S", "-s", filepath.Join(dir, "key"), "-m", manifest); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if m, err := list.OpenDir(folder, public, list.DefaultLimits()); err != nil || m.Name != "Great Dunmov" {
		t.Errorf("%+v %v", m, err)
	}
}

func TestAListSignedWithTheMinisignCommand(t *testing.T) {
	command := minisignCommand(t)
	_, secret := newKey(t)
	dir := t.TempDir()
	folder := filepath.Join(dir, "list")
	publish(t, folder, secret, list.Options{}, entry("+442079460123", 1))
	key := filepath.Join(dir, "theirs")
	if out, err := command("", "-G", "-W", "-s", key, "-p", key+".pub"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := list.ParseKey(string(public))
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range [][]string{{"-S"}, {"-S", "-l"}} { // hashed, and as old versions signed
		if out, err := command("", append(how, "-s", key, "-m", filepath.Join(folder, list.ManifestFile))...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if m, _ := contents(t, folder, theirs); m.Name != parish.Name {
			t.Errorf("%v: %+v", how, m)
		}
	}
	// Their secret key signs here.
	if err := os.Chmod(key, 0o600); err != nil {
		t.Fatal(err)
	}
	ours, err := list.ReadKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	publish(t, folder, ours, list.Options{}, entry("+442079460124", 1))
	if out, err := command("", "-V", "-m", filepath.Join(folder, list.ManifestFile), "-P", theirs.String()); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
