package storetest

import (
	"io/fs"
	"os"
	"testing/fstest"
)

// ReadFolder reads a folder and all that is in it. Tests that begin with the same households each put a copy where they want it (os.CopyFS): making them
// again takes many times as long.
func ReadFolder(folder string) (fstest.MapFS, error) {
	files := fstest.MapFS{}
	in := os.DirFS(folder)
	return files, fs.WalkDir(in, ".", func(path string, at fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		file := &fstest.MapFile{Mode: at.Type()}
		if !at.IsDir() {
			file.Data, err = fs.ReadFile(in, path)
		}
		files[path] = file
		return err
	})
}
