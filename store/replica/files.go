package replica

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"ringfence/store/sqlite"
)

// Pair is a folder, and its copy in the replica. Files in it are small, and change by being replaced.
type Pair struct {
	From, To string
	Wanted   func(name string) bool // nil: all names that IsMediaName allows
}

// copying begins the names of files that are being copied.
const copying = ".new-"

// All makes the copy the same as the folder, whatever either has. If the folder cannot be read, nothing is deleted.
func (p Pair) All(ctx context.Context) error {
	names, err := namesIn(p.From)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.To, 0o700); err != nil {
		return err
	}
	there, err := namesIn(p.To)
	if err != nil {
		return err
	}
	for name := range there {
		if !names[name] || !p.Wanted(name) {
			err = errors.Join(err, remove(filepath.Join(p.To, name)))
		}
	}
	if err != nil {
		return err
	}
	return p.Some(ctx, names)
}

// Some does so for some names.
func (p Pair) Some(ctx context.Context, names map[string]bool) error {
	var errs []error
	copied := false
	for name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !p.Wanted(name) {
			continue
		}
		did, err := copyFile(filepath.Join(p.From, name), filepath.Join(p.To, name))
		errs = append(errs, err)
		copied = copied || did
	}
	if copied {
		errs = append(errs, sqlite.SyncFolder(p.To))
	}
	return errors.Join(errs...)
}

// namesIn are the names of the regular files in a folder.
func namesIn(folder string) (names map[string]bool, err error) {
	entries, err := os.ReadDir(folder)
	names = map[string]bool{}
	for _, e := range entries {
		if e.Type().IsRegular() {
			names[e.Name()] = true
		}
	}
	return names, err
}

// copyFile makes one file the same as another: a copy with its time, no file where there is none. did says that it was copied: one with the same size and
// time is there already.
func copyFile(from, to string) (did bool, err error) {
	f, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return false, remove(to)
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return false, err
	}
	if there, err := os.Lstat(to); err == nil && there.Size() == info.Size() && there.ModTime().Equal(info.ModTime()) {
		return false, nil
	}
	w, err := os.CreateTemp(filepath.Dir(to), copying) // mode 0600
	if err != nil {
		return false, err
	}
	defer func() { _ = os.Remove(w.Name()) }() // gone already once it has been renamed
	_, err = io.Copy(w, f)
	if err := errors.Join(err, w.Sync(), w.Close()); err != nil {
		return false, err
	}
	if err := os.Chtimes(w.Name(), info.ModTime(), info.ModTime()); err != nil {
		return false, err
	}
	return true, os.Rename(w.Name(), to)
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
