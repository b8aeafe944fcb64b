package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/config"
	"ringfence/config/configtest"
)

// A change is reported once, after two looks have found it; a wrong one with its line.
func TestAChangedFileIsToldOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ringfence.toml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(configtest.Usual)
	w := config.Watch(file, "/data")
	for i, step := range []struct {
		text    string // "" leaves the file as it is
		changed bool
		wrong   string
	}{
		{"", false, ""},
		{"keep_days = 5\n" + configtest.Usual, false, ""},
		{"keep_days = 7\n" + configtest.Usual, false, ""}, // still being written
		{"", true, ""},
		{"", false, ""},
		{"\n\nkeep_dogs = 7\n" + configtest.Usual, false, ""},
		{"", true, `line 3: there is no setting called "keep_dogs"`},
		{"", false, ""},
	} {
		if step.text != "" {
			write(step.text)
		}
		s, changed, err := w.Changed()
		if changed != step.changed || step.wrong == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), step.wrong) {
			t.Errorf("step %d: %v %v", i, changed, err)
		}
		if changed && err == nil && (s.KeepDays != 7 || s.Data != "/data" || s.File != file) {
			t.Errorf("step %d: %+v", i, s)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	_, first, _ := w.Changed()
	_, second, err := w.Changed()
	if first || !second || !errors.Is(err, config.ErrNoHousehold) {
		t.Errorf("a file that has gone: %v %v %v", first, second, err)
	}
}

// Without a household there is what the file says nevertheless.
func TestNotSetUp(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "ringfence.toml")
	s, err := config.Read(file, "")
	if !errors.Is(err, config.ErrNoHousehold) || s.Data != config.Defaults().Data || s.File != file || s.Web.Listen != config.Defaults().Web.Listen {
		t.Errorf("no file: %+v %v", s, err)
	}
	if err := os.WriteFile(file, []byte("[web]\nlisten = \"127.0.0.1:9\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err = config.Read(file, dir); !errors.Is(err, config.ErrNoHousehold) || s.Web.Listen != "127.0.0.1:9" || s.Data != dir {
		t.Errorf("no household: %+v %v", s, err)
	}
	if err := os.WriteFile(file, []byte("[web]\nlisten = \"0.0.0.0:80\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = config.Read(file, dir); err == nil || errors.Is(err, config.ErrNoHousehold) {
		t.Errorf("what is wrong is refused all the same: %v", err)
	}
}
