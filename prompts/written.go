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
	lacking, err := Lacking(dir)
	return err == nil && lacking == 0
}

// Lacking counts the recordings that a folder of Write's should have, and has not, or not whole. The error is that of looking into it.
func Lacking(dir string) (count int, err error) {
	if _, err := os.ReadDir(dir); err != nil {
		return 0, err
	}
	for _, language := range Languages() {
		for _, id := range All() {
			narrow, wide := sizes(language, id)
			for rate, size := range map[Rate]int64{Narrow: narrow, Wide: wide} {
				if !hasSize(fileOf(dir, language, id, rate), size) {
					count++
				}
			}
		}
		for _, id := range made {
			for _, rate := range []Rate{Narrow, Wide} {
				if _, err := os.Stat(fileOf(dir, language, id, rate)); err != nil {
					count++
				}
			}
		}
	}
	return count, nil
}

func hasSize(file string, size int64) bool {
	info, err := os.Stat(file)
	return err == nil && info.Size() == size
}
