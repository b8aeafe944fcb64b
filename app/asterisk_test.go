package app

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/asterisk"
	"ringfence/config"
	"ringfence/config/configtest"
	"ringfence/internal/servetest"
)

// asteriskConfig is one with nobody to warn, and the settings from which it is written.
func asteriskConfig(t *testing.T, text string) (AsteriskConfig, config.Settings) {
	t.Helper()
	inst, err := asterisk.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := configtest.Read(t, "[asterisk]\nari = \""+servetest.FreePort(t)+"\"\n"+text)
	return AsteriskConfig{File: s.File, Data: s.Data, Dir: s.AsteriskFolder(), Installation: inst, Warnings: io.Discard}, s
}

// Asterisk starts with the configuration that is there whenever a new one cannot be written, whatever the disk says; with none it cannot.
func TestAConfigurationThatCannotBeWrittenIsTheOneBefore(t *testing.T) {
	t.Parallel()
	c, s := asteriskConfig(t, configtest.Usual)
	if err := c.SetUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	// EISDIR is neither EROFS nor ENOSPC, and no test has a card that fails with EIO.
	inTheWay := filepath.Join(c.Dir, "modules.conf")
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(inTheWay, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	log := servetest.NewText()
	site, err := c.writeOrKeep(t.Context(), s, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil || site.SIPHost == "" || !strings.Contains(log.String(), "starts with the one before") {
		t.Errorf("%v, and the log says %q", err, log.String())
	}
	if err := os.Remove(filepath.Join(c.Dir, "asterisk.conf")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.writeOrKeep(t.Context(), s, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("it starts with nothing")
	}
}

// A weakness is refused at set-up; where telephones have to ring it is warned of.
func TestAWeaknessIsRefusedAtSetUpAlone(t *testing.T) {
	t.Parallel()
	c, s := asteriskConfig(t, strings.Replace(configtest.Usual, "wet herons on 7 walls", "1", 1))
	const words = "the password of the phone hall of home has fewer than 12 characters"
	if err := c.SetUp(t.Context()); err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("set-up says %v", err)
	}
	if err := RefuseWeaknesses(s); err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("serve says %v", err)
	}
	var said strings.Builder
	c.Warnings = &said
	if _, err := c.writeOrKeep(t.Context(), s, slog.New(slog.DiscardHandler)); err != nil || !strings.Contains(said.String(), words) {
		t.Errorf("%v, said %q", err, said.String())
	}
}
