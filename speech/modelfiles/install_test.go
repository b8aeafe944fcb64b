package modelfiles

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// small is a package like the real ones, and its bytes.
func small(t *testing.T, name string, members map[string]string) (w wheel, archive []byte) {
	t.Helper()
	w = wheel{what: name, requirement: name + "==1", members: map[string]checked{}}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for member, text := range members {
		f, err := z.Create("inside/" + member)
		if err == nil {
			_, err = io.WriteString(f, text)
		}
		if err != nil {
			t.Fatal(err)
		}
		w.members["inside/"+member] = checkedOf(member, []byte(text))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	w.checked = checkedOf(name+".whl", packed.Bytes())
	return w, packed.Bytes()
}

func checkedOf(name string, text []byte) checked {
	hash := sha256.Sum256(text)
	return checked{name, int64(len(text)), hex.EncodeToString(hash[:])}
}

// registry has packages, and counts how often each is downloaded.
type registry struct {
	wheels   []wheel
	archives map[string][]byte
	fetched  map[string]int
}

func newRegistry(t *testing.T) *registry {
	t.Helper()
	r := &registry{archives: map[string][]byte{}, fetched: map[string]int{}}
	for name, members := range map[string]map[string]string{"model": {Encoder: "encodes", Decoder: "decodes"}, "runtime": {Runtime: "runs"}} {
		w, archive := small(t, name, members)
		r.wheels = append(r.wheels, w)
		r.archives[w.name] = archive
	}
	return r
}

func (r *registry) download(_ context.Context, w wheel, folder string, _ io.Writer) error {
	r.fetched[w.what]++
	archive, found := r.archives[w.name]
	if !found {
		return errors.New("no route to host")
	}
	return os.WriteFile(filepath.Join(folder, w.name), archive, 0o600)
}

func (r *registry) source() Source {
	return Source{Progress: io.Discard, download: r.download, wheels: r.wheels}
}

// inFolder has the files installed in a folder of the test's.
func inFolder(t *testing.T) string {
	folder := filepath.Join(t.TempDir(), "below")
	t.Setenv(folderVariable, folder)
	return filepath.Join(folder, "ringfence", "speech")
}

// Whoever names a folder for it may have other things there.
func TestInstallLeavesWhatElseIsInAFolder(t *testing.T) {
	home, r := t.TempDir(), newRegistry(t)
	t.Setenv(folderVariable, home)
	letters := []string{filepath.Join(home, "letter.txt"), filepath.Join(home, "speech", "wedding.txt")}
	if err := os.Mkdir(filepath.Join(home, "speech"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, letter := range letters {
		if err := os.WriteFile(letter, []byte("dear"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Install(t.Context(), r.source()); err != nil {
		t.Error(err)
	}
	for _, letter := range letters {
		if _, err := os.Stat(letter); err != nil {
			t.Error(err)
		}
	}
	t.Setenv(folderVariable, "speech")
	if _, err := Install(t.Context(), r.source()); err == nil || !strings.Contains(err.Error(), "write a whole path") {
		t.Errorf("a folder below wherever the command was typed: %v", err)
	}
}

func TestInstallDownloadsOnce(t *testing.T) {
	folder, r := inFolder(t), newRegistry(t)
	for range 2 {
		if got, err := Install(t.Context(), r.source()); err != nil || got != folder {
			t.Fatalf("%q, %v", got, err)
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, Decoder))
	if err != nil || string(text) != "decodes" || r.fetched["model"] != 1 || r.fetched["runtime"] != 1 {
		t.Errorf("%q, %v, fetched %v", text, err, r.fetched)
	}
	left, err := filepath.Glob(folder + ".*")
	if err != nil || len(left) != 1 { // the lock
		t.Errorf("beside it there is %q", left)
	}
}

// Whoever waits for 117 MB is told what is downloaded. What is there is not downloaded again, and nothing is said of it.
func TestInstallSaysWhatItDownloads(t *testing.T) {
	inFolder(t)
	r := newRegistry(t)
	var said strings.Builder
	s := r.source()
	s.Progress = &said
	for range 2 {
		if _, err := Install(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	want := ""
	for _, w := range r.wheels {
		want += "Downloading " + w.what + ": 1 MB\n"
	}
	if said.String() != want {
		t.Errorf("it says %q, not %q", said.String(), want)
	}
}

// What is packed for others is checked each time: files of the right size may be others, and so may one that nobody has asked for.
func TestWhatIsPackedForOthersIsChecked(t *testing.T) {
	for what, name := range map[string]string{"another of the same size": Decoder, "one more": "libother.so"} {
		folder, r := filepath.Join(t.TempDir(), "files"), newRegistry(t)
		s := r.source()
		s.distrusts = true
		for range 2 {
			if err := s.installOnce(t.Context(), folder); err != nil || r.fetched["model"] != 1 {
				t.Fatalf("%v, fetched %v", err, r.fetched)
			}
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte("DECODES"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.installOnce(t.Context(), folder); err != nil || !s.unchanged(folder) || r.fetched["model"] != 2 {
			t.Errorf("%s: %v, fetched %v", what, err, r.fetched)
		}
	}
}

// What was downloaded before the internet went is not downloaded again.
func TestInstallGoesOnWhereItWasBrokenOff(t *testing.T) {
	folder, r := inFolder(t), newRegistry(t)
	last := r.wheels[1]
	archive := r.archives[last.name]
	delete(r.archives, last.name)
	if _, err := Install(t.Context(), r.source()); err == nil {
		t.Fatal("half of it is not enough")
	}
	if complete(folder, r.wheels) {
		t.Error("half an installation is used")
	}
	r.archives[last.name] = archive
	if _, err := Install(t.Context(), r.source()); err != nil || r.fetched[r.wheels[0].what] != 1 {
		t.Errorf("%v, fetched %v", err, r.fetched)
	}
}

func TestInstallRefusesWhatIsNotWhatItShouldBe(t *testing.T) {
	folder, r := inFolder(t), newRegistry(t)
	name := r.wheels[1].name
	good := r.archives[name]
	other := bytes.Clone(good)
	other[len(other)/2] ^= 1
	r.archives[name] = other
	if _, err := Install(t.Context(), r.source()); err == nil || !strings.Contains(err.Error(), "not what it should be") || complete(folder, r.wheels) {
		t.Fatalf("%v", err)
	}
	r.archives[name] = good
	if _, err := Install(t.Context(), r.source()); err != nil {
		t.Errorf("the right one after the wrong one: %v", err)
	}
}

func TestInstallFromAFolder(t *testing.T) {
	r := newRegistry(t)
	packages, files := t.TempDir(), t.TempDir()
	for _, w := range r.wheels {
		if err := errors.Join(r.download(t.Context(), w, packages, nil), w.unpack(filepath.Join(packages, w.name), files)); err != nil {
			t.Fatal(err)
		}
	}
	for name, from := range map[string]string{"packages": packages, "files": files} {
		folder, s := inFolder(t), r.source()
		s.From = from
		if _, err := Install(t.Context(), s); err != nil || !complete(folder, r.wheels) {
			t.Errorf("%s: %v", name, err)
		}
	}
	inFolder(t)
	s := r.source()
	if s.From = t.TempDir(); err(Install(t.Context(), s)) == nil {
		t.Error("installed from an empty folder")
	}
	if err := os.WriteFile(filepath.Join(files, Decoder), []byte("DECODES"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s.From = files; err(Install(t.Context(), s)) == nil {
		t.Error("installed a file that is another")
	}
}

func err(_ string, err error) error { return err }

func TestEveryKindOfMachineIsSaid(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		needed, err := wheels(arch)
		if err != nil || len(needed) != 2 || len(needed[0].members) != 4 || len(needed[1].members) != 3 {
			t.Errorf("%s: %v", arch, err)
		}
	}
	if _, err := wheels("arm"); err == nil || !strings.Contains(err.Error(), "does not run on this kind of computer") {
		t.Errorf("%v", err)
	}
}

// What is on this machine is what was tested.
func TestInstalledFilesAreTheRightOnes(t *testing.T) {
	folder, err := Find()
	if err != nil {
		t.Skip(err)
	}
	needed, err := wheels(runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range needed {
		for _, f := range w.members {
			if err := f.check(filepath.Join(folder, f.name)); err != nil {
				t.Error(err)
			}
		}
	}
}

// A package or an image of another kind of machine is refused before anything is downloaded.
func TestFetchIsForTheMachinesThatItRunsOn(t *testing.T) {
	if all := Architectures(); !slices.Equal(all, []string{"amd64", "arm64"}) {
		t.Errorf("it runs on %v", all)
	}
	folder := filepath.Join(t.TempDir(), "files")
	err := Fetch(t.Context(), "arm", folder, io.Discard)
	if _, made := os.Stat(folder); err == nil || !strings.Contains(err.Error(), "does not run on this kind of computer (arm)") || made == nil {
		t.Errorf("for arm it says %v, and has made a folder (%v)", err, made)
	}
}
