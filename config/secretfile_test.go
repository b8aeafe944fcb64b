package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/config"
	"ringfence/config/configtest"
)

// A password's file that root can read, and the user who runs Asterisk cannot, is said, with the command that opens it to that user alone.
func TestAPasswordFileThatAsterisksUserCannotRead(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files to others")
	}
	const nobody = 65534
	dir, err := os.MkdirTemp("/tmp", "ringfence-test-") //nolint:usetesting // those of t.TempDir are below one that nobody else gets into
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	file := filepath.Join(dir, "hall-password")
	text := strings.Replace(configtest.Usual, `"wet herons on 7 walls"`, `"file:`+file+`"`, 1)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s := configtest.Read(t, text)
	s.Data = filepath.Join(dir, "data")
	must(os.Chmod(dir, 0o755)) //nolint:gosec // so that the file alone is in the way
	must(os.WriteFile(file, []byte("wet herons on 7 walls\n"), 0o600))
	if problems := s.Problems(); len(problems) > 0 {
		t.Errorf("before Asterisk has a folder: %+v", problems)
	}
	must(os.MkdirAll(s.AsteriskFolder(), 0o700))
	must(os.Chown(s.AsteriskFolder(), nobody, nobody))
	says := func(words string) {
		t.Helper()
		problems := s.Problems()
		if words == "" && len(problems) > 0 || words != "" && (len(problems) != 1 || problems[0].Kind != config.Wrong || !strings.Contains(problems[0].Sentence, words)) {
			t.Errorf("%+v, not %q", problems, words)
		}
	}
	says("the password of the phone hall of home is to be in " + file + ", which the user nobody cannot read: type `sudo chgrp nogroup " + file + " && sudo chmod 640 " + file + "`")
	must(os.Chown(file, 0, nobody))
	must(os.Chmod(file, 0o640))
	says("")
	must(os.Chmod(dir, 0o700))
	says("sudo chmod 750 " + dir)
}
