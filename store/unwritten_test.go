package store

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Lines that cannot be read are kept, with the recordings that they name, and the household is told for as long as the file is there.
func TestUnreadableLinesAreKept(t *testing.T) {
	s, path := open(t)
	data := filepath.Dir(path)
	const half = `[{"line":"kept","args":[7,"message","7-message.wav",`
	must(t, os.WriteFile(filepath.Join(data, unwrittenFile), []byte(half), 0o600))
	recording := filepath.Join(s.recordings, "7-message.wav")
	must(t, os.WriteFile(recording, []byte("RIFF"), 0o600))
	must(t, os.Chtimes(recording, time.Time{}, time.Now().Add(-2*orphanAge)))
	if file, _, err := Unreadable(data); file != "" || err != nil {
		t.Errorf("%q %v", file, err)
	}
	var log strings.Builder
	w, err := s.WriteBehind(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), func() {})
	must(t, err)
	w.Close()
	file, found, err := Unreadable(data)
	must(t, err)
	if kept, err := os.ReadFile(file); err != nil || string(kept) != half || time.Since(found) > time.Hour {
		t.Errorf("%q of %v: %v", kept, found, err)
	}
	if _, err := os.Stat(filepath.Join(data, unwrittenFile)); err == nil {
		t.Error("the next start finds it again")
	}
	if !strings.Contains(log.String(), filepath.Base(file)) {
		t.Errorf("the log does not say where it is: %s", &log)
	}
	must(t, s.Expire(t.Context(), time.Now().Add(time.Minute)))
	if _, err := os.Stat(recording); err != nil {
		t.Errorf("a recording that it names is gone: %v", err)
	}
	must(t, os.Remove(file))
	must(t, s.Expire(t.Context(), time.Now().Add(time.Minute)))
	if _, err := os.Stat(recording); err == nil {
		t.Error("the recording stays for ever")
	}
}
