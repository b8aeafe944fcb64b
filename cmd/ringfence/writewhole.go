package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"

	"ringfence/store/sqlite"
)

// writeWhole writes a file that only its owner can read, whole or not at all. It is on the disk when writeWhole returns; until then an older file
// stays.
func writeWhole(path string, write func(io.Writer) error) (size int64, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already once it has been renamed
	buffered := bufio.NewWriterSize(f, 1<<18)
	err = write(buffered)
	if err == nil {
		err = errors.Join(buffered.Flush(), f.Sync())
	}
	info, failed := f.Stat()
	if err := errors.Join(err, failed, f.Close()); err != nil {
		return 0, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return 0, err
	}
	// Some file systems of USB sticks and network shares cannot sync a folder; the file itself is on the disk.
	_ = sqlite.SyncFolder(filepath.Dir(path))
	return info.Size(), nil
}
