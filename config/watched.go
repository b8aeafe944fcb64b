package config

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
)

// Watched is a ringfence.toml that is looked at again and again, because people change it while Ringfence runs.
type Watched struct {
	file, data string
	seen       []byte // what was last judged
	candidate  []byte // another text that the last look found: it may be half of what is being written
}

// Watch begins with the file as it is now.
func Watch(file, data string) *Watched {
	w := &Watched{file: file, data: data}
	w.seen = w.read()
	w.candidate = w.seen
	return w
}

// read is the file's text; nil if it is not there.
func (w *Watched) read() []byte {
	text, err := os.ReadFile(w.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return w.seen // unreadable for a moment, or for longer: Read says so when it matters
	}
	return text
}

// sameText compares two texts of the file. An empty one is not the same as none.
func sameText(a, b []byte) bool { return bytes.Equal(a, b) && (a == nil) == (b == nil) }

// Changed reads the settings if their file is another than before, and has been so for two looks. Each change is reported once, even a wrong one: the
// error says what is wrong, with the line.
func (w *Watched) Changed() (s Settings, changed bool, err error) {
	now := w.read()
	stands := sameText(now, w.candidate)
	w.candidate = now
	if !stands || sameText(now, w.seen) {
		return Settings{}, false, nil
	}
	w.seen = now
	s, err = Read(w.file, w.data)
	return s, true, err
}
