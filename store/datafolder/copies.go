package datafolder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ringfence/store/sqlite"
)

// Backups is the folder of copies of the database. The start of a copy's name says what it was made for, and the rest when.
const (
	Backups       = "backups"
	copySuffix    = ".db"
	unprovenAfter = ".new" // behind the name of a copy that is being made
	// abandonedAfter is how long nobody has written to a copy that is being made, when whoever made it must have been killed.
	abandonedAfter = time.Hour
)

// Copy is a copy of the database.
type Copy struct {
	Path string
	Made time.Time
}

// ListCopies lists the copies whose names start with a prefix, the newest first.
func ListCopies(data, prefix string) (all []Copy, err error) {
	entries, err := os.ReadDir(filepath.Join(data, Backups))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(entries) {
		name, ours := strings.CutPrefix(e.Name(), prefix)
		name, whole := strings.CutSuffix(name, copySuffix)
		if made, err := time.Parse(Stamp, name); ours && whole && err == nil {
			all = append(all, Copy{filepath.Join(data, Backups, e.Name()), made})
		}
	}
	return all, nil
}

// AddCopy adds a copy, which write writes and checks. It gets its name only once that has succeeded and it is on the disk.
func AddCopy(data, prefix string, now time.Time, write func(path string) error) (path string, err error) {
	folder := filepath.Join(data, Backups)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	path = filepath.Join(folder, prefix+now.UTC().Format(Stamp)+copySuffix)
	unproven := path + unprovenAfter
	if err := sqlite.Remove(unproven); err != nil { // left by a program that was killed
		return "", err
	}
	defer func() { err = errors.Join(err, sqlite.Remove(unproven)) }()
	if err := write(unproven); err != nil {
		return "", err
	}
	if err := sqlite.SyncFile(unproven); err != nil {
		return "", err
	}
	if err := os.Rename(unproven, path); err != nil {
		return "", err
	}
	return path, sqlite.SyncFolder(folder)
}

// RemoveUnfinished deletes copies that a killed program has left half made. They take room that the next copy needs, and nobody would find them.
func RemoveUnfinished(data string, now time.Time) error {
	folder := filepath.Join(data, Backups)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if !strings.Contains(e.Name(), copySuffix+unprovenAfter) { // SQLite's own files beside it begin with its name
			continue
		}
		info, gone := e.Info()
		if gone == nil && now.Sub(info.ModTime()) > abandonedAfter {
			err = errors.Join(err, os.Remove(filepath.Join(folder, e.Name())))
		}
	}
	return err
}
