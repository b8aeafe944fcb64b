package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ringfence/calllog"
	"ringfence/screening"
)

// The command writes what is kept of one household into a new file that only its owner can read, or to standard output, and says so in the audit log.
func TestExportByCommand(t *testing.T) {
	beside(t)
	h := newHome(t, usualSettings+`
[[household]]
name = "other"
trunk = "line"
[[household.phone]]
name = "hall"
password = "dry otters in 9 boats"
`)
	h.says(0, "", "--household", "home", "calls") // which makes both
	db := h.store()
	call, err := db.CallArrived(t.Context(), "home", "1.1", time.Now(), screening.Identity{}, screening.Caller{Number: "+442079460666"}, screening.Verdict{}, calllog.MessageLeft)
	if err == nil {
		err = db.Keep(t.Context(), call, calllog.RecordedMessage, []byte("RIFF"), time.Second)
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	file := filepath.Join(t.TempDir(), "home.zip")
	out := h.says(0, file, "--household", "home", "export", file)
	if !strings.Contains(out, "Somebody exported everything that is kept about this household: 1 call and 1 recording.") {
		t.Error(out)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	whole, err := os.ReadFile(file)
	if err != nil || !isExport(whole, "+442079460666") {
		t.Errorf("it is no export: %v", err)
	}
	h.says(1, "exists already: choose another name", "--household", "home", "export", file)
	if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, whole) {
		t.Errorf("it was overwritten: %v", err)
	}
	code, zipped, errOut := h.run("--household", "other", "export", "-")
	if code != 0 || errOut != "" || !isExport([]byte(zipped), "[]") || strings.Contains(zipped, "2079460666") {
		t.Errorf("%d %q", code, errOut)
	}
	h.says(1, "the export cannot be written: ", "--household", "home", "export", filepath.Join(t.TempDir(), "nowhere", "home.zip"))
	h.says(2, "say which with --household", "export", file)
	db = h.store()
	defer func() { _ = db.Close() }()
	for household, times := range map[string]int{"home": 1, "other": 1} {
		lines, err := db.AuditLog(t.Context(), household, 0, 10)
		if err != nil || len(lines) != times || lines[0].What != "exported" || lines[0].By != "command line" {
			t.Errorf("the audit log of %s has %+v, %v", household, lines, err)
		}
	}
}

// isExport says whether a zip is whole and has these calls.
func isExport(whole []byte, calls string) bool {
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		return false
	}
	f, err := z.Open("calls.json")
	if err != nil {
		return false
	}
	text, err := io.ReadAll(f)
	return err == nil && strings.Contains(string(text), calls)
}

// An export that fails half way leaves no file, and one that was there stays.
func TestWriteNewLeavesNothingHalf(t *testing.T) {
	beside(t)
	folder := t.TempDir()
	path := filepath.Join(folder, "home.zip")
	_, err := writeNew(path, func(w io.Writer) error {
		_, _ = io.WriteString(w, strings.Repeat("half of it", 1<<17))
		return context.Canceled
	})
	left, err2 := os.ReadDir(folder)
	if !errors.Is(err, context.Canceled) || err2 != nil || len(left) > 0 {
		t.Errorf("%v, and %v is left", err, left)
	}
}
