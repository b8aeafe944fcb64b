package prompts

import (
	"os"
	"path/filepath"
)

// writtenFile says of which recordings a folder has all files, so that they need not be unpacked or read at each start.
const writtenFile = ".written"

func areWritten(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, writtenFile))
	if err != nil || len(text) == 0 || string(text) != digest() {
		return false
	}
	for _, language := range Languages() {
		for _, id := range All() {
			narrow, wide := sizes(language, id)
			if !hasSize(fileOf(dir, language, id, Narrow), narrow) || !hasSize(fileOf(dir, language, id, Wide), wide) {
				return false
			}
		}
		for _, id := range []ID{Tone, Waiting, Silence} {
			if _, err := os.Stat(fileOf(dir, language, id, Wide)); err != nil {
				return false
			}
		}
	}
	return true
}

func hasSize(file string, size int64) bool {
	info, err := os.Stat(file)
	return err == nil && info.Size() == size
}

func noteWritten(dir string) error { return replace(filepath.Join(dir, writtenFile), []byte(digest())) }
