package config

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
)

// Watched is a ringfence.toml that is looked at again and again, because people change it while Ringfence runs. Where lines and households are in the
// database, their copy is looked at too.
type Watched struct {
	file, data string
	now        Settings // that were read last
	seen       texts    // what was last judged
	candidate  []byte   // another text that the last look found: it may be half of what is being written
}

// texts are those that settings are read from; nil is one that is not there.
type texts struct{ file, homes []byte }

func (t texts) same(other texts) bool {
	return sameText(t.file, other.file) && sameText(t.homes, other.homes)
}

// Watch begins with the file as it is now.
func Watch(file, data string) *Watched {
	w := &Watched{file: file, data: data}
	w.now, _ = Read(file, data) // whoever runs with it has read it
	w.seen = w.read()
	w.candidate = w.seen.file
	return w
}

// read reads both texts.
func (w *Watched) read() texts {
	now := texts{file: w.seen.file}
	text, err := os.ReadFile(w.file)
	switch {
	case err == nil:
		now.file = text
	case errors.Is(err, fs.ErrNotExist):
		now.file = nil
	} // unreadable for a moment, or for longer: Read says so when it matters
	if w.now.InDatabase() {
		now.homes, _ = w.now.readHomes() // likewise
	}
	return now
}

// sameText compares two texts of the file. An empty one is not the same as none.
func sameText(a, b []byte) bool { return bytes.Equal(a, b) && (a == nil) == (b == nil) }

// Changed reads the settings if they are others than before. Those that people write have to be so for two looks. Each change is reported once, even a
// wrong one: the error says what is wrong, with the line.
func (w *Watched) Changed() (s Settings, changed bool, err error) {
	now := w.read()
	stands := sameText(now.file, w.candidate)
	w.candidate = now.file
	if !stands || now.same(w.seen) {
		return Settings{}, false, nil
	}
	w.seen = now
	s, err = Read(w.file, w.data)
	w.now = s
	return s, true, err
}
