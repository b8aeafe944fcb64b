package prompts

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestLanguages(t *testing.T) {
	if got := Languages(); !slices.Equal(got, []string{"en-GB", "en-US", "fr-FR"}) {
		t.Errorf("the languages are %v", got)
	}
}

func TestText(t *testing.T) {
	for _, test := range []struct {
		language string
		id       ID
		want     string
	}{
		{"en-GB", CallFrom, "A call from"},
		{"en-GB", N7, "seven"},
		{"en-US", Hash, "pound"},
		{"fr-FR", N7, "sept"},
		{"en-GB", "no-such-phrase", ""},
		{"tlh", CallFrom, ""},
	} {
		if got := Text(test.language, test.id); got != test.want {
			t.Errorf("%s in %s is %q, want %q", test.id, test.language, got, test.want)
		}
	}
	for _, language := range Languages() {
		for _, id := range All() {
			if Text(language, id) == "" {
				t.Errorf("%s has no words in %s", id, language)
			}
		}
	}
}

// What the scripts of a call and the dialplan rely on: these phrases are there by these names.
func TestTheInspectionSentence(t *testing.T) {
	const want = "Thank you, but we are already aware of this matter, and we have arranged for someone to come and inspect the machine."
	if got := Text("en-GB", Inspection); len(got) < len(want) || got[:len(want)] != want {
		t.Errorf("the inspection message is %q", got)
	}
}

func TestDurationIsThatOfTheSound(t *testing.T) {
	computes(t)
	for _, language := range Languages() {
		for _, id := range append(All(), made...) {
			for _, rate := range []Rate{Narrow, Wide} {
				s := parse(t, Recording(language, id, rate))
				want := time.Duration(len(s.samples)) * time.Second / time.Duration(s.rate)
				if got := Duration(language, id); (got - want).Abs() > time.Millisecond {
					t.Errorf("%s in %s at %d Hz takes %s, Duration says %s", id, language, rate, want, got)
				}
			}
		}
	}
}

func TestAPhraseThatIsNotThere(t *testing.T) {
	for _, test := range []struct {
		language string
		id       ID
	}{{"en-GB", "no-such-phrase"}, {"tlh", Goodbye}, {"..", "en-GB/goodbye"}} {
		if Recording(test.language, test.id, Narrow) != nil || Duration(test.language, test.id) != 0 {
			t.Errorf("%s in %s has a recording", test.id, test.language)
		}
	}
}

func TestWriteGivesAsteriskEveryRecording(t *testing.T) {
	computes(t)
	dir := filepath.Join(t.TempDir(), "sounds")
	if err := Write(dir); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, language := range Languages() {
		for _, id := range append(All(), made...) {
			for ending, rate := range map[string]Rate{".wav": Narrow, ".wav16": Wide} {
				name := filepath.Join(language, string(id)+ending)
				want[name] = true
				content, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				if s := parse(t, content); s.rate != rate || !bytes.Equal(content, Recording(language, id, rate)) {
					t.Errorf("%s is not the recording at %d Hz", name, rate)
				}
			}
		}
	}
	for name, info := range files(t, dir) {
		if !want[name] && name != ".written" { // which recordings these are, where they were unpacked
			t.Errorf("Write has left %s", name)
		}
		if info.Mode() != 0o644 { // Asterisk may run as another user
			t.Errorf("%s has the mode %s, want 0644", name, info.Mode())
		}
	}
}

func TestWriteReplacesOnlyWhatHasChanged(t *testing.T) {
	dir := t.TempDir()
	if err := Write(dir); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	changed, played := filepath.Join("en-GB", "busy.wav"), filepath.Join(dir, "en-GB", "busy.wav")
	if err := os.WriteFile(played, []byte("older words"), 0o600); err != nil {
		t.Fatal(err)
	}
	// An Asterisk that has the older recording open goes on playing it.
	open, err := os.Open(played)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = open.Close() }() // it was only read
	if err := Write(dir); err != nil {
		t.Fatal(err)
	}
	after := files(t, dir)
	if len(after) != len(before) {
		t.Errorf("there are %d files, and were %d", len(after), len(before))
	}
	for name, info := range after {
		if untouched := os.SameFile(info, before[name]) && info.ModTime().Equal(before[name].ModTime()); untouched == (name == changed) {
			t.Errorf("%s: left alone is %v", name, untouched)
		}
	}
	if now, err := os.ReadFile(played); err != nil || !bytes.Equal(now, Recording("en-GB", "busy", Narrow)) {
		t.Errorf("the changed recording was not replaced (%v)", err)
	}
	heard := make([]byte, 20)
	if n, _ := open.Read(heard); string(heard[:n]) != "older words" {
		t.Errorf("the file was changed under the player, who reads %q", heard[:n])
	}
}

func TestWriteSaysWhereItCannotWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sounds")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(file); err == nil {
		t.Error("Write has written into a file")
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "en-GB", "busy.wav", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir); err == nil {
		t.Error("Write has written over a folder")
	}
	for name := range files(t, dir) {
		if filepath.Base(name)[0] == '.' {
			t.Errorf("Write has left %s behind", name)
		}
	}
}

// files lists what is below dir, by path within it.
func files(t *testing.T, dir string) map[string]os.FileInfo {
	t.Helper()
	found := map[string]os.FileInfo{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			name, _ := filepath.Rel(dir, path)
			found[name] = info
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
