package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringfence/asterisk"
	"ringfence/internal/servetest"
)

// Asterisk starts with the configuration that is there whenever a new one cannot be written, whatever the disk says; with none it cannot.
func TestAConfigurationThatCannotBeWrittenIsTheOneBefore(t *testing.T) {
	t.Parallel()
	h := newHome(t, "[asterisk]\nari = \""+servetest.FreePort(t)+"\"\n"+usualSettings)
	dir := filepath.Join(t.TempDir(), "asterisk")
	h.says(exitDone, dir, "asterisk", "config", dir)
	inst, err := asterisk.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// EISDIR is neither EROFS nor ENOSPC, and no test has a card that fails with EIO.
	inTheWay := filepath.Join(dir, "modules.conf")
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(inTheWay, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	log := servetest.NewText()
	p := &program{Config: h.config, Data: h.data, err: io.Discard}
	rings := func(s settings, ariPassword string) (asterisk.Site, error) {
		return s.SiteThatRings(ariPassword, io.Discard)
	}
	site, err := p.writeOrUseThere(t.Context(), dir, inst, slog.New(slog.NewTextHandler(log, nil)), rings)
	if err != nil || site.SIPHost == "" || !strings.Contains(log.String(), "starts with the one before") {
		t.Errorf("%v, and the log says %q", err, log.String())
	}
	if err := os.Remove(filepath.Join(dir, "asterisk.conf")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.writeOrUseThere(t.Context(), dir, inst, slog.New(slog.DiscardHandler), rings); err == nil {
		t.Error("it starts with nothing")
	}
}
